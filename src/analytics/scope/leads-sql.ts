import type { SqlParameters } from '../../store/sql-parameters.js';
import type { AnalyticsScope } from './analytics-scope.js';
import { scopeContacts } from './scope-contacts.js';

/** The time in which outcomes count, ms since 1970: from `fromMs` on and before `toMs`. */
export interface OutcomeSpan {
  fromMs: number;
  toMs: number;
}

/**
 * The leads of a scope as a subquery: contacts with an entry before the span's end and no outcome before its beginning. One
 * outcome a lead, as it is known at the end: the first that won it, else the first that lost it. Beside the columns of
 * `contact_facts`: `won`, `lost`, and `cut_ms`, the instant of the outcome or the span's end; what a lead did or had from
 * then on is no cause of anything and must not be counted.
 * @param parameters those of the statement, whose `$1` is the tenant.
 */
export function leadsSql(scope: AnalyticsScope, span: OutcomeSpan, parameters: SqlParameters): string {
  const from = parameters.shared('beginning of the span', 'bigint', () => span.fromMs);
  const to = parameters.shared('end of the span', 'bigint', () => span.toMs);
  return `(SELECT f.*, coalesce(f.won_ms < ${to}, FALSE) AS won,
      coalesce(f.lost_ms < ${to}, FALSE) AND NOT coalesce(f.won_ms < ${to}, FALSE) AS lost,
      coalesce(s.settled_ms, ${to}) AS cut_ms
    FROM contact_facts f
    CROSS JOIN LATERAL (SELECT CASE WHEN f.won_ms < ${to} THEN f.won_ms
      WHEN f.lost_ms < ${to} THEN f.lost_ms END AS settled_ms) AS s
    WHERE f.tenant_id = $1 AND f.first_ms < ${to}
      AND coalesce(s.settled_ms >= ${from}, TRUE)${scopeContacts(scope, parameters, 'f.contact_id')})`;
}

/**
 * The rows of leads in a table of scores, as the rest of a FROM clause behind `leads l`: those under the current version of a
 * model.
 */
export function joinScoresSql(
  table: 'score_paths' | 'score_gains',
  alias: string,
  { modelId, version }: { modelId: string; version: number },
  parameters: SqlParameters,
): string {
  const model = parameters.add(modelId, 'uuid');
  return `JOIN ${table} ${alias} ON ${alias}.tenant_id = $1 AND ${alias}.model_id = ${model}
    AND ${alias}.contact_id = l.contact_id AND ${alias}.version = ${parameters.add(version, 'int')}`;
}
