import type pg from 'pg';
import { asksTime } from '../contacts/saved-filter.js';
import { textCollation } from '../contacts/text-collation.js';
import type { Database } from '../store/database.js';
import type { ActiveModels } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { type GatherScope, gatherMembers } from './gather-members.js';
import { appendSegmentChanges } from './segment-changes.js';
import { byId, faultOf } from './segment-fault.js';
import { SEGMENT_COLUMNS, type SegmentDbRow, type SegmentRow, segmentRowOf } from './segment-row.js';

/** Contacts that one transaction looks at again because they were written to. */
const TOUCHED_CONTACTS_MAX = 2_000;
const TOUCH_ROWS_MAX = 1_000;
/** Contacts of a pass over all that one transaction looks at. */
const SWEEP_CONTACTS_MAX = 2_000;
/** How often segments that ask about days gone by are gone through. */
export const SWEEP_EVERY_MS = 3_600_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** What a turn did. */
export interface SegmentTurn {
  /** Whether there may be more to do at once. */
  more: boolean;
  /** Changes put into the segments' feed. */
  changes: number;
}

interface FeedRow {
  epoch: number | null;
  models: string;
  due: boolean;
  sweep_cursor: string | null;
}

/**
 * One transaction's worth of keeping the members of a tenant's segments: takes contacts that were written to, looks at
 * them again, and goes a step on with a pass over all contacts when one is due. What it takes, notes and tells commits
 * together. Does nothing while another process is at it.
 */
export async function runSegmentTurn(
  db: Database,
  tenantId: string,
  active: ActiveModels,
): Promise<SegmentTurn> {
  const collation = await textCollation(db);
  return tenantRead(db, tenantId, async (client) => {
    await client.query('BEGIN');
    try {
      const turn = await turnWithin(client, tenantId, active, collation);
      await client.query('COMMIT');
      return turn;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
  });
}

async function turnWithin(
  client: pg.ClientBase,
  tenantId: string,
  active: ActiveModels,
  collation: string,
): Promise<SegmentTurn> {
  const feed = await lockFeed(client, tenantId);
  if (!feed) return { more: false, changes: 0 };
  const { rows } = await client.query<SegmentDbRow>({
    name: 'segments',
    text: `SELECT ${SEGMENT_COLUMNS} FROM segments WHERE tenant_id = $1 ORDER BY key`,
    values: [tenantId],
  });
  const segments = rows.map(segmentRowOf);
  const saved = byId(segments);
  const scope: GatherScope = { client, tenantId, active, collation, saved };
  const usable = segments.filter((segment) => faultOf(segment, saved, active) === null);
  const { contactIds, more } = await takeTouched(client, tenantId);
  const moves = contactIds.length > 0 ? await gatherMembers(scope, usable, contactIds) : [];
  let changes = await appendSegmentChanges(client, tenantId, moves);
  const sweep = await sweepOn(scope, feed, segments, usable);
  changes += sweep.changes;
  // Those that come in meanwhile are left to gather until the next turn: a few at a time cost twice as much each.
  return { more: more || sweep.more, changes };
}

async function lockFeed(client: pg.ClientBase, tenantId: string): Promise<FeedRow | undefined> {
  await client.query({
    name: 'make_segment_feed',
    text: 'INSERT INTO segment_feeds (tenant_id, sweep_at) VALUES ($1, now()) ON CONFLICT DO NOTHING',
    values: [tenantId],
  });
  const { rows } = await client.query<FeedRow>({
    name: 'lock_segment_feed',
    text: `SELECT epoch, models, coalesce(sweep_at <= clock_timestamp(), FALSE) AS due, sweep_cursor
      FROM segment_feeds WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED`,
    values: [tenantId],
  });
  return rows[0];
}

/** Contacts to look at again. */
interface Touched {
  contactIds: string[];
  /** Whether there may be more than could be taken. */
  more: boolean;
}

/** Takes rows away and answers the contacts in them. They come back when the transaction does not commit. */
async function takeTouched(client: pg.ClientBase, tenantId: string): Promise<Touched> {
  const { rows } = await client.query<{ contact_ids: string[] }>({
    name: 'take_segment_touches',
    text: `DELETE FROM segment_touches WHERE tenant_id = $1 AND id = ANY (ARRAY(
        SELECT id FROM (SELECT id, sum(cardinality(contact_ids)) OVER (ORDER BY id)
            - cardinality(contact_ids) AS before
          FROM (SELECT id, contact_ids FROM segment_touches WHERE tenant_id = $1
            ORDER BY id LIMIT ${TOUCH_ROWS_MAX}) oldest) counted
        WHERE before < ${TOUCHED_CONTACTS_MAX}))
      RETURNING contact_ids::text[]`,
    values: [tenantId],
  });
  const ids = rows.flatMap((row) => row.contact_ids);
  return {
    contactIds: [...new Set(ids)],
    more: rows.length >= TOUCH_ROWS_MAX || ids.length >= TOUCHED_CONTACTS_MAX,
  };
}

/** Begins a pass over all contacts when one is due, and goes a step on with the one that is under way. */
async function sweepOn(
  scope: GatherScope,
  feed: FeedRow,
  segments: readonly SegmentRow[],
  usable: readonly SegmentRow[],
): Promise<SegmentTurn> {
  const { client, tenantId, active } = scope;
  const models = basisOf(active, segments, usable);
  if (feed.epoch !== active.epoch || feed.models !== models) {
    await client.query('UPDATE segment_feeds SET epoch = $2, models = $3 WHERE tenant_id = $1', [
      tenantId,
      active.epoch,
      models,
    ]);
  }
  // Everybody may have moved without having been written to.
  if (feed.models !== models && feed.models !== '') {
    await client.query(`UPDATE segments SET sweep = 'WAITING' WHERE tenant_id = $1`, [tenantId]);
    await client.query('UPDATE segment_feeds SET sweep_at = now() WHERE tenant_id = $1', [tenantId]);
    return { more: true, changes: 0 };
  }
  if (feed.sweep_cursor !== null) return sweepStep(scope, feed.sweep_cursor, segments, usable);
  if (!feed.due) return { more: false, changes: 0 };
  const wanted = segments.filter((segment) => segment.sweep || asksTime(segment.filter, scope.saved));
  await client.query(`UPDATE segments SET sweep = 'RUNNING' WHERE tenant_id = $1 AND id = ANY($2::uuid[])`, [
    tenantId,
    wanted.map((segment) => segment.id),
  ]);
  await client.query('UPDATE segment_feeds SET sweep_cursor = $2, sweep_at = NULL WHERE tenant_id = $1', [
    tenantId,
    FIRST_ID,
  ]);
  return { more: true, changes: 0 };
}

async function sweepStep(
  scope: GatherScope,
  cursor: string,
  segments: readonly SegmentRow[],
  usable: readonly SegmentRow[],
): Promise<SegmentTurn> {
  const { client, tenantId } = scope;
  const { rows } = await client.query<{ id: string }>({
    name: 'sweep_contacts',
    text: `SELECT id FROM contacts WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT ${SWEEP_CONTACTS_MAX}`,
    values: [tenantId, cursor],
  });
  const ids = rows.map((row) => row.id);
  const running = usable.filter((segment) => segment.sweep === 'RUNNING');
  const moves = ids.length > 0 ? await gatherMembers(scope, running, ids) : [];
  const changes = await appendSegmentChanges(client, tenantId, moves);
  const last = ids.at(-1);
  if (last !== undefined && ids.length === SWEEP_CONTACTS_MAX) {
    await client.query('UPDATE segment_feeds SET sweep_cursor = $2 WHERE tenant_id = $1', [tenantId, last]);
    return { more: true, changes };
  }
  await endSweep(scope, segments, running);
  return { more: segments.some((segment) => segment.sweep === 'WAITING'), changes };
}

async function endSweep(
  { client, tenantId, saved }: GatherScope,
  segments: readonly SegmentRow[],
  gathered: readonly SegmentRow[],
): Promise<void> {
  await client.query(
    `UPDATE segments SET sweep = NULL, filled = filled OR id = ANY($2::uuid[])
     WHERE tenant_id = $1 AND sweep = 'RUNNING'`,
    [tenantId, gathered.map((segment) => segment.id)],
  );
  const isWaiting = segments.some((segment) => segment.sweep === 'WAITING');
  const isTimed = segments.some((segment) => asksTime(segment.filter, saved));
  const nextMs = isWaiting ? 0 : isTimed ? SWEEP_EVERY_MS : null;
  await client.query(
    `UPDATE segment_feeds SET sweep_cursor = NULL,
       sweep_at = least(sweep_at, clock_timestamp() + $2::float8 * interval '1 ms') WHERE tenant_id = $1`,
    [tenantId, nextMs],
  );
}

/**
 * What members depend on beside what is written to contacts: which models are active, which is the primary one, and which segments
 * can be asked (the others have missed who crossed their boundaries).
 */
function basisOf(
  { models }: ActiveModels,
  segments: readonly SegmentRow[],
  usable: readonly SegmentRow[],
): string {
  const primary = models.find((model) => model.primary)?.modelId ?? 'none';
  const faulty = segments.filter((segment) => !usable.includes(segment)).map((segment) => `!${segment.id}`);
  return [primary, ...models.map((model) => model.modelId).sort(), ...faulty.sort()].join(' ');
}
