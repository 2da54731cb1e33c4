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
 * Ends a subquery and keeps PostgreSQL from merging it into the one around it: what it selects is computed once a row, however often
 * it is used, and grouping by it is taken to make few groups, so that helpers group before they hand over (scores of a million
 * leads at an instant: 0.6 s in place of 1.1). As a text, since an integer would have to be cast first, and no helper would help.
 */
export const KEPT_APART_SQL = `OFFSET '0'`;

/**
 * How many rows have each value, as SQL: `value` and `count`.
 * @param value SQL of it.
 * @param rows FROM and WHERE of what is counted.
 */
export function countByValueSql(value: string, rows: string): string {
  return `SELECT value, count(*)::float8 AS count FROM (SELECT ${value} AS value ${rows} ${KEPT_APART_SQL}) counted GROUP BY value`;
}

/**
 * The place in an ascending column of instants of the last one before an instant; 0 when there is none.
 * @param column with its alias: `p.total_ms`.
 * @param beforeMs SQL of an instant, ms since 1970.
 */
export function placeBeforeSql(column: string, beforeMs: string): string {
  return `width_bucket(${beforeMs} - 1, ${column})`;
}
