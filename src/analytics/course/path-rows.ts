import type { SqlParameters } from '../../store/sql-parameters.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeContacts } from '../scope/scope-contacts.js';

/**
 * FROM and WHERE of a statement over the contacts of the scope, as `p`: one row each, under the current version of the model.
 * @param parameters those of the statement, whose `$1` is the tenant.
 */
export function pathRows(
  table: 'score_paths' | 'dimension_paths',
  scope: AnalyticsScope,
  parameters: SqlParameters,
): string {
  const modelId = parameters.add(scope.model.modelId, 'uuid');
  const version = parameters.add(scope.model.version, 'integer');
  return `FROM ${table} p
    WHERE p.tenant_id = $1 AND p.model_id = ${modelId} AND p.version = ${version}${scopeContacts(scope, parameters, 'p.contact_id')}`;
}

/**
 * The place in an ascending column of instants of the last one before `beforeMs`; 0 when there is none.
 * @param beforeMs SQL of an instant, ms since 1970.
 */
export function placeBefore(column: 'total_ms' | 'at_ms', beforeMs: string): string {
  return `width_bucket(${beforeMs} - 1, p.${column})`;
}
