import type { SqlParameters } from '../../store/sql-parameters.js';
import type { AnalyticsScope } from './analytics-scope.js';
import { scopeContacts } from './scope-contacts.js';

/** What is kept of the scores on each model, a row a contact. */
export type ScoreTable = 'score_paths' | 'dimension_paths' | 'score_gains';

/** The version of a model that scores are of. */
export interface ScoredModel {
  modelId: string;
  version: number;
}

/**
 * FROM and WHERE of a statement over the contacts of the scope: one row each, under the current version of a model.
 * @param alias of the table.
 * @param parameters those of the statement, whose `$1` is the tenant.
 */
export function scoreRowsSql(
  table: ScoreTable,
  alias: string,
  scope: AnalyticsScope,
  parameters: SqlParameters,
  model: ScoredModel = scope.model,
): string {
  return `FROM ${table} ${alias}
    WHERE ${ofModelSql(alias, model, parameters)}${scopeContacts(scope, parameters, `${alias}.contact_id`)}`;
}

/** The rows of some contacts on a model, as the rest of a FROM clause. @param contactId the column they are joined by. */
export function joinScoresSql(
  table: ScoreTable,
  alias: string,
  contactId: string,
  model: ScoredModel,
  parameters: SqlParameters,
): string {
  return `JOIN ${table} ${alias} ON ${ofModelSql(alias, model, parameters)} AND ${alias}.contact_id = ${contactId}`;
}

function ofModelSql(alias: string, { modelId, version }: ScoredModel, parameters: SqlParameters): string {
  return `${alias}.tenant_id = $1 AND ${alias}.model_id = ${parameters.add(modelId, 'uuid')}
    AND ${alias}.version = ${parameters.add(version, 'int')}`;
}

/**
 * A column that keeps PostgreSQL from merging a subquery into the one around it: what it selects is computed once a row, and is
 * taken for one of few values when it is grouped by, so that helpers group before they hand over. A set of one.
 */
export const NOT_MERGED_SQL = `unnest('{0}'::int[]) AS once`;

/**
 * The place in an ascending column of instants of the last one before an instant; 0 when there is none.
 * @param column with its alias: `p.total_ms`.
 * @param beforeMs SQL of an instant, ms since 1970.
 */
export function placeBeforeSql(column: string, beforeMs: string): string {
  return `width_bucket(${beforeMs} - 1, ${column})`;
}
