import { arrayLiteral, joinedTexts } from '../store/column-arrays.js';
import type { FlightStatement } from '../store/flight.js';

/** The statements of a batch. All run on one pipelined connection, inside one transaction scoped to the tenant. */

/** Keys as columns: kind codes and normalised values, sorted and without repeats. */
export interface KeyColumns {
  kinds: number[];
  values: string[];
}

/** Where one key leads. */
export interface ResolvedKeyRow {
  kind: number;
  value: string;
  id: string;
}

/**
 * Where the keys lead. The LIMIT keeps the planner to one index lookup a key: joined freely, and before the tables had
 * statistics, it walked through all contacts of the tenant instead (226 ms for 200 keys against 0.4).
 */
export function resolveKeys(tenantId: string, keys: KeyColumns): FlightStatement {
  return {
    name: 'resolve_keys',
    text: `SELECT k.kind, k.value, i.contact_id AS id
      FROM unnest($2::smallint[], string_to_array($3, U&'\\001E')) AS k(kind, value)
      CROSS JOIN LATERAL (SELECT contact_id FROM contact_identities
        WHERE tenant_id = $1 AND kind = k.kind AND value = k.value LIMIT 1) AS i`,
    values: [tenantId, arrayLiteral(keys.kinds), joinedTexts(keys.values)],
  };
}

/** The database's clock, the number of this batch in the order of recording, and the transaction's id. Drawn under the lock. */
export interface BatchClockRow {
  now: number;
  batch: string;
  xid: string;
}

export const BATCH_CLOCK: FlightStatement = {
  name: 'batch_clock',
  text: `SELECT clock_timestamp() AS now, nextval('recording_batches') AS batch, pg_current_xact_id()::text AS xid`,
};

/** Makes identities lead to contacts, in sorted order (unsorted, two batches deadlock). Answers those that were free. */
export function insertIdentities(
  tenantId: string,
  rows: { kind: number; value: string; contactId: string }[],
): FlightStatement {
  return {
    name: 'insert_identities',
    text: `INSERT INTO contact_identities (tenant_id, kind, value, contact_id)
      SELECT $1, r.kind, r.value, r.contact_id
      FROM unnest($2::smallint[], string_to_array($3, U&'\\001E'), $4::uuid[]) AS r(kind, value, contact_id)
      ORDER BY r.kind, r.value ON CONFLICT DO NOTHING RETURNING kind, value`,
    values: [
      tenantId,
      arrayLiteral(rows.map((row) => row.kind)),
      joinedTexts(rows.map((row) => row.value)),
      arrayLiteral(rows.map((row) => row.contactId)),
    ],
  };
}

/** The profiles of contacts as JSON under their column names. */
export function readContacts(tenantId: string, ids: string[]): FlightStatement {
  return {
    name: 'read_contacts_json',
    text: 'SELECT to_jsonb(c) AS columns FROM contacts c WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[])',
    values: [tenantId, arrayLiteral(ids)],
  };
}

/** Profile and list entries that are later than an entry about to be written: what they say stands. */
export interface LaterEntryRow {
  contact_id: string;
  occurred_at: number;
  kind: number;
  type: string;
  body: string | null;
}

export function readLaterEntries(tenantId: string, ids: string[], afterMs: number[]): FlightStatement {
  return {
    name: 'read_later_entries',
    text: `SELECT t.contact_id, t.occurred_at, t.kind, t.type, t.body
      FROM unnest($2::uuid[], $3::float8[]) AS x(id, after_ms)
      CROSS JOIN LATERAL (SELECT * FROM timeline
        WHERE tenant_id = $1 AND contact_id = x.id AND occurred_at > to_timestamp(x.after_ms / 1000) AND kind IN (2, 3)
        OFFSET 0) AS t`,
    values: [tenantId, arrayLiteral(ids), arrayLiteral(afterMs)],
  };
}

/** Makes the lists that are new, in sorted order; answers nothing. */
export function insertLists(tenantId: string, keys: string[], ids: string[]): FlightStatement {
  return {
    name: 'insert_lists',
    text: `INSERT INTO contact_lists (tenant_id, key, id)
      SELECT $1, r.key, r.id FROM unnest(string_to_array($2, U&'\\001E'), $3::uuid[]) AS r(key, id)
      ORDER BY r.key ON CONFLICT DO NOTHING`,
    values: [tenantId, joinedTexts(keys), arrayLiteral(ids)],
  };
}

/** Which of the contacts are on which of the lists; a row with null for a list without any of them. */
export interface MembershipRow {
  key: string;
  list_id: string;
  contact_id: string | null;
}

export function readMemberships(tenantId: string, keys: string[], contactIds: string[]): FlightStatement {
  return {
    name: 'read_memberships',
    text: `SELECT l.key, l.id AS list_id, m.contact_id
      FROM unnest(string_to_array($2, U&'\\001E')) AS k(key)
      JOIN contact_lists l ON l.tenant_id = $1 AND l.key = k.key
      LEFT JOIN list_members m ON m.tenant_id = $1 AND m.list_id = l.id AND m.contact_id = ANY ($3::uuid[])`,
    values: [tenantId, joinedTexts(keys), arrayLiteral(contactIds)],
  };
}

export interface MembershipChange {
  listId: string;
  contactId: string;
  joinedAtMs: number;
}

export function insertMembers(tenantId: string, rows: MembershipChange[]): FlightStatement {
  return {
    name: 'insert_members',
    text: `INSERT INTO list_members (tenant_id, list_id, contact_id, joined_at)
      SELECT $1, r.list_id, r.contact_id, to_timestamp(r.joined_at / 1000)
      FROM unnest($2::uuid[], $3::uuid[], $4::float8[]) AS r(list_id, contact_id, joined_at) ON CONFLICT DO NOTHING`,
    values: [
      tenantId,
      arrayLiteral(rows.map((row) => row.listId)),
      arrayLiteral(rows.map((row) => row.contactId)),
      arrayLiteral(rows.map((row) => row.joinedAtMs)),
    ],
  };
}

export function deleteMembers(tenantId: string, rows: MembershipChange[]): FlightStatement {
  return {
    name: 'delete_members',
    text: `DELETE FROM list_members m USING unnest($2::uuid[], $3::uuid[]) AS r(list_id, contact_id)
      WHERE m.tenant_id = $1 AND m.list_id = r.list_id AND m.contact_id = r.contact_id`,
    values: [
      tenantId,
      arrayLiteral(rows.map((row) => row.listId)),
      arrayLiteral(rows.map((row) => row.contactId)),
    ],
  };
}

/** One row of `timeline` to insert. */
export interface TimelineInsert {
  contactId: string;
  occurredAtMs: number;
  seq: number;
  id: string;
  kind: number;
  type: string;
  body: string | null;
}

export function insertTimeline(tenantId: string, rows: TimelineInsert[], nowMs: number): FlightStatement {
  return {
    name: 'insert_timeline',
    text: `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, body, recorded_at)
      SELECT $1, r.contact_id, to_timestamp(r.occurred_at / 1000), r.seq, r.id, r.kind, coalesce(r.type, ''),
        nullif(r.body, ''), to_timestamp($9::float8 / 1000)
      FROM unnest($2::uuid[], $3::float8[], $4::bigint[], $5::uuid[], $6::smallint[],
        string_to_array($7, U&'\\001E'), string_to_array($8, U&'\\001E'))
        AS r(contact_id, occurred_at, seq, id, kind, type, body)`,
    values: [
      tenantId,
      arrayLiteral(rows.map((row) => row.contactId)),
      arrayLiteral(rows.map((row) => row.occurredAtMs)),
      arrayLiteral(rows.map((row) => row.seq)),
      arrayLiteral(rows.map((row) => row.id)),
      arrayLiteral(rows.map((row) => row.kind)),
      joinedTexts(rows.map((row) => row.type)),
      joinedTexts(rows.map((row) => row.body)),
      nowMs,
    ],
  };
}
