import type pg from 'pg';
import { arrayLiteral } from '../../store/column-arrays.js';

/**
 * Rows of touches that are taken at once, and the contacts from which on no further row is. Far more than one turn derives: whoever is
 * touched again and again is in many rows, which become few when the rest goes back.
 */
const TAKEN_ROWS_MAX = 1_000;
const TAKEN_CONTACTS_MAX = 10_000;
/** Contacts of a row that goes back at most, unless it had more. */
const ROW_CONTACTS_MAX = 1_000;
/** Rows that may wait: beyond it a pass over all contacts is quicker, and the rows are dropped for it. */
const WAITING_ROWS_MAX = 20_000;

/** A row of touches. */
interface TouchRow {
  id: string;
  contact_ids: string[];
  /** ms since 1970. */
  touched_at: number;
}

/** What waited. */
export interface Touches {
  /** The oldest first, none of them twice. */
  contactIds: string[];
  /** Where each was found. */
  rows: readonly TouchRow[];
  /** Whether more may wait than could be taken. */
  more: boolean;
  /** Whether so many waited that all of them were dropped: every contact has to be derived again. */
  overflowed: boolean;
}

/**
 * Takes touched contacts away, the oldest first: hand what is not derived to `putBack`. They come back when the transaction
 * does not commit.
 */
export async function takeTouches(client: pg.ClientBase, tenantId: string): Promise<Touches> {
  if (await overflows(client, tenantId)) {
    await client.query('DELETE FROM fact_touches WHERE tenant_id = $1', [tenantId]);
    return { contactIds: [], rows: [], more: false, overflowed: true };
  }
  const { rows } = await client.query<TouchRow>({
    name: 'take_fact_touches',
    text: `WITH taken AS (
        DELETE FROM fact_touches WHERE tenant_id = $1 AND id = ANY (ARRAY(
          SELECT id FROM (SELECT id, sum(cardinality(contact_ids)) OVER (ORDER BY id) - cardinality(contact_ids) AS before
            FROM (SELECT id, contact_ids FROM fact_touches WHERE tenant_id = $1
              ORDER BY id LIMIT ${TAKEN_ROWS_MAX}) oldest) counted
          WHERE before < ${TAKEN_CONTACTS_MAX}))
        RETURNING id, contact_ids, touched_at)
      SELECT id, contact_ids::text[], touched_at FROM taken ORDER BY taken.id`,
    values: [tenantId],
  });
  const taken = rows.reduce((sum, row) => sum + row.contact_ids.length, 0);
  return {
    contactIds: [...new Set(rows.flatMap((row) => row.contact_ids))],
    rows,
    more: rows.length === TAKEN_ROWS_MAX || taken >= TAKEN_CONTACTS_MAX,
    overflowed: false,
  };
}

async function overflows(client: pg.ClientBase, tenantId: string): Promise<boolean> {
  const { rows } = await client.query<{ overflows: boolean }>({
    name: 'fact_touches_overflow',
    text: `SELECT EXISTS (SELECT FROM fact_touches WHERE tenant_id = $1 OFFSET ${WAITING_ROWS_MAX}) AS overflows`,
    values: [tenantId],
  });
  return rows[0]?.overflows ?? false;
}

/** Lets contacts wait on, each as long as it has and where it did, all but the first `done`. */
export async function putBack(
  client: pg.ClientBase,
  tenantId: string,
  { contactIds, rows }: Touches,
  done: number,
): Promise<void> {
  const back = fewerRows(rows, new Set(contactIds.slice(done)));
  if (back.length === 0) return;
  await client.query({
    name: 'put_back_fact_touches',
    text: `INSERT INTO fact_touches (tenant_id, id, touched_at, contact_ids) OVERRIDING SYSTEM VALUE
      SELECT $1, r.id, r.touched_at, r.contact_ids::uuid[]
      FROM unnest($2::bigint[], $3::timestamptz[], $4::text[]) AS r(id, touched_at, contact_ids)`,
    values: [
      tenantId,
      back.map(({ id }) => id),
      back.map(({ touched_at }) => new Date(touched_at)),
      back.map(({ contact_ids }) => arrayLiteral(contact_ids)),
    ],
  });
}

/** The rows with these contacts alone, each of them once: neighbours together, in the place and with the instant of the older one. */
function fewerRows(rows: readonly TouchRow[], waiting: Set<string>): TouchRow[] {
  const fewer: TouchRow[] = [];
  for (const row of rows) {
    // Taken out of the set, so that a contact stays in its oldest row alone.
    const own = row.contact_ids.filter((contactId) => waiting.delete(contactId));
    if (own.length === 0) continue;
    const last = fewer.at(-1);
    if (last && last.contact_ids.length + own.length <= ROW_CONTACTS_MAX) last.contact_ids.push(...own);
    else fewer.push({ ...row, contact_ids: own });
  }
  return fewer;
}
