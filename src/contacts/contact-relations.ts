import type pg from 'pg';
import type { ContactKeyKind } from '../store/identity.js';

/** Lists, and identities, of one contact at most; more are not shown. */
export const RELATIONS_MAX = 1_000;

/** A list that contacts join and leave. */
export interface ContactListRow {
  id: string;
  key: string;
  createdAtMs: number;
}

/** An email, externalId or anonymousId that leads to a contact. */
export interface IdentityRow {
  kind: Exclude<ContactKeyKind, 'id'>;
  value: string;
  createdAtMs: number;
}

/** A person who owns contacts. */
export interface SalesRepRow {
  id: string;
  name: string;
  email: string;
  active: boolean;
  createdAtMs: number;
}

interface ListDbRow {
  contact_id: string;
  id: string;
  key: string;
  created_at: number;
}

interface IdentityDbRow {
  contact_id: string;
  kind: number;
  value: string;
  created_at: number;
}

interface SalesRepDbRow {
  id: string;
  name: string;
  email: string;
  active: boolean;
  created_at: number;
}

const IDENTITY_KINDS: Record<number, IdentityRow['kind']> = { 1: 'email', 2: 'externalId', 3: 'anonymousId' };

/** The lists of each contact by key, `RELATIONS_MAX` at most. */
export async function readListsOfContacts(
  client: pg.ClientBase,
  tenantId: string,
  contactIds: readonly string[],
): Promise<ContactListRow[][]> {
  const { rows } = await client.query<ListDbRow>({
    name: 'contacts_lists',
    text: `SELECT k.contact_id, l.id, l.key, l.created_at FROM unnest($2::uuid[]) AS k(contact_id)
      CROSS JOIN LATERAL (SELECT l.id, l.key, l.created_at FROM list_members m
        JOIN contact_lists l ON l.tenant_id = m.tenant_id AND l.id = m.list_id
        WHERE m.tenant_id = $1 AND m.contact_id = k.contact_id ORDER BY l.key LIMIT ${RELATIONS_MAX}) l
      ORDER BY k.contact_id, l.key`,
    values: [tenantId, contactIds],
  });
  return grouped(rows, contactIds, (row) => ({ id: row.id, key: row.key, createdAtMs: row.created_at }));
}

/** The identities of each contact, emails first, the oldest of a kind first, `RELATIONS_MAX` at most. */
export async function readIdentitiesOfContacts(
  client: pg.ClientBase,
  tenantId: string,
  contactIds: readonly string[],
): Promise<IdentityRow[][]> {
  const { rows } = await client.query<IdentityDbRow>({
    name: 'contacts_identities',
    text: `SELECT k.contact_id, i.kind, i.value, i.created_at FROM unnest($2::uuid[]) AS k(contact_id)
      CROSS JOIN LATERAL (SELECT i.kind, i.value, i.created_at FROM contact_identities i
        WHERE i.tenant_id = $1 AND i.contact_id = k.contact_id
        ORDER BY i.kind, i.created_at, i.value LIMIT ${RELATIONS_MAX}) i
      ORDER BY k.contact_id, i.kind, i.created_at, i.value`,
    values: [tenantId, contactIds],
  });
  return grouped(rows, contactIds, (row) => ({
    kind: IDENTITY_KINDS[row.kind] ?? 'anonymousId',
    value: row.value,
    createdAtMs: row.created_at,
  }));
}

/** How many contacts are on each list now. */
export async function readMemberCounts(
  client: pg.ClientBase,
  tenantId: string,
  listIds: readonly string[],
): Promise<number[]> {
  const { rows } = await client.query<{ list_id: string; members: string }>({
    name: 'contacts_member_counts',
    text: `SELECT list_id, count(*) AS members FROM list_members
      WHERE tenant_id = $1 AND list_id = ANY($2::uuid[]) GROUP BY list_id`,
    values: [tenantId, listIds],
  });
  const byId = new Map(rows.map((row) => [row.list_id, Number(row.members)]));
  return listIds.map((id) => byId.get(id) ?? 0);
}

/** Sales representatives in the order of their ids; null where there is none. */
export async function readSalesReps(
  client: pg.ClientBase,
  tenantId: string,
  ids: readonly string[],
): Promise<(SalesRepRow | null)[]> {
  const { rows } = await client.query<SalesRepDbRow>({
    name: 'contacts_owners',
    text: 'SELECT id, name, email, active, created_at FROM sales_reps WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    values: [tenantId, ids],
  });
  const byId = new Map(
    rows.map(({ created_at, ...rep }): [string, SalesRepRow] => [
      rep.id,
      { ...rep, createdAtMs: created_at },
    ]),
  );
  return ids.map((id) => byId.get(id) ?? null);
}

function grouped<Row extends { contact_id: string }, T>(
  rows: Row[],
  contactIds: readonly string[],
  map: (row: Row) => T,
): T[][] {
  const groups = new Map<string, T[]>(contactIds.map((id) => [id, []]));
  for (const row of rows) groups.get(row.contact_id)?.push(map(row));
  return contactIds.map((id) => groups.get(id) ?? []);
}
