import type { SqlParameters } from '../../store/sql-parameters.js';
import type { AnalyticsScope } from './analytics-scope.js';
import { scopeContacts } from './scope-contacts.js';
import { type ScoredModel, scoreRowsSql } from './score-rows.js';

/** The time in which outcomes count, ms since 1970: from `fromMs` on and before `toMs`. */
export interface OutcomeSpan {
  fromMs: number;
  toMs: number;
}

/**
 * The leads of a scope as a subquery: contacts with an entry before the span's end and no outcome before its beginning. One
 * outcome a lead, as it is known at the end: the first that won it, else the first that lost it. Beside the columns of
 * the table: `won`, `lost`, and `cut_ms`, the instant of the outcome or the span's end; what a lead did or had from then on is no
 * cause of anything and must not be counted.
 * @param table where leads are read from; the tables of scores have their outcomes as well, under a version of a model: joining
 *   `contact_facts` with one took 1.1 s of a million contacts, reading one 0.5 s.
 * @param parameters those of the statement, whose `$1` is the tenant.
 */
export function leadsSql(
  scope: AnalyticsScope,
  span: OutcomeSpan,
  parameters: SqlParameters,
  table: 'contact_facts' | 'score_paths' | 'score_gains',
  model: ScoredModel = scope.model,
): string {
  const from = parameters.shared('beginning of the span', 'bigint', () => span.fromMs);
  const to = parameters.shared('end of the span', 'bigint', () => span.toMs);
  const rows =
    table === 'contact_facts'
      ? `FROM contact_facts f WHERE f.tenant_id = $1${scopeContacts(scope, parameters, 'f.contact_id')}`
      : scoreRowsSql(table, 'f', scope, parameters, model);
  const settled = `CASE WHEN f.won_ms < ${to} THEN f.won_ms WHEN f.lost_ms < ${to} THEN f.lost_ms END`;
  return `(SELECT f.*, coalesce(f.won_ms < ${to}, FALSE) AS won,
      coalesce(f.lost_ms < ${to}, FALSE) AND NOT coalesce(f.won_ms < ${to}, FALSE) AS lost,
      coalesce(${settled}, ${to}) AS cut_ms
    ${rows} AND f.first_ms < ${to} AND coalesce(${settled} >= ${from}, TRUE))`;
}
