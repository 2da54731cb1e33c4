import type pg from 'pg';

/** Contacts that one transaction derives again because their timelines were touched: what one read of timelines takes. */
const TOUCHED_CONTACTS_MAX = 500;
/** Rows of touches that are looked at to find them; a row of a bulk has 1,000 contacts, and all are read to be counted. */
const TOUCH_ROWS_MAX = 100;
/** Rows that may wait: beyond it a pass over all contacts is quicker, and the rows are dropped for it. */
const WAITING_ROWS_MAX = 20_000;

/** Contacts to derive again. */
export interface Touches {
  /** At most 500. */
  contactIds: string[];
  /** Whether there may be more than could be taken. */
  more: boolean;
  /** Whether so many waited that all of them were dropped: every contact has to be derived again. */
  overflowed: boolean;
}

/**
 * Takes touched contacts away, the oldest first; a row of which only a part fits goes back shorter. They come back when the
 * transaction does not commit.
 */
export async function takeTouches(client: pg.ClientBase, tenantId: string): Promise<Touches> {
  if (await overflows(client, tenantId)) {
    await client.query('DELETE FROM fact_touches WHERE tenant_id = $1', [tenantId]);
    return { contactIds: [], more: false, overflowed: true };
  }
  const { rows } = await client.query<{ contact_ids: string[]; touched_at: number }>({
    name: 'take_fact_touches',
    text: `DELETE FROM fact_touches WHERE tenant_id = $1 AND id = ANY (ARRAY(
        SELECT id FROM (SELECT id, sum(cardinality(contact_ids)) OVER (ORDER BY id) - cardinality(contact_ids) AS before
          FROM (SELECT id, contact_ids FROM fact_touches WHERE tenant_id = $1
            ORDER BY id LIMIT ${TOUCH_ROWS_MAX}) oldest) counted
        WHERE before < ${TOUCHED_CONTACTS_MAX}))
      RETURNING contact_ids::text[], touched_at`,
    values: [tenantId],
  });
  const distinct = [...new Set(rows.flatMap((row) => row.contact_ids))];
  const rest = distinct.slice(TOUCHED_CONTACTS_MAX);
  if (rest.length > 0) await putBack(client, tenantId, rest, rows);
  const more = rows.length === TOUCH_ROWS_MAX || distinct.length >= TOUCHED_CONTACTS_MAX;
  return { contactIds: distinct.slice(0, TOUCHED_CONTACTS_MAX), more, overflowed: false };
}

async function overflows(client: pg.ClientBase, tenantId: string): Promise<boolean> {
  const { rows } = await client.query<{ overflows: boolean }>({
    name: 'fact_touches_overflow',
    text: `SELECT EXISTS (SELECT FROM fact_touches WHERE tenant_id = $1 OFFSET ${WAITING_ROWS_MAX}) AS overflows`,
    values: [tenantId],
  });
  return rows[0]?.overflows ?? false;
}

/** With the instant of the oldest, so that what still waits does not look younger than it is. */
async function putBack(
  client: pg.ClientBase,
  tenantId: string,
  contactIds: readonly string[],
  rows: readonly { touched_at: number }[],
): Promise<void> {
  const oldestMs = Math.min(...rows.map((row) => row.touched_at));
  await client.query({
    name: 'put_back_fact_touches',
    text: 'INSERT INTO fact_touches (tenant_id, contact_ids, touched_at) VALUES ($1, $2, $3)',
    values: [tenantId, contactIds, new Date(oldestMs)],
  });
}
