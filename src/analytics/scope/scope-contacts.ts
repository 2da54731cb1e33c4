import { SqlParameters } from '../../store/sql-parameters.js';
import type { AnalyticsScope } from './analytics-scope.js';

/** The parameters of a statement of a report: `$1` is the tenant. */
export function scopeParameters({ tenantId }: Pick<AnalyticsScope, 'tenantId'>): SqlParameters {
  const parameters = new SqlParameters();
  parameters.add(tenantId, 'uuid');
  return parameters;
}

/**
 * What restricts a statement to the contacts of the scope: conditions that begin with AND, or '' when all are meant. Each is a
 * join with what is looked up once, not for each contact.
 * @param parameters those of the statement, whose `$1` is the tenant.
 * @param contactId the column that holds the contact's id: `f.contact_id`.
 */
export function scopeContacts(
  { segmentIds, ownerIds }: Pick<AnalyticsScope, 'segmentIds' | 'ownerIds'>,
  parameters: SqlParameters,
  contactId: string,
): string {
  const parts: string[] = [];
  if (segmentIds) {
    const ids = parameters.shared('segments of the scope', 'uuid[]', () => segmentIds);
    parts.push(` AND ${contactId} IN (SELECT scope_m.contact_id FROM segment_members scope_m
      WHERE scope_m.tenant_id = $1 AND scope_m.segment_id = ANY(${ids}))`);
  }
  if (ownerIds) {
    const ids = parameters.shared('owners of the scope', 'uuid[]', () => ownerIds);
    parts.push(` AND ${contactId} IN (SELECT scope_c.id FROM contacts scope_c
      WHERE scope_c.tenant_id = $1 AND scope_c.owner_id = ANY(${ids}))`);
  }
  return parts.join('');
}
