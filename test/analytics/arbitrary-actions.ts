import fc from 'fast-check';
import { DAY_MS } from '../../src/scoring/duration.js';
import type { JsonObject } from '../../src/scoring/json-value.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';

/** When the timelines of these tests begin, ms since 1970. */
export const START_MS = Date.UTC(2026, 0, 1);
/** Between two instants at which something may happen: few enough that actions often meet. */
export const STEP_MS = DAY_MS / 4;

/** Actions within so many days. Types that are named twice are twice as frequent. */
export function arbitraryActions(
  days: number,
  types: readonly string[],
  properties: readonly JsonObject[] = [{}],
): fc.Arbitrary<TimelineEntry> {
  return fc.record({
    kind: fc.constant('action' as const),
    atMs: fc.integer({ min: 0, max: (days * DAY_MS) / STEP_MS }).map((step) => START_MS + step * STEP_MS),
    type: fc.constantFrom(...types),
    properties: fc.constantFrom(...properties),
  });
}
