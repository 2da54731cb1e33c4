import type pg from 'pg';
import { Slices } from '../slices.js';
import { type AdvanceScope, advanceContact, type ContactToAdvance } from '../store/advance-contact.js';
import { Flight, type FlightStatement } from '../store/flight.js';
import type { ActiveModels, ModelRegistry } from '../store/model-registry.js';
import { readScores } from '../store/read-scores.js';
import type { PublishedChange } from '../store/score-cursor.js';
import { type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { scoreWrites, writeFeed } from '../store/write-scores.js';
import type { ChunkTransaction } from './chunk-transaction.js';

/** How long scores are computed before whatever else the thread has to do gets its turn. */
const SLICE_MS = 4;

/** The instant that a chunk is brought to. */
export const CHUNK_CLOCK: FlightStatement = {
  name: 'chunk_clock',
  text: 'SELECT clock_timestamp() AS now',
};

export interface ClockDbRow {
  now: number;
}

/** What is needed to compute scores. */
export interface ScoringScope {
  /** A pipelined connection that is scoped to the tenant. */
  client: pg.ClientBase;
  tenantId: string;
  active: ActiveModels;
  registry: ModelRegistry;
}

/** What is needed to bring a chunk of locked contacts up to date. */
export type ChunkScope = ScoringScope & ChunkTransaction;

/** What is to be written of a chunk. */
export interface ChunkScores {
  /** The rows as they were read. */
  stored: ScoreRow[];
  /** Rows that differ from what is stored, or are not stored yet. */
  rows: ScoreRow[];
  changes: PublishedChange[];
  /** The instant that the rows were brought to. */
  nowMs: number;
}

/**
 * Brings locked contacts up to now on every active model and writes what changed, feed and all, when the transaction
 * closes; that fails with SQLSTATE `EPOCH_MOVED_SQLSTATE` when a model was published meanwhile.
 * @returns how many changes go into the feed.
 */
export async function advanceChunk(scope: ChunkScope, contactIds: readonly string[]): Promise<number> {
  const { client, tenantId } = scope;
  // Read under the lock: without that, due updates were lost to batches that had just written the row.
  const flight = new Flight();
  const clock = flight.add<ClockDbRow>(CHUNK_CLOCK);
  const stored = flight.add<ScoreDbRow>(readScores(tenantId, contactIds));
  await flight.send(client);
  const rowsOf = Map.groupBy(stored().rows.map(scoreRowOf), (row) => row.contactId);
  const contacts = contactIds.map((contactId) => ({ contactId, rows: rowsOf.get(contactId) ?? [] }));
  const scores = await scoreContacts(scope, contacts, clock().rows[0]?.now ?? 0);
  writeChunk(scope, scores);
  return scores.changes.length;
}

/** Brings contacts to `nowMs` on every active model. Writes nothing; lets others have the thread every `SLICE_MS`. */
export async function scoreContacts(
  scope: ScoringScope,
  contacts: readonly Pick<ContactToAdvance, 'contactId' | 'rows' | 'timeline'>[],
  nowMs: number,
): Promise<ChunkScores> {
  const scores: ChunkScores = { stored: contacts.flatMap(({ rows }) => rows), rows: [], changes: [], nowMs };
  const advance: AdvanceScope = { ...scope, nowMs, replayEntriesMax: Number.POSITIVE_INFINITY };
  const slices = new Slices(SLICE_MS);
  for (const contact of contacts) {
    const advanced = await advanceContact(advance, { ...contact, isNew: false, entries: [] });
    for (const row of advanced.rows) if (isStale(contact.rows, row)) scores.rows.push(row);
    scores.rows.push(...restInactive(scope.active, contact.rows));
    scores.changes.push(...advanced.changes);
    if (slices.isOver) await slices.pass();
  }
  return scores;
}

/** Scores of models that are off are never due; they are made anew when their model is switched on again. */
function restInactive(active: ActiveModels, rows: readonly ScoreRow[]): ScoreRow[] {
  const isOff = (row: ScoreRow) => !active.models.some((model) => model.modelId === row.modelId);
  return rows.filter((row) => row.dueAtMs !== null && isOff(row)).map((row) => ({ ...row, dueAtMs: null }));
}

/** Whether the stored row differs from what it should be. */
function isStale(stored: readonly ScoreRow[], row: ScoreRow): boolean {
  const before = stored.find((other) => other.modelId === row.modelId);
  return (
    !before ||
    before.revision !== row.revision ||
    before.asOfMs !== row.asOfMs ||
    before.foldedAtMs !== row.foldedAtMs ||
    before.dueAtMs !== row.dueAtMs ||
    before.pendingAtMs !== row.pendingAtMs
  );
}

/** Writes scores of locked contacts and their changes when the transaction closes; see `advanceChunk`. */
export function writeChunk(scope: ChunkScope, scores: ChunkScores): void {
  const { closing, tenantId, active } = scope;
  const { stored, rows, changes, nowMs } = scores;
  const dueAtMs = rows.reduce<number | null>(
    (least, row) => (row.dueAtMs === null ? least : Math.min(least ?? row.dueAtMs, row.dueAtMs)),
    null,
  );
  for (const statement of scoreWrites(scope, stored, rows)) closing.add(statement);
  closing.add(writeFeed(tenantId, { epoch: active.epoch, recordedAtMs: nowMs, changes, keys: [], dueAtMs }));
}
