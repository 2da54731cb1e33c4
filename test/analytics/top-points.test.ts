import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readActionTypeNames } from '../../src/analytics/conversion/conversion-by-cause.js';
import { readPointsBySource, type SourcePoints } from '../../src/analytics/points/points-by-source.js';
import type { AnalyticsScope } from '../../src/analytics/scope/analytics-scope.js';
import { proportion } from '../../src/analytics/statistics/proportion.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';
import { arbitraryActions, START_MS } from './arbitrary-actions.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 20);
const DAYS = 40;
const POINTS: Record<string, number> = { open: 20, click: 30.5, leave: -15, quiet: -10 };
const TYPES: Record<string, string> = { opened: 'open', clicked: 'click', left: 'leave' };
const MODEL = modelOf([
  { key: 'open', action: { actionType: 'opened', points: 20, expiresAfterDays: 10 } },
  { key: 'click', action: { actionType: 'clicked', points: 30.5 } },
  { key: 'leave', action: { actionType: 'left', points: -15 } },
  { key: 'quiet', criteria: { when: { inactivity: { days: 7 } }, points: -10 } },
]);
const KEYS = compileModel(MODEL).rules.map(({ key }) => key);

let database: TestDatabase;
let kit: AnalyticsKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await AnalyticsKit.open(database.url);
  await kit.publishPrimary(MODEL);
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

const arbitraryAction = arbitraryActions(DAYS, ['opened', 'opened', 'clicked', 'left', 'ignored']);

interface GainByHand {
  contact: string;
  rule: string;
  /** null for what no action earned. */
  type: string | null;
  points: number;
}

function gainsByHand(
  contact: string,
  entries: readonly TimelineEntry[],
  { range }: AnalyticsScope,
): GainByHand[] {
  const isInRange = (atMs: number) => atMs >= range.fromMs && atMs < range.toMs;
  return entries.flatMap((entry, index) => {
    if (entry.kind !== 'action') return [];
    const rule = TYPES[entry.type];
    const quietMs = entry.atMs + 7 * DAY_MS;
    const isQuiet = quietMs < (entries[index + 1]?.atMs ?? Number.POSITIVE_INFINITY);
    return [
      ...(rule && isInRange(entry.atMs)
        ? [{ contact, rule, type: entry.type, points: POINTS[rule] ?? 0 }]
        : []),
      ...(isQuiet && isInRange(quietMs) ? [{ contact, rule: 'quiet', type: null, points: -10 }] : []),
    ];
  });
}

function sumsByHand(gains: readonly GainByHand[], leads: number, nameOf: (gain: GainByHand) => string) {
  const given = gains.reduce((sum, { points }) => sum + Math.max(0, points), 0);
  const names = [...new Set(gains.map(nameOf))];
  return Object.fromEntries(
    names.map((name) => {
      const own = gains.filter((gain) => nameOf(gain) === name);
      const positive = own.reduce((sum, { points }) => sum + Math.max(0, points), 0);
      const negative = own.reduce((sum, { points }) => sum + Math.min(0, points), 0);
      return [
        name,
        {
          positive,
          negative,
          net: positive + negative,
          times: own.length,
          positiveShare: given === 0 ? null : positive / given,
          reached: proportion(new Set(own.map(({ contact }) => contact)).size, leads),
        },
      ];
    }),
  );
}

function named(found: readonly SourcePoints[], nameOf: (source: number) => string | undefined) {
  return Object.fromEntries(found.map(({ source, ...points }) => [nameOf(source), points]));
}

describe('where points come from', () => {
  test('is what a recount of the raw timelines says, in any zone, range and filter', async () => {
    let people = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(arbitraryAction, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: -2, max: 30 }),
        fc.integer({ min: 0, max: 50 }),
        fc.constantFrom('UTC', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu'),
        fc.constantFrom('none', 'segment', 'owner'),
        async (timelines, fromDay, days, timeZone, filterKind) => {
          for (const timeline of timelines) {
            const sorted = timeline.sort((a, b) => a.atMs - b.atMs);
            await kit.recordTimeline(`p${people++}@example.com`, sorted);
          }
          await kit.settleFacts();
          const raw = await kit.timelines();
          const some = [...raw.keys()].filter((_, index) => filterKind === 'none' || index % 3 !== 0);
          const filters = {
            none: async () => ({}),
            segment: async () => ({ segmentIds: [await kit.segmentOf(some)] }),
            owner: async () => ({ ownerIds: [await kit.ownerOf(some)] }),
          };
          const filter = await filters[filterKind]();
          const dateOf = (day: number) => new Date(START_MS + day * DAY_MS).toISOString().slice(0, 10);
          const range = { from: dateOf(fromDay), to: dateOf(fromDay + days) };
          const scope = await kit.analytics.scope(kit.tenantId, { range, timeZone, filter });
          const chosen = [...raw].filter(([id]) => some.includes(id));
          const leads = chosen.filter(([, [first]]) => first && first.atMs < scope.range.toMs).length;
          const gains = chosen.flatMap(([id, entries]) => gainsByHand(id, entries, scope));

          const { read } = kit.analytics;
          const byRule = await readPointsBySource(read, scope, 'rule');
          expect(named(byRule, (source) => KEYS[source])).toEqual(
            sumsByHand(gains, leads, ({ rule }) => rule),
          );
          const byType = await readPointsBySource(read, scope, 'actionType');
          const names = await readActionTypeNames(
            read,
            scope,
            byType.map(({ source }) => source),
          );
          expect(named(byType, (source) => names.get(source) ?? 'none')).toEqual(
            sumsByHand(gains, leads, ({ type }) => type ?? 'none'),
          );
          const positives = byRule.map(({ positive }) => positive);
          expect(positives).toEqual([...positives].sort((a, b) => b - a));
        },
      ),
      { numRuns },
    );
  }, 300_000);
});
