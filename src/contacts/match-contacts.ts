import type pg from 'pg';
import type { ContactFilter } from './contact-filter.js';
import { type FilterScope, filterSql } from './filter-sql.js';
import { SqlParameters } from './sql-parameters.js';

/**
 * For which of some contacts which of some filters hold: one statement, however many filters. Contacts that were merged
 * into others, and those that are not there, are left out.
 * @param client a connection scoped to the tenant.
 * @param filters checked ones.
 * @returns by contact id a flag for each filter, in the order of the filters.
 */
export async function matchContacts(
  client: pg.ClientBase,
  tenantId: string,
  filters: readonly ContactFilter[],
  scope: FilterScope,
  contactIds: readonly string[],
): Promise<Map<string, boolean[]>> {
  const parameters = new SqlParameters();
  parameters.add(tenantId, 'uuid');
  const ids = parameters.add(contactIds, 'uuid[]');
  const flags = filters.map((filter) => filterSql(filter, scope, parameters));
  const { rows } = await client.query<{ id: string; flags: boolean[] }>(
    `SELECT c.id, ARRAY[${flags.join(', ')}]::boolean[] AS flags FROM contacts c
     WHERE c.tenant_id = $1 AND c.id = ANY(${ids}) AND c.merged_into IS NULL`,
    parameters.values,
  );
  return new Map(rows.map((row) => [row.id, row.flags]));
}
