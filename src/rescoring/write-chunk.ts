import { arrayLiteral } from '../store/column-arrays.js';
import { Flight, type FlightStatement } from '../store/flight.js';
import { type ClaimedJob, jobProgressNote } from '../store/jobs/job-claims.js';
import { advanceChunk, type ChunkScope, type ChunkScores, writeChunk } from './advance-chunk.js';
import { type ReadChunk, readStamps, type StampDbRow, stampsOf } from './read-chunk.js';

/**
 * Writes a chunk that was read and scored without locks: locks its contacts, scores those again that were written to
 * meanwhile, and notes the job's progress, all in the caller's transaction. Its closing fails with SQLSTATE
 * `EPOCH_MOVED_SQLSTATE` when a model was published meanwhile.
 * @returns false when the job is no longer this process's; nothing is written then.
 */
export async function writeReadChunk(
  scope: ChunkScope,
  job: ClaimedJob,
  chunk: ReadChunk,
  scores: ChunkScores,
): Promise<boolean> {
  const { client, tenantId } = scope;
  // Waits for busy contacts: whoever holds one need not be writing its score.
  const flight = new Flight();
  const locked = flight.add<{ id: string }>(lockChunk(tenantId, chunk.contactIds));
  const stamped = flight.add<StampDbRow>(readStamps(tenantId, chunk.contactIds));
  const progress = { done: chunk.contactIds.length, cursor: chunk.lastId, total: null };
  const noted = flight.add(jobProgressNote(job, progress));
  await flight.send(client);
  if (noted().rows.length === 0) return false;
  const here = new Set(locked().rows.map((row) => row.id));
  const now = stampsOf(stamped().rows);
  const asRead = new Map(chunk.contacts.map(({ contactId, stamp }) => [contactId, stamp]));
  const isAsRead = (contactId: string) =>
    here.has(contactId) && asRead.get(contactId) === (now.get(contactId) ?? '');
  const moved = [...here].filter((contactId) => !isAsRead(contactId));
  if (moved.length > 0) await advanceChunk(scope, moved);
  const kept = moved.length > 0 || here.size < chunk.contactIds.length ? keep(scores, isAsRead) : scores;
  if (kept.rows.length > 0) writeChunk(scope, kept);
  return true;
}

/** The scores of the contacts that are still as they were read. */
function keep(scores: ChunkScores, isAsRead: (contactId: string) => boolean): ChunkScores {
  return {
    stored: scores.stored.filter((row) => isAsRead(row.contactId)),
    rows: scores.rows.filter((row) => isAsRead(row.contactId)),
    changes: scores.changes.filter((change) => isAsRead(change.contactId)),
    nowMs: scores.nowMs,
  };
}

/** Locks contacts, but for those that were merged into others. */
export function lockChunk(tenantId: string, contactIds: readonly string[]): FlightStatement {
  return {
    name: 'lock_chunk',
    text: `SELECT id FROM contacts WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND merged_into IS NULL
      ORDER BY id FOR NO KEY UPDATE`,
    values: [tenantId, arrayLiteral(contactIds)],
  };
}
