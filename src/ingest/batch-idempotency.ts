import { idempotencyMismatch, type StoredKeyRow, sameBytes } from '../store/idempotency-keys.js';
import type { KeyToStore } from '../store/write-scores.js';
import { type BatchResults, rejected } from './batch.js';
import type { Outcome } from './batch-outcomes.js';
import type { IngestItem } from './ingest-item.js';

/** Answers stored under an idempotency key, as JSON. */
interface StoredResult {
  contactId: string;
  created: boolean;
  entryId: string;
  occurredAtMs: number;
  recordedAtMs: number;
  changed: boolean;
  origin?: string;
}

/** Gives items whose key was answered before that answer again. */
export function answerDuplicates(
  items: readonly IngestItem[],
  stored: ReadonlyMap<string, StoredKeyRow>,
  results: BatchResults,
): void {
  items.forEach((item, index) => {
    const known = item.idempotencyKey === undefined ? undefined : stored.get(item.idempotencyKey);
    if (!known) return;
    if (!sameBytes(known.request_hash, item.requestHash)) {
      results[index] = rejected(idempotencyMismatch(item.idempotencyKey ?? ''));
      return;
    }
    const result = JSON.parse(known.result) as StoredResult;
    results[index] = { status: 'DUPLICATE', ...result, position: known.position, scores: [] };
  });
}

/** What is to be stored under the keys of the items that were written. */
export function keysToStore(
  items: readonly IngestItem[],
  outcomes: ReadonlyMap<number, Outcome>,
): KeyToStore[] {
  const keys: KeyToStore[] = [];
  for (const { index, outcome, lastChange } of outcomes.values()) {
    const item = items[index];
    if (item?.idempotencyKey === undefined || !item.requestHash) continue;
    const { contactId, created, entryId, occurredAtMs, recordedAtMs, changed } = outcome;
    const result: StoredResult = { contactId, created, entryId, occurredAtMs, recordedAtMs, changed };
    if (item.origin !== undefined) result.origin = item.origin;
    const { idempotencyKey: key, requestHash } = item;
    keys.push({ key, requestHash, result: JSON.stringify(result), lastChange });
  }
  return keys;
}

/** Index of the first use of a key by index of each later one. */
export function repeatsOfKeys(items: readonly IngestItem[]): Map<number, number> {
  const first = new Map<string, number>();
  const repeats = new Map<number, number>();
  items.forEach(({ idempotencyKey }, index) => {
    if (idempotencyKey === undefined) return;
    const earlier = first.get(idempotencyKey);
    if (earlier === undefined) first.set(idempotencyKey, index);
    else repeats.set(index, earlier);
  });
  return repeats;
}
