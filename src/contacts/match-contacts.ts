import type pg from 'pg';
import type { ContactFilter } from '../store/contact-filter.js';
import { findModel } from '../store/find-model.js';
import { SqlParameters } from '../store/sql-parameters.js';
import { type FilterScope, filterSql } from './filter-sql.js';

/**
 * For which of some contacts which of some filters hold: two statements at most, however many filters. Contacts that were merged
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
  const match = { client, tenantId, filters, scope };
  const primary = findModel(scope.active, null);
  const scored = primary
    ? await matchAmong(match, contactIds, primary.modelId)
    : new Map<string, boolean[]>();
  const others = contactIds.filter((id) => !scored.has(id));
  return others.length === 0 ? scored : new Map([...scored, ...(await matchAmong(match, others, null))]);
}

interface Match {
  client: pg.ClientBase;
  tenantId: string;
  filters: readonly ContactFilter[];
  scope: FilterScope;
}

/**
 * @param joinedModelId when given, contacts without a score on it are left out, and all filters share one look at that score
 * (three bands of it took 120 us a contact when each looked for itself).
 */
async function matchAmong(
  { client, tenantId, filters, scope }: Match,
  contactIds: readonly string[],
  joinedModelId: string | null,
): Promise<Map<string, boolean[]>> {
  const parameters = new SqlParameters();
  parameters.add(tenantId, 'uuid');
  const ids = parameters.add(contactIds, 'uuid[]');
  const scores = joinedModelId === null ? undefined : { modelId: joinedModelId, joined: true };
  const model = scores && parameters.shared(`model ${scores.modelId}`, 'uuid', () => scores.modelId);
  const flags = filters.map((filter) => filterSql(filter, { ...scope, scores }, parameters));
  // OFFSET 0 keeps the planner to one index lookup a contact.
  const { rows } = await client.query<{ id: string; flags: boolean[] }>(
    `SELECT c.id, ARRAY[${flags.join(', ')}]::boolean[] AS flags FROM unnest(${ids}) AS k(id)
     CROSS JOIN LATERAL (SELECT * FROM contacts
       WHERE tenant_id = $1 AND id = k.id AND merged_into IS NULL OFFSET 0) AS c
     ${model ? `CROSS JOIN LATERAL (SELECT * FROM contact_scores WHERE tenant_id = $1 AND contact_id = k.id AND model_id = ${model} OFFSET 0) AS s` : ''}`,
    parameters.values,
  );
  return new Map(rows.map((row) => [row.id, row.flags]));
}
