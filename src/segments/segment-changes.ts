import type pg from 'pg';
import type { Database } from '../store/database.js';
import { tenantRead } from '../store/tenant-scope.js';
import type { MemberMove } from './gather-members.js';

/** A contact entered or left a segment: a row of `segment_changes`. */
export interface SegmentChangeRow {
  /** Gapless per tenant, in the order of commits. */
  position: bigint;
  segmentId: string;
  contactId: string;
  entered: boolean;
  /** When it was noticed, ms since 1970. */
  atMs: number;
}

/** Where the segment changes of a tenant begin and end. */
export interface SegmentFeedHead {
  position: bigint;
  /** Changes up to it are no longer kept. */
  floor: bigint;
}

/** The head as committed now; zeros when there is none. */
export async function readSegmentHead(db: Database, tenantId: string): Promise<SegmentFeedHead> {
  // Without a tenant's scope: the table holds counters alone and has no row-level security.
  const { rows } = await db.reads.query<{ position: string; floor: string }>({
    name: 'segment_head',
    text: 'SELECT position, floor FROM segment_feeds WHERE tenant_id = $1',
    values: [tenantId],
  });
  return { position: BigInt(rows[0]?.position ?? 0), floor: BigInt(rows[0]?.floor ?? 0) };
}

/** The changes after a position, in order, `limit` at most. */
export function readSegmentChanges(
  db: Database,
  tenantId: string,
  after: bigint,
  limit: number,
): Promise<SegmentChangeRow[]> {
  return tenantRead(db, tenantId, async (client) => {
    const { rows } = await client.query<{
      position: string;
      segment_id: string;
      contact_id: string;
      entered: boolean;
      at: number;
    }>({
      name: 'segment_changes',
      text: `SELECT position, segment_id, contact_id, entered, at FROM segment_changes
        WHERE tenant_id = $1 AND position > $2 ORDER BY position LIMIT $3`,
      values: [tenantId, String(after), limit],
    });
    return rows.map((row) => ({
      position: BigInt(row.position),
      segmentId: row.segment_id,
      contactId: row.contact_id,
      entered: row.entered,
      atMs: row.at,
    }));
  });
}

/**
 * Appends changes at the next positions.
 * @param client a transaction that holds the tenant's row of `segment_feeds`.
 * @returns how many.
 */
export async function appendSegmentChanges(
  client: pg.ClientBase,
  tenantId: string,
  moves: readonly MemberMove[],
): Promise<number> {
  const told = moves.filter((move) => move.told);
  if (told.length === 0) return 0;
  await client.query({
    name: 'append_segment_changes',
    text: `WITH feed AS (UPDATE segment_feeds SET position = position + $2::int WHERE tenant_id = $1
        RETURNING position - $2::int AS base)
      INSERT INTO segment_changes (tenant_id, position, segment_id, contact_id, entered, at)
      SELECT $1, feed.base + m.ord, m.segment_id, m.contact_id, m.entered, clock_timestamp()
      FROM feed, unnest($3::uuid[], $4::uuid[], $5::boolean[]) WITH ORDINALITY
        AS m(segment_id, contact_id, entered, ord)`,
    values: [
      tenantId,
      told.length,
      told.map((move) => move.segmentId),
      told.map((move) => move.contactId),
      told.map((move) => move.entered),
    ],
  });
  return told.length;
}

const DELETED_ROWS_MAX = 5_000;

/** Removes changes older than `before` and raises the floor with them. @returns whether there may be more. */
export function cutSegmentChanges(db: Database, tenantId: string, before: Date): Promise<boolean> {
  return tenantRead(db, tenantId, async (client) => {
    const { rowCount } = await client.query(
      `WITH cut AS (
         SELECT max(position) AS position FROM (
           SELECT position, at FROM segment_changes WHERE tenant_id = $1
           ORDER BY position LIMIT ${DELETED_ROWS_MAX}) AS oldest WHERE at < $2),
       floor AS (
         UPDATE segment_feeds SET floor = greatest(floor, cut.position) FROM cut
         WHERE tenant_id = $1 AND cut.position IS NOT NULL)
       DELETE FROM segment_changes WHERE tenant_id = $1 AND position <= (SELECT position FROM cut)`,
      [tenantId, before],
    );
    return (rowCount ?? 0) >= DELETED_ROWS_MAX;
  });
}
