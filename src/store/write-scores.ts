import { arrayLiteral, joinedTexts } from './column-arrays.js';
import type { FlightStatement } from './flight.js';
import type { ActiveModels } from './model-registry.js';
import type { PublishedChange } from './score-cursor.js';
import type { ScoreRow } from './score-row.js';

/** What makes `write_feed` fail on purpose when the epoch has moved on: a COMMIT sent behind it then rolls back. */
export const EPOCH_MOVED_SQLSTATE = '22012';

/** Whether a transaction failed because a model was published meanwhile: it is done again with the new one. */
export function isEpochMoved(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === EPOCH_MOVED_SQLSTATE;
}

const SCORE_ARRAYS = `unnest($2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::int[], $7::int[],
    string_to_array($8, U&'\\001E'), string_to_array($9, U&'\\001E'), string_to_array($10, U&'\\001E'), $11::float8[],
    $12::float8[], $13::float8[], $14::float8[], $15::float8[], string_to_array($16, U&'\\001E'))
    AS r(contact_id, model_id, version, revision, total, previous_total, stage, label, dimensions, as_of, folded_at,
      last_activity_at, due_at, pending_at, state)`;

const INSERT_SCORES = `INSERT INTO contact_scores (tenant_id, contact_id, model_id, version, revision, total,
    previous_total, stage, label, dimensions, as_of, folded_at, last_activity_at, due_at, pending_at, state)
  SELECT $1, r.contact_id, r.model_id, r.version, r.revision, r.total, r.previous_total, r.stage, nullif(r.label, ''),
    r.dimensions::float8[], to_timestamp(r.as_of / 1000), to_timestamp(r.folded_at / 1000),
    coalesce(to_timestamp(r.last_activity_at / 1000), '-infinity'), to_timestamp(r.due_at / 1000),
    to_timestamp(r.pending_at / 1000), r.state
  FROM ${SCORE_ARRAYS}`;

const UPDATE_SCORES = `UPDATE contact_scores s SET version = r.version, revision = r.revision, total = r.total,
    previous_total = r.previous_total, stage = r.stage, label = nullif(r.label, ''),
    dimensions = r.dimensions::float8[], as_of = to_timestamp(r.as_of / 1000),
    folded_at = to_timestamp(r.folded_at / 1000),
    last_activity_at = coalesce(to_timestamp(r.last_activity_at / 1000), '-infinity'),
    due_at = to_timestamp(r.due_at / 1000), pending_at = to_timestamp(r.pending_at / 1000), state = r.state
  FROM ${SCORE_ARRAYS}
  WHERE s.tenant_id = $1 AND s.contact_id = r.contact_id AND s.model_id = r.model_id`;

/**
 * The statements that write score rows: an UPDATE of those that are stored (1.1 times as quick as INSERT ON CONFLICT
 * for them), an INSERT of the others, and a note for those who keep segments. The contacts are locked, so no other
 * transaction writes the same rows.
 * @param stored the rows as they were read under the lock.
 */
export function scoreWrites(
  { tenantId, active }: ScoreWriteScope,
  stored: readonly ScoreRow[],
  rows: readonly ScoreRow[],
): FlightStatement[] {
  const known = new Map(stored.map((row) => [row.contactId + row.modelId, row]));
  const old: ScoreRow[] = [];
  const added: ScoreRow[] = [];
  const crossing = new Set<string>();
  for (const row of rows) {
    const before = known.get(row.contactId + row.modelId);
    (before ? old : added).push(row);
    if (active.boundaries.isCrossed(before, row)) crossing.add(row.contactId);
  }
  const writes: FlightStatement[] = [];
  if (old.length > 0) {
    writes.push({ name: 'update_scores', text: UPDATE_SCORES, values: scoreColumns(tenantId, old) });
  }
  if (added.length > 0) {
    writes.push({ name: 'insert_scores', text: INSERT_SCORES, values: scoreColumns(tenantId, added) });
  }
  if (crossing.size > 0) writes.push(touchContacts(tenantId, [...crossing]));
  return writes;
}

/** Whose scores are written, and under which models and segments they were computed. */
export interface ScoreWriteScope {
  tenantId: string;
  active: Pick<ActiveModels, 'boundaries'>;
}

/**
 * Notes contacts that may belong to other segments now, also when nothing was published (a dimension, or the last activity).
 * One small row a batch; triggers on the table, which have to copy the rows for it, cost a batch a tenth.
 */
function touchContacts(tenantId: string, contactIds: readonly string[]): FlightStatement {
  return {
    name: 'touch_contacts',
    text: 'INSERT INTO segment_touches (tenant_id, contact_ids) VALUES ($1, $2::uuid[])',
    values: [tenantId, arrayLiteral(contactIds)],
  };
}

function scoreColumns(tenantId: string, rows: readonly ScoreRow[]): string[] {
  return [
    tenantId,
    arrayLiteral(rows.map((row) => row.contactId)),
    arrayLiteral(rows.map((row) => row.modelId)),
    arrayLiteral(rows.map((row) => row.version)),
    arrayLiteral(rows.map((row) => row.revision)),
    arrayLiteral(rows.map((row) => row.total)),
    arrayLiteral(rows.map((row) => row.previousTotal)),
    joinedTexts(rows.map((row) => row.stage)),
    joinedTexts(rows.map((row) => row.label)),
    joinedTexts(rows.map((row) => arrayLiteral(row.dimensions))),
    arrayLiteral(rows.map((row) => row.asOfMs)),
    arrayLiteral(rows.map((row) => row.foldedAtMs)),
    arrayLiteral(rows.map((row) => row.lastActivityAtMs)),
    arrayLiteral(rows.map((row) => row.dueAtMs)),
    arrayLiteral(rows.map((row) => row.pendingAtMs)),
    joinedTexts(rows.map((row) => row.state)),
  ];
}

/** Keys to remember beside the changes they led to. */
export interface KeyToStore {
  key: string;
  requestHash: Uint8Array;
  result: string;
  /** Index of the last change this key led to, null when it led to none. */
  lastChange: number | null;
}

/** What a transaction puts into the feed. */
export interface FeedWrite {
  /** The epoch the changes were computed with. */
  epoch: number;
  recordedAtMs: number;
  changes: readonly PublishedChange[];
  keys: readonly KeyToStore[];
  /** The earliest instant at which one of the written rows falls due. */
  dueAtMs: number | null;
}

/**
 * The last statement before COMMIT: takes as many positions as there are changes, inserts the events at them and the
 * idempotency keys with theirs. Answers `base`: change i stands at position base + i + 1.
 * Fails with `EPOCH_MOVED_SQLSTATE` when a model was published since, so that nothing of the transaction stays.
 */
export function writeFeed(tenantId: string, write: FeedWrite): FlightStatement {
  const { changes, keys } = write;
  return {
    name: keys.length > 0 ? 'write_feed_with_keys' : 'write_feed',
    text: feedStatement(keys.length > 0),
    values: [
      tenantId,
      write.epoch,
      changes.length,
      write.dueAtMs,
      write.recordedAtMs,
      arrayLiteral(changes.map((change) => change.contactId)),
      arrayLiteral(changes.map((change) => change.modelId)),
      arrayLiteral(changes.map((change) => change.version)),
      arrayLiteral(changes.map((change) => change.atMs)),
      joinedTexts(changes.map((change) => change.cause)),
      arrayLiteral(changes.map((change) => change.entry?.entry.atMs ?? null)),
      arrayLiteral(changes.map((change) => change.entry?.seq ?? null)),
      arrayLiteral(changes.map((change) => change.points)),
      arrayLiteral(changes.map((change) => change.totalBefore)),
      arrayLiteral(changes.map((change) => change.totalAfter)),
      joinedTexts(changes.map((change) => change.stageBefore)),
      joinedTexts(changes.map((change) => change.stageAfter)),
      joinedTexts(changes.map((change) => change.labelBefore)),
      joinedTexts(changes.map((change) => change.labelAfter)),
      joinedTexts(changes.map((change) => change.reasons)),
      ...(keys.length > 0 ? keyColumns(keys) : []),
    ],
  };
}

function keyColumns(keys: readonly KeyToStore[]): string[] {
  return [
    joinedTexts(keys.map((entry) => entry.key)),
    arrayLiteral(keys.map((entry) => `\\\\x${Buffer.from(entry.requestHash).toString('hex')}`)),
    joinedTexts(keys.map((entry) => entry.result)),
    arrayLiteral(keys.map((entry) => entry.lastChange)),
  ];
}

const INSERT_KEYS = `, stored_keys AS (
    INSERT INTO idempotency_keys (tenant_id, key, request_hash, result, position, created_at)
    SELECT $1, k.key, k.request_hash, k.result, feed.base + k.last_change + 1, to_timestamp($5::float8 / 1000)
    FROM feed, unnest(string_to_array($21, U&'\\001E'), $22::bytea[], string_to_array($23, U&'\\001E'), $24::int[])
      AS k(key, request_hash, result, last_change))`;

function feedStatement(withKeys: boolean): string {
  return `WITH feed AS (
    UPDATE tenant_feeds SET position = position + $3::int,
      due_at = least(due_at, to_timestamp($4::float8 / 1000))
    WHERE tenant_id = $1 AND epoch = $2 RETURNING position - $3::int AS base), events AS (
    INSERT INTO score_events (tenant_id, position, contact_id, model_id, version, at, recorded_at, cause, action_at,
      action_seq, points, total_before, total_after, stage_before, stage_after, label_before, label_after, reasons)
    SELECT $1, feed.base + c.ord, c.contact_id, c.model_id, c.version, to_timestamp(c.at / 1000),
      to_timestamp($5::float8 / 1000), c.cause, to_timestamp(c.action_at / 1000), c.action_seq, c.points,
      c.total_before, c.total_after, c.stage_before, c.stage_after, nullif(c.label_before, ''),
      nullif(c.label_after, ''), c.reasons
    FROM feed, unnest($6::uuid[], $7::uuid[], $8::int[], $9::float8[], string_to_array($10, U&'\\001E'),
      $11::float8[], $12::bigint[], $13::float8[], $14::int[], $15::int[], string_to_array($16, U&'\\001E'),
      string_to_array($17, U&'\\001E'), string_to_array($18, U&'\\001E'), string_to_array($19, U&'\\001E'),
      string_to_array($20, U&'\\001E'))
      WITH ORDINALITY AS c(contact_id, model_id, version, at, cause, action_at, action_seq, points, total_before,
        total_after, stage_before, stage_after, label_before, label_after, reasons, ord))${withKeys ? INSERT_KEYS : ''}
    SELECT max(base) AS base, 1 / count(*) AS epoch_held FROM feed`;
}
