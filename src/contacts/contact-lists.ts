import type pg from 'pg';
import type { ContactListRow } from './contact-relations.js';

/**
 * Lists by key, in the order of keys.
 * @param client a connection scoped to the tenant.
 * @param afterKey the last key that is known; null for the first ones.
 * @param text what keys have to contain, whatever the case; null for any.
 * @param limit at most.
 */
export async function readContactLists(
  client: pg.ClientBase,
  tenantId: string,
  afterKey: string | null,
  text: string | null,
  limit: number,
): Promise<ContactListRow[]> {
  const { rows } = await client.query<{ id: string; key: string; created_at: number }>({
    name: 'contact_lists',
    text: `SELECT id, key, created_at FROM contact_lists
      WHERE tenant_id = $1 AND ($2::text IS NULL OR key > $2) AND ($3::text IS NULL OR strpos(lower(key), lower($3)) > 0)
      ORDER BY key LIMIT $4`,
    values: [tenantId, afterKey, text, limit],
  });
  return rows.map((row) => ({ id: row.id, key: row.key, createdAtMs: row.created_at }));
}

/** The list of a key, or null. */
export async function readContactList(
  client: pg.ClientBase,
  tenantId: string,
  key: string,
): Promise<ContactListRow | null> {
  const { rows } = await client.query<{ id: string; key: string; created_at: number }>({
    name: 'contact_list',
    text: 'SELECT id, key, created_at FROM contact_lists WHERE tenant_id = $1 AND key = $2',
    values: [tenantId, key],
  });
  const row = rows[0];
  return row ? { id: row.id, key: row.key, createdAtMs: row.created_at } : null;
}
