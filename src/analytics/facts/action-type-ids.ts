import type pg from 'pg';
import { arrayLiteral, joinedTexts } from '../../store/column-arrays.js';

/** Action types of one tenant that have an id of their own; those that come later share `OTHER_TYPES_ID`. */
export const ACTION_TYPE_IDS_MAX = 10_000;
export const OTHER_TYPES_ID = -1;

/** Ids of action types by type. */
export async function readActionTypeIds(
  client: pg.ClientBase,
  tenantId: string,
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: number; type: string }>({
    name: 'action_type_ids',
    text: `SELECT id, type FROM action_type_ids WHERE tenant_id = $1 ORDER BY id LIMIT ${ACTION_TYPE_IDS_MAX}`,
    values: [tenantId],
  });
  return new Map(rows.map(({ id, type }) => [type, id]));
}

/**
 * Gives ids to types that have none yet. One process at a time and tenant: the caller holds the row of `fact_feeds`.
 * @returns the ids of all types.
 */
export async function addActionTypeIds(
  client: pg.ClientBase,
  tenantId: string,
  types: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const ids = await readActionTypeIds(client, tenantId);
  const missing = [...types].filter((type) => !ids.has(type)).slice(0, ACTION_TYPE_IDS_MAX - ids.size);
  if (missing.length === 0) return ids;
  const added = missing.map((type, index) => ({ type, id: ids.size + index + 1 }));
  await client.query({
    name: 'add_action_type_ids',
    text: `INSERT INTO action_type_ids (tenant_id, id, type)
      SELECT $1, r.id, r.type FROM unnest($2::int[], string_to_array($3, U&'\\001E')) AS r(id, type)`,
    values: [tenantId, arrayLiteral(added.map(({ id }) => id)), joinedTexts(added.map(({ type }) => type))],
  });
  for (const { type, id } of added) ids.set(type, id);
  return ids;
}
