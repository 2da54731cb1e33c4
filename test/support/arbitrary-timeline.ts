import fc from 'fast-check';
import { DAY_MS } from '../../src/scoring/duration.js';
import type { JsonObject, JsonValue } from '../../src/scoring/json-value.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { ACTION_TYPES, LIST_KEYS, VALUES } from './scoring-vocabulary.js';

/** The instant at which random timelines begin. */
export const TIMELINE_START_MS = Date.UTC(2026, 0, 1);

/** How long random timelines last. */
export const TIMELINE_MS = 20 * DAY_MS;

/** How fine the instants of random timelines are, so that many of them coincide with boundaries of rules. */
export const TIMELINE_STEP_MS = DAY_MS / 4;

/** An instant within a timeline or some time after it. */
export function arbitraryInstant(): fc.Arbitrary<number> {
  const steps = (2 * TIMELINE_MS) / TIMELINE_STEP_MS;
  return fc
    .tuple(fc.integer({ min: 0, max: steps }), fc.constantFrom(0, 0, -1, 1, 3_600_000))
    .map(([step, offsetMs]) => TIMELINE_START_MS + step * TIMELINE_STEP_MS + offsetMs);
}

/** Entries in timeline order, many of them at the same instants. */
export function arbitraryTimeline(entriesMax = 25): fc.Arbitrary<TimelineEntry[]> {
  return fc
    .array(arbitraryEntry(), { maxLength: entriesMax })
    .map((entries) => entries.sort((a, b) => a.atMs - b.atMs));
}

function arbitraryEntry(): fc.Arbitrary<TimelineEntry> {
  const atMs = fc
    .integer({ min: 0, max: TIMELINE_MS / TIMELINE_STEP_MS })
    .map((step) => TIMELINE_START_MS + step * TIMELINE_STEP_MS);
  return fc.oneof(
    {
      weight: 7,
      arbitrary: fc.record({
        kind: fc.constant('action' as const),
        atMs,
        type: fc.constantFrom(...ACTION_TYPES),
        properties: arbitraryProperties(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('profile' as const), atMs, set: arbitraryAttributes() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('list' as const),
        atMs,
        list: fc.constantFrom(...LIST_KEYS, 'unheard_of'),
        joined: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('adjustment' as const),
        atMs,
        points: fc.constantFrom(5, -5, 12.5),
        reason: fc.constant('call'),
        expiresAfterDays: fc.constantFrom(undefined, 1, 5),
      }),
    },
  );
}

/** A value of any kind that conditions can meet. */
export function arbitraryValue(): fc.Arbitrary<JsonValue> {
  return fc.constantFrom<JsonValue>(
    ...VALUES.scalars,
    ...VALUES.ordered,
    0,
    73,
    false,
    null,
    'Head of Sales',
    'Director',
    [],
    ['cto', 5],
    {},
    { budget: 50 },
  );
}

function arbitraryProperties(): fc.Arbitrary<JsonObject> {
  return fc.dictionary(
    fc.constantFrom('url', 'minutes', 'answers', 'answers.budget'),
    fc.oneof(arbitraryValue(), fc.record({ budget: arbitraryValue() })),
    { maxKeys: 2 },
  );
}

function arbitraryAttributes(): fc.Arbitrary<Record<string, JsonValue>> {
  return fc.dictionary(
    fc.constantFrom('jobTitle', 'companySize', 'answers', 'answers.budget', 'tags', 'unheard_of'),
    fc.oneof(arbitraryValue(), fc.record({ budget: arbitraryValue() })),
    { maxKeys: 3 },
  );
}
