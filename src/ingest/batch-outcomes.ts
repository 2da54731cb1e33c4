import { idempotencyMismatch, sameBytes } from '../store/idempotency-keys.js';
import type { PublishedChange } from '../store/score-cursor.js';
import type { ScoreRow } from '../store/score-row.js';
import { type BatchContact, type BatchResults, rejected } from './batch.js';
import type { IngestItem, RecordedOutcome } from './ingest-item.js';

/** What a batch makes of its contacts' scores. */
export interface AdvancedBatch {
  rows: ScoreRow[];
  changes: PublishedChange[];
  rowsOf: Map<string, ScoreRow[]>;
  /** Contacts for which one net change stands for all their items. */
  replayed: Set<string>;
}

/** An outcome whose place in the feed is not known yet. */
export interface Outcome {
  index: number;
  outcome: RecordedOutcome;
  lastChange: number | null;
}

/** What every written item led to, by its index. */
export function outcomesOf(
  contacts: readonly BatchContact[],
  advanced: AdvancedBatch,
  nowMs: number,
): Map<number, Outcome> {
  const lastOfEntry = new Map<number, number>();
  const lastOfContact = new Map<string, number>();
  advanced.changes.forEach((change, index) => {
    if (!change.entry) return;
    lastOfEntry.set(change.entry.seq, index);
    lastOfContact.set(change.contactId, index);
  });
  const outcomes = new Map<number, Outcome>();
  for (const contact of contacts) {
    const net = advanced.replayed.has(contact.id) ? lastOfContact.get(contact.id) : undefined;
    let created = contact.isNew;
    for (const item of contact.items) {
      if (item.index < 0) continue;
      const { entry, seq } = item.sequenced;
      outcomes.set(item.index, {
        index: item.index,
        lastChange: lastOfEntry.get(seq) ?? net ?? null,
        outcome: {
          status: 'RECORDED',
          contactId: contact.id,
          created,
          entryId: item.entryId,
          occurredAtMs: entry.atMs,
          recordedAtMs: nowMs,
          changed: item.changed,
          position: null,
          scores: advanced.rowsOf.get(contact.id) ?? [],
        },
      });
      created = false;
    }
  }
  return outcomes;
}

/** Fills in positions, and answers repeats of a key within the batch with what its first use led to. */
export function placeOutcomes(
  items: readonly IngestItem[],
  outcomes: ReadonlyMap<number, Outcome>,
  repeats: ReadonlyMap<number, number>,
  base: number,
  results: BatchResults,
): void {
  for (const { index, outcome, lastChange } of outcomes.values()) {
    if (lastChange !== null) outcome.position = String(base + lastChange + 1);
    results[index] = outcome;
  }
  for (const [index, first] of repeats) {
    if (results[index]) continue;
    const outcome = outcomes.get(first)?.outcome;
    const item = items[index];
    if (!outcome || !item) results[index] = { status: 'BUSY' };
    else if (sameBytes(items[first]?.requestHash ?? new Uint8Array(), item.requestHash)) {
      const { origin } = items[first] ?? {};
      results[index] = {
        ...outcome,
        status: 'DUPLICATE',
        scores: [],
        ...(origin === undefined ? {} : { origin }),
      };
    } else results[index] = rejected(idempotencyMismatch(item.idempotencyKey ?? ''));
  }
}
