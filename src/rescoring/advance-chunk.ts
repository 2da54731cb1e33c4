import type pg from 'pg';
import { advanceContact } from '../store/advance-contact.js';
import type { ActiveModels, ModelRegistry } from '../store/model-registry.js';
import { readScores } from '../store/read-scores.js';
import type { PublishedChange } from '../store/score-cursor.js';
import { type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { writeFeed, writeScores } from '../store/write-scores.js';

/** What is needed to bring a chunk of locked contacts up to date. */
export interface ChunkScope {
  /** A pipelined connection in a transaction that is scoped to the tenant and holds the contacts' locks. */
  client: pg.ClientBase;
  tenantId: string;
  active: ActiveModels;
  registry: ModelRegistry;
}

/**
 * Brings locked contacts up to now on every active model and writes what changed, feed and all. The caller commits.
 * @returns how many changes went into the feed.
 * @throws with SQLSTATE `EPOCH_MOVED_SQLSTATE` when a model was published meanwhile; nothing may be committed then.
 */
export async function advanceChunk(scope: ChunkScope, contactIds: readonly string[]): Promise<number> {
  const { client, tenantId, active } = scope;
  // Read under the lock: without that, due updates were lost to batches that had just written the row.
  const [clock, stored] = await Promise.all([
    client.query<{ now: number }>({ name: 'chunk_clock', text: 'SELECT clock_timestamp() AS now' }),
    client.query<ScoreDbRow>(readScores(tenantId, contactIds)),
  ]);
  const nowMs = clock.rows[0]?.now ?? 0;
  const rowsOf = Map.groupBy(stored.rows.map(scoreRowOf), (row) => row.contactId);
  const changed: ScoreRow[] = [];
  const changes: PublishedChange[] = [];
  for (const contactId of contactIds) {
    const rows = rowsOf.get(contactId) ?? [];
    const advanced = await advanceContact(
      { ...scope, nowMs, replayEntriesMax: Number.POSITIVE_INFINITY },
      { contactId, isNew: false, rows, entries: [] },
    );
    changed.push(...advanced.rows.filter((row) => isStale(rows, row)), ...restInactive(active, rows));
    changes.push(...advanced.changes);
  }
  await writeChunk(scope, [...rowsOf.values()].flat(), changed, changes, nowMs);
  return changes.length;
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

async function writeChunk(
  { client, tenantId, active }: ChunkScope,
  stored: ScoreRow[],
  rows: ScoreRow[],
  changes: PublishedChange[],
  nowMs: number,
): Promise<void> {
  const dueAtMs = rows.reduce<number | null>(
    (least, row) => (row.dueAtMs === null ? least : Math.min(least ?? row.dueAtMs, row.dueAtMs)),
    null,
  );
  await Promise.all([
    ...writeScores(client, tenantId, stored, rows),
    client.query(
      writeFeed(tenantId, { epoch: active.epoch, recordedAtMs: nowMs, changes, keys: [], dueAtMs }),
    ),
  ]);
}
