import type pg from 'pg';
import { badInput, LeadpulseError } from '../errors.js';
import { AHEAD_MS_MAX, advanceContact } from '../store/advance-contact.js';
import { erasedHash, readErasedHashes } from '../store/erased-identities.js';
import { touchFacts } from '../store/fact-touches.js';
import { BEGIN, COMMIT, Flight } from '../store/flight.js';
import { readIdempotencyKeys, type StoredKeyRow } from '../store/idempotency-keys.js';
import { type LockedRow, lockContacts } from '../store/lock-contacts.js';
import type { ActiveModels, ModelRegistry } from '../store/model-registry.js';
import { readScores } from '../store/read-scores.js';
import { BATCH_SEQ_STRIDE } from '../store/recording-numbers.js';
import type { PublishedChange } from '../store/score-cursor.js';
import { type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { readStandingIds, type StandingRow } from '../store/standing-contacts.js';
import { scopeTransaction } from '../store/tenant-scope.js';
import { encodeEntry } from '../store/timeline-codec.js';
import { type FeedWrite, scoreWrites, writeFeed } from '../store/write-scores.js';
import { insertActionTypeUses } from './action-type-uses.js';
import {
  type BatchContact,
  type BatchResults,
  entryOfItem,
  type ItemResult,
  newId,
  rejected,
} from './batch.js';
import { answerDuplicates, keysToStore, repeatsOfKeys } from './batch-idempotency.js';
import { type CollectedKeys, type KeyText, keyTextOfRow, lookUpKeys } from './batch-keys.js';
import { type AdvancedBatch, outcomesOf, placeOutcomes } from './batch-outcomes.js';
import {
  BATCH_CLOCK,
  type BatchClockRow,
  insertTimeline,
  type KeyColumns,
  type ResolvedKeyRow,
  resolveKeys,
  type TimelineInsert,
} from './batch-statements.js';
import type { IngestItem } from './ingest-item.js';
import type { KeyCache } from './key-cache.js';
import { inTimelineOrder, projectContacts, projectionWrites } from './project-contacts.js';
import type { PropertyMemory } from './property-memory.js';
import { type KeyTable, type ResolvedBatch, resolveContacts } from './resolve-contacts.js';

/** Thrown when the server rolled the transaction back although COMMIT was sent and answered. */
export class BatchRolledBack extends Error {}

/** What one run of a batch needs. */
export interface BatchScope {
  client: pg.ClientBase;
  tenantId: string;
  active: ActiveModels;
  registry: ModelRegistry;
  keys: KeyCache;
  properties: PropertyMemory;
  /** Keys the hashes of identities that are refused. */
  installationId: string;
  /** Wait for busy contacts instead of leaving them out. */
  waitForLocks: boolean;
  /** See `AdvanceScope`. */
  replayEntriesMax: number;
  /** Told before anything is written: what is needed when the connection dies before COMMIT is answered. */
  onPrepared(prepared: PreparedBatch): void;
}

/** A batch about to be written. */
export interface PreparedBatch {
  /** Whether it still runs can be asked with `pg_xact_status`. */
  xid: string;
  /** One of the entries it writes: it is there when, and only when, the transaction was committed. Null when it writes none. */
  firstEntry: TimelineInsert | null;
  /** Its place in the feed tells the place of all. */
  firstChange: PublishedChange | null;
  recordedAtMs: number;
  /** The report, once the position before the first change is known. */
  finish(base: number): BatchReport;
}

/** What a batch led to. */
export interface BatchReport {
  results: ItemResult[];
  /** Changes put into the feed. */
  changes: number;
}

/**
 * Writes a batch of items in one transaction and a fixed number of set-based statements: lock and read in one flight,
 * fold in memory, write in a second one. Every item gets a result; faulty ones change nothing.
 * @throws what PostgreSQL throws; nothing is written then. BatchOutpaced, BatchRolledBack, ReplayTooLong.
 */
export async function runBatch(scope: BatchScope, items: readonly IngestItem[]): Promise<BatchReport> {
  const { client, tenantId } = scope;
  const opened = await openBatch(scope, items);
  const { nowMs, batchNumber } = opened;
  const results: BatchResults = items.map((item) => timeFault(item, nowMs));
  answerDuplicates(items, opened.storedKeys, results);
  // Twice in one batch: the first counts, the others are answered with what it led to.
  const repeats = repeatsOfKeys(items);
  const writable = items.map((_, index) => !results[index] && !repeats.has(index));
  const resolved = await resolveContacts(client, tenantId, { items, writable, results }, opened.table);
  for (const row of opened.scores) resolved.contacts.get(row.contactId)?.rows.push(row);
  acceptItems(items, resolved, nowMs, batchNumber);
  const contacts = [...resolved.contacts.values()];

  const projection = await projectContacts(client, tenantId, contacts);
  const advanced = await advanceAll(scope, contacts, nowMs);
  const outcomes = outcomesOf(contacts, advanced, nowMs);
  const stored = keysToStore(items, outcomes);
  const entries = timelineRows(contacts);
  const accepted = contacts.flatMap((contact) => contact.items.map((item) => item.sequenced));
  const uses = scope.properties.usesOf(tenantId, accepted, nowMs);

  const finish = (base: number): BatchReport => {
    placeOutcomes(items, outcomes, repeats, base, results);
    return { results: results.map((result) => result ?? missingResult()), changes: advanced.changes.length };
  };
  scope.onPrepared({
    xid: opened.xid,
    firstEntry: entries[0] ?? null,
    firstChange: advanced.changes[0] ?? null,
    recordedAtMs: nowMs,
    finish,
  });
  const feedWrite: FeedWrite = {
    epoch: scope.active.epoch,
    recordedAtMs: nowMs,
    changes: advanced.changes,
    keys: stored,
    dueAtMs: earliestDue(advanced.rows),
  };
  const flight = new Flight();
  for (const write of projectionWrites(tenantId, projection, nowMs)) flight.add(write);
  if (entries.length > 0) {
    flight.add(insertTimeline(tenantId, entries, nowMs));
    flight.add(touchFacts(tenantId, [...new Set(entries.map((entry) => entry.contactId))]));
  }
  if (uses.length > 0) flight.add(insertActionTypeUses(tenantId, uses));
  for (const write of scoreWrites(scope, opened.scores, advanced.rows)) flight.add(write);
  const fed = flight.add<{ base: string }>(writeFeed(tenantId, feedWrite));
  const committed = flight.add(COMMIT);
  await flight.send(client);
  if (committed().command !== 'COMMIT')
    throw new BatchRolledBack('the transaction was rolled back at COMMIT');
  scope.properties.remember(tenantId, uses, nowMs);

  for (const [key, contactId] of opened.table.known) {
    if (resolved.contacts.has(contactId)) scope.keys.set(tenantId, scope.active.epoch, key, contactId);
  }
  return finish(Number(fed().rows[0]?.base ?? 0));
}

interface OpenedBatch {
  xid: string;
  nowMs: number;
  batchNumber: number;
  table: KeyTable;
  scores: ScoreRow[];
  storedKeys: Map<string, StoredKeyRow>;
}

/**
 * Where the keys lead, in a flight of its own unless all of them are remembered; then lock, and read in statements of
 * their own (a join that does both saw stale state).
 */
async function openBatch(scope: BatchScope, items: readonly IngestItem[]): Promise<OpenedBatch> {
  const { client, tenantId, keys } = scope;
  const { epoch } = scope.active;
  const { known, unknown } = lookUpKeys(items, (key) => keys.get(tenantId, epoch, key));
  const flight = new Flight();
  const isOpened = unknown.keys.kinds.length + unknown.ids.length === 0;
  if (isOpened) addOpening(flight, tenantId);
  const erased = isOpened ? NOTHING_ERASED : await resolveUnknown(scope, unknown, known);
  const ids = [...new Set(known.values())];
  const idempotencyKeys = items.flatMap((item) => item.idempotencyKey ?? []);
  const locked = flight.add<LockedRow>(lockContacts(tenantId, ids, scope.waitForLocks));
  const clock = flight.add<BatchClockRow>(BATCH_CLOCK);
  const scores = flight.add<ScoreDbRow>(readScores(tenantId, ids));
  const storedKeys =
    idempotencyKeys.length > 0
      ? flight.add<StoredKeyRow>(readIdempotencyKeys(tenantId, [...new Set(idempotencyKeys)]))
      : null;
  await flight.send(client);
  const tick = clock().rows[0];
  if (!tick) throw new Error('the clock gave no answer');
  const here = new Set(
    locked()
      .rows.filter((row) => row.merged_into === null)
      .map((row) => row.id),
  );
  for (const [key, id] of known) if (!here.has(id)) keys.forget(tenantId, key);
  return {
    xid: tick.xid,
    nowMs: tick.now,
    batchNumber: Number(tick.batch),
    table: { known, locked: here, fresh: new Set(), erased },
    scores: scores().rows.map(scoreRowOf),
    storedKeys: new Map(storedKeys?.().rows.map((row) => [row.key, row])),
  };
}

function addOpening(flight: Flight, tenantId: string): void {
  flight.add(BEGIN);
  flight.add(scopeTransaction(tenantId));
}

const NOTHING_ERASED: ReadonlySet<KeyText> = new Set();

/**
 * Opens the transaction and adds to `known` where the other keys lead.
 * @returns those of the keys that belong to people who were erased.
 */
async function resolveUnknown(
  { client, tenantId, active, installationId }: BatchScope,
  { keys, ids }: CollectedKeys,
  known: Map<KeyText, string>,
): Promise<ReadonlySet<KeyText>> {
  const flight = new Flight();
  addOpening(flight, tenantId);
  const resolved = keys.kinds.length > 0 ? flight.add<ResolvedKeyRow>(resolveKeys(tenantId, keys)) : null;
  const hashes = active.refusesErased
    ? hashesOf(keys, (key) => erasedHash(installationId, tenantId, key))
    : null;
  const erased = hashes?.size
    ? flight.add<{ hash: string }>(readErasedHashes(tenantId, [...hashes.keys()]))
    : null;
  const existing = ids.length > 0 ? flight.add<StandingRow>(readStandingIds(tenantId, ids)) : null;
  await flight.send(client);
  for (const row of resolved?.().rows ?? []) known.set(keyTextOfRow(row.kind, row.value), row.id);
  for (const row of existing?.().rows ?? []) known.set(keyTextOfRow(0, row.asked), row.id);
  return new Set(erased?.().rows.flatMap((row) => hashes?.get(row.hash) ?? []));
}

/** The keys by their hashes. */
function hashesOf({ kinds, values }: KeyColumns, hash: (key: KeyText) => string): Map<string, KeyText> {
  const keys = kinds.map((kind, index) => keyTextOfRow(kind, values[index] ?? ''));
  return new Map(keys.map((key) => [hash(key), key]));
}

function timeFault(item: IngestItem, nowMs: number): ItemResult | undefined {
  if (item.occurredAtMs === undefined || item.occurredAtMs <= nowMs + AHEAD_MS_MAX) return undefined;
  const minutes = AHEAD_MS_MAX / 60_000;
  return rejected(
    badInput([{ path: 'occurredAt', message: `must not lie more than ${minutes} minutes ahead` }]),
  );
}

/** Turns the items that have no result yet into timeline entries of their contacts. */
function acceptItems(
  items: readonly IngestItem[],
  resolved: ResolvedBatch,
  nowMs: number,
  batchNumber: number,
): void {
  let seq = batchNumber * BATCH_SEQ_STRIDE;
  items.forEach((item, index) => {
    const contactId = resolved.contactOf.get(index);
    const contact = contactId === undefined ? undefined : resolved.contacts.get(contactId);
    if (!contact) return;
    const atMs = item.occurredAtMs ?? nowMs;
    const keyAttribute = resolved.keyAttribute.get(index);
    if (keyAttribute) {
      const entry = { kind: 'profile' as const, atMs, set: keyAttribute };
      contact.items.push({ index: -1, entryId: newId(), sequenced: { entry, seq: seq++ }, changed: true });
    }
    const entry = entryOfItem(item, atMs);
    contact.items.push({ index, entryId: newId(), sequenced: { entry, seq: seq++ }, changed: true });
  });
}

async function advanceAll(
  scope: BatchScope,
  contacts: readonly BatchContact[],
  nowMs: number,
): Promise<AdvancedBatch> {
  const batch: AdvancedBatch = { rows: [], changes: [], rowsOf: new Map(), replayed: new Set() };
  for (const contact of contacts) {
    if (contact.items.length === 0) continue;
    const advanced = await advanceContact(
      { ...scope, nowMs },
      {
        contactId: contact.id,
        isNew: contact.isNew,
        rows: contact.rows,
        entries: inTimelineOrder(contact).map((item) => item.sequenced),
      },
    );
    batch.rows.push(...advanced.rows);
    batch.changes.push(...advanced.changes);
    batch.rowsOf.set(contact.id, advanced.rows);
    if (advanced.replayed) batch.replayed.add(contact.id);
  }
  return batch;
}

function timelineRows(contacts: readonly BatchContact[]): TimelineInsert[] {
  const rows: TimelineInsert[] = [];
  for (const contact of contacts) {
    for (const { entryId, sequenced } of contact.items) {
      const { entry, seq } = sequenced;
      rows.push({ contactId: contact.id, occurredAtMs: entry.atMs, seq, id: entryId, ...encodeEntry(entry) });
    }
  }
  return rows;
}

function earliestDue(rows: readonly ScoreRow[]): number | null {
  let earliest: number | null = null;
  for (const { dueAtMs } of rows) {
    if (dueAtMs !== null && (earliest === null || dueAtMs < earliest)) earliest = dueAtMs;
  }
  return earliest;
}

function missingResult(): ItemResult {
  return rejected(new LeadpulseError('UNAVAILABLE', 'The item was not processed. Send it again.'));
}
