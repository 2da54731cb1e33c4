import type pg from 'pg';
import type { CompiledModel } from '../scoring/compile-model.js';
import { foldEntry } from '../scoring/fold-entry.js';
import { emptyState, type ScoreState } from '../scoring/score-state.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import { causeOfEntry } from './change-causes.js';
import type { ActiveModel, ActiveModels, ModelRegistry } from './model-registry.js';
import type { PackedTimeline } from './read-timelines.js';
import { readTimeline } from './replay-timeline.js';
import { type PublishedChange, ScoreCursor, type SequencedEntry } from './score-cursor.js';
import type { ScoreRow } from './score-row.js';

/** How far an entry may lie ahead of the clock; see RecordActionInput.occurredAt. */
export const AHEAD_MS_MAX = 5 * 60_000;

/** Thrown when a replay would read more entries than the caller allows in a shared transaction. */
export class ReplayTooLong extends Error {
  readonly contactId: string;

  constructor(contactId: string) {
    super(`the timeline of contact ${contactId} is too long to be replayed in a shared batch`);
    this.contactId = contactId;
  }
}

/** What is needed beside the contact itself. */
export interface AdvanceScope {
  /** A pipelined connection in a transaction that is scoped to the tenant and holds the contact's lock. */
  client: pg.ClientBase;
  tenantId: string;
  active: ActiveModels;
  registry: ModelRegistry;
  /** The database's clock, read under the lock. */
  nowMs: number;
  /** Entries that one replay may read; `Infinity` where the contact has the transaction to itself. */
  replayEntriesMax: number;
}

export interface ContactToAdvance {
  contactId: string;
  /** True when the contact is made in this transaction: it has no history. */
  isNew: boolean;
  /** Its stored rows, on whatever models. */
  rows: readonly ScoreRow[];
  /** Entries to be written by this transaction, in timeline order. */
  entries: readonly SequencedEntry[];
  /** Its stored timeline up to `nowMs + AHEAD_MS_MAX`, when that has been read already; read when needed otherwise. */
  timeline?: Pick<PackedTimeline, 'visit'>;
}

export interface AdvancedContact {
  /** One row per active model, in the order of `active.models`. */
  rows: ScoreRow[];
  /** In the order of their instants. */
  changes: PublishedChange[];
  /** True when an entry came late, so that one net change stands for all entries of the call. */
  replayed: boolean;
}

/**
 * Brings one contact up to `nowMs` on every active model: to the newest version of each, through the entries, and
 * through the boundaries of time. Writes nothing.
 * @throws ReplayTooLong
 */
export async function advanceContact(
  scope: AdvanceScope,
  contact: ContactToAdvance,
): Promise<AdvancedContact> {
  const advanced: AdvancedContact = { rows: [], changes: [], replayed: false };
  for (const model of scope.active.models) {
    const row = contact.rows.find((candidate) => candidate.modelId === model.modelId);
    const cursor = await openCursor(scope, contact, model, row);
    if (await applyEntries(scope, contact, model, cursor)) advanced.replayed = true;
    cursor.stepTo(scope.nowMs);
    advanced.rows.push(cursor.toRow(model.revision));
    advanced.changes.push(...cursor.changes);
  }
  if (scope.active.models.length > 1) advanced.changes.sort((a, b) => a.atMs - b.atMs);
  return advanced;
}

/** Whether `advanceContact` without new entries will want the stored timeline. @param rows as in `ContactToAdvance`. */
export function needsTimeline(active: ActiveModels, rows: readonly ScoreRow[], nowMs: number): boolean {
  return active.models.some((model) => {
    const row = rows.find((candidate) => candidate.modelId === model.modelId);
    return row?.revision !== model.revision || (row.pendingAtMs !== null && row.pendingAtMs <= nowMs);
  });
}

/** The cursor under the newest version, stored history included. */
async function openCursor(
  scope: AdvanceScope,
  contact: ContactToAdvance,
  model: ActiveModel,
  row: ScoreRow | undefined,
): Promise<ScoreCursor> {
  if (row?.revision === model.revision) return ScoreCursor.resume(model, row);
  if (!row && contact.isNew) {
    const firstMs = contact.entries[0]?.entry.atMs ?? scope.nowMs;
    return ScoreCursor.begin(model, contact.contactId, Math.min(firstMs, scope.nowMs));
  }
  const cursor = row
    ? ScoreCursor.resume(await scope.registry.version(scope.tenantId, row.modelId, row.version), row)
    : ScoreCursor.begin(model, contact.contactId, scope.nowMs);
  // Same version, older revision: the model was off meanwhile, and nothing was published then.
  if (row && row.version !== model.version) cursor.stepTo(scope.nowMs);
  const replay = await replayWith(scope, contact, model.compiled, []);
  cursor.replace(model, replay.state, replay.foldedAtMs, scope.nowMs, 'RULES', null);
  cursor.setPending(replay.pendingAtMs);
  return cursor;
}

/** Folds what is new, or replays when some of it is late. @returns whether it replayed. */
async function applyEntries(
  scope: AdvanceScope,
  contact: ContactToAdvance,
  model: ActiveModel,
  cursor: ScoreCursor,
): Promise<boolean> {
  const { nowMs } = scope;
  const waiting = cursor.pendingAtMs !== null && cursor.pendingAtMs <= nowMs;
  if (!waiting && contact.entries.length === 0) return false;
  const stored = waiting ? await readPending(scope, contact, cursor.pendingAtMs ?? nowMs) : [];
  const all = stored.length === 0 ? contact.entries : mergeEntries(stored, contact.entries);
  const present = all.filter((next) => next.entry.atMs <= nowMs);
  const ahead = all.find((next) => next.entry.atMs > nowMs);
  const kept = waiting ? null : cursor.pendingAtMs;
  const first = present[0];
  const late = first !== undefined && !cursor.isInOrder(first.entry.atMs);
  if (late) {
    const replay = await replayWith(scope, contact, model.compiled, contact.entries);
    const shownAtMs = present.at(-1)?.entry.atMs ?? cursor.asOfMs;
    cursor.replace(model, replay.state, replay.foldedAtMs, shownAtMs, causeOfEntry(first.entry), first);
    cursor.setPending(replay.pendingAtMs);
  } else {
    for (const next of present) cursor.fold(next);
    const aheadMs = ahead?.entry.atMs ?? null;
    cursor.setPending(kept === null || aheadMs === null ? (kept ?? aheadMs) : Math.min(kept, aheadMs));
  }
  return late;
}

/** Recorded entries that were ahead of the clock when they were written, and what lies after them. */
async function readPending(
  scope: AdvanceScope,
  { contactId, timeline }: ContactToAdvance,
  fromMs: number,
): Promise<SequencedEntry[]> {
  const found: SequencedEntry[] = [];
  if (timeline) {
    timeline.visit((entry, seq) => {
      if (entry.atMs >= fromMs) found.push({ entry, seq });
    });
    return found;
  }
  const untilMs = scope.nowMs + AHEAD_MS_MAX;
  for await (const page of readTimeline(scope.client, scope.tenantId, contactId, untilMs, fromMs)) {
    found.push(...page);
    if (found.length > scope.replayEntriesMax) throw new ReplayTooLong(contactId);
  }
  return found;
}

/** A timeline, folded up to now. */
export interface Replay {
  state: ScoreState;
  foldedAtMs: number | null;
  pendingAtMs: number | null;
}

/** Folds the whole timeline up to now: what is stored, and `extra`, which is not stored yet. @throws ReplayTooLong */
export async function replayWith(
  scope: AdvanceScope,
  contact: Pick<ContactToAdvance, 'contactId' | 'timeline'>,
  model: CompiledModel,
  extra: readonly SequencedEntry[],
): Promise<Replay> {
  const replay: Replay = { state: emptyState(model), foldedAtMs: null, pendingAtMs: null };
  let done = 0;
  const fold = (entry: TimelineEntry) => {
    // At the same instant what is stored was recorded earlier.
    for (let next = extra[done]; next && next.entry.atMs < entry.atMs; next = extra[++done])
      foldNext(replay, model, next.entry, scope.nowMs);
    foldNext(replay, model, entry, scope.nowMs);
  };
  if (contact.timeline) contact.timeline.visit(fold);
  else
    for await (const page of storedPages(scope, contact.contactId)) for (const { entry } of page) fold(entry);
  for (const { entry } of extra.slice(done)) foldNext(replay, model, entry, scope.nowMs);
  return replay;
}

function foldNext(replay: Replay, model: CompiledModel, entry: TimelineEntry, nowMs: number): void {
  if (entry.atMs > nowMs) {
    replay.pendingAtMs ??= entry.atMs;
    return;
  }
  foldEntry(model, replay.state, entry);
  replay.foldedAtMs = entry.atMs;
}

/** @throws ReplayTooLong */
async function* storedPages(scope: AdvanceScope, contactId: string): AsyncGenerator<SequencedEntry[]> {
  let read = 0;
  const untilMs = scope.nowMs + AHEAD_MS_MAX;
  for await (const page of readTimeline(scope.client, scope.tenantId, contactId, untilMs)) {
    read += page.length;
    if (read > scope.replayEntriesMax) throw new ReplayTooLong(contactId);
    yield page;
  }
}

/** Two lists in timeline order as one; at the same instant the stored ones come first. */
function mergeEntries(stored: readonly SequencedEntry[], added: readonly SequencedEntry[]): SequencedEntry[] {
  return [...stored, ...added].sort((a, b) => a.entry.atMs - b.entry.atMs);
}
