import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ConversionByCause,
  readActionTypeNames,
  readConversionByAction,
  readConversionByRule,
} from '../../src/analytics/conversion/conversion-by-cause.js';
import { bandsBetween, byBand } from '../../src/analytics/conversion/conversion-report.js';
import { readJudgedLeads, sumUp } from '../../src/analytics/conversion/judged-leads.js';
import type { AnalyticsScope } from '../../src/analytics/scope/analytics-scope.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import { replay } from '../../src/scoring/replay.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { action, modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';
import { arbitraryActions, START_MS } from './arbitrary-actions.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 20);
const DAYS = 40;
const MODEL = modelOf([
  { key: 'open', action: { actionType: 'opened', points: 20, expiresAfterDays: 10 } },
  { key: 'click', action: { actionType: 'clicked', points: 30, limit: { maxAwards: 2 } } },
  { key: 'quiet', criteria: { when: { inactivity: { days: 7 } }, points: -10 } },
]);
const BOUNDS = [10, 40, 60];

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

const arbitraryAction = arbitraryActions(
  DAYS,
  ['opened', 'opened', 'clicked', 'clicked', 'deal_won', 'deal_lost', 'lead_lost'],
  [{}, { value: 100 }, { value: 'much' }],
);

/** One lead as a person would judge it from the raw timeline. */
interface JudgedByHand {
  won: boolean;
  lost: boolean;
  peak: number | null;
  start: number | null;
  value: number | null;
  actions: string[];
  rules: string[];
}

function judgeByHand(entries: readonly TimelineEntry[], { range }: AnalyticsScope): JudgedByHand | null {
  const seen = entries.filter(({ atMs }) => atMs < range.toMs);
  const first = (...types: string[]) =>
    seen.find((entry) => entry.kind === 'action' && types.includes(entry.type));
  const won = first('deal_won');
  const settled = won ?? first('deal_lost', 'lead_lost');
  if (seen.length === 0 || (settled && settled.atMs < range.fromMs)) return null;
  const cutMs = settled?.atMs ?? range.toMs;
  const before = seen.filter(({ atMs }) => atMs < cutMs);
  const firstMs = before[0]?.atMs;
  const totalAt = (atMs: number) => replay(MODEL, before, atMs).total;
  const value = won?.kind === 'action' ? won.properties.value : null;
  return {
    won: won !== undefined,
    lost: won === undefined && settled !== undefined,
    peak: firstMs === undefined ? null : Math.max(...instants(firstMs, cutMs).map(totalAt)),
    start: firstMs === undefined || firstMs >= range.fromMs ? null : totalAt(range.fromMs - 1),
    value: typeof value === 'number' ? value : null,
    actions: [...new Set(before.flatMap((entry) => (entry.kind === 'action' ? [entry.type] : [])))],
    rules: rulesBefore(before, cutMs),
  };
}

/** Every instant at which anything can happen here: all lies on a grid of six hours. */
function instants(fromMs: number, beforeMs: number): number[] {
  return Array.from(
    { length: Math.ceil((beforeMs - fromMs) / (DAY_MS / 4)) },
    (_, n) => fromMs + (n * DAY_MS) / 4,
  );
}

function rulesBefore(before: readonly TimelineEntry[], cutMs: number): string[] {
  const has = (type: string) => before.some((entry) => entry.kind === 'action' && entry.type === type);
  const gapEnds = before.map(({ atMs }, index) => [atMs, before[index + 1]?.atMs ?? cutMs] as const);
  return [
    ...(has('opened') ? ['open'] : []),
    ...(has('clicked') ? ['click'] : []),
    ...(gapEnds.some(([atMs, endMs]) => atMs + 7 * DAY_MS < endMs) ? ['quiet'] : []),
  ];
}

describe('conversion', () => {
  test('is what a recount of the raw timelines makes of it, in any zone, range and filter', async () => {
    let people = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(arbitraryAction, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom('UTC', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu'),
        fc.boolean(),
        async (timelines, fromDay, days, timeZone, isFiltered) => {
          for (const timeline of timelines) {
            const sorted = timeline.sort((a, b) => a.atMs - b.atMs);
            await kit.recordTimeline(`p${people++}@example.com`, sorted);
          }
          await kit.settleFacts();
          const raw = await kit.timelines();
          const some = [...raw.keys()].filter((_, index) => index % 3 !== 0);
          const filter = isFiltered ? { segmentIds: [await kit.segmentOf(some)] } : {};
          const dateOf = (day: number) => new Date(START_MS + day * DAY_MS).toISOString().slice(0, 10);
          const range = { from: dateOf(fromDay), to: dateOf(fromDay + days) };
          const scope = await kit.analytics.scope(kit.tenantId, { range, timeZone, filter });
          const byHand = [...raw]
            .filter(([id]) => !isFiltered || some.includes(id))
            .flatMap(([, entries]) => judgeByHand(entries, scope) ?? []);
          await expectSame(scope, byHand);
        },
      ),
      { numRuns },
    );
  }, 300_000);

  async function expectSame(scope: AnalyticsScope, byHand: readonly JudgedByHand[]): Promise<void> {
    const { read } = kit.analytics;
    const won = byHand.filter((lead) => lead.won);
    for (const [moment, totalOf] of [
      ['PEAK', (lead: JudgedByHand) => lead.peak],
      ['START', (lead: JudgedByHand) => lead.start],
    ] as const) {
      const judged = await readJudgedLeads(read, scope, moment);
      expect(sumUp(judged)).toEqual({
        leads: byHand.length,
        won: won.length,
        lost: byHand.filter(({ lost }) => lost).length,
        valued: won.filter(({ value }) => value !== null).length,
        value: won.reduce((sum, { value }) => sum + (value ?? 0), 0),
      });
      const bands = byBand(judged, bandsBetween(BOUNDS, 'bands'));
      expect(bands.map(({ converted }) => [converted.numerator, converted.denominator])).toEqual(
        [Number.NEGATIVE_INFINITY, ...BOUNDS].map((bound, index) => {
          const own = byHand.filter((lead) => {
            const total = totalOf(lead);
            return total !== null && total >= bound && total < (BOUNDS[index] ?? Number.POSITIVE_INFINITY);
          });
          return [own.filter((lead) => lead.won).length, own.length];
        }),
      );
    }
    const counts = (of: (lead: JudgedByHand) => string[]) =>
      Object.fromEntries(
        [...new Set(byHand.flatMap(of))].map((name) => {
          const own = byHand.filter((lead) => of(lead).includes(name));
          return [name, [own.filter((lead) => lead.won).length, own.length, won.length, byHand.length]];
        }),
      );
    const keys = compileModel(MODEL).rules.map(({ key }) => key);
    const byRule = await readConversionByRule(read, scope);
    expect(shown(byRule, (index) => keys[index])).toEqual(counts(({ rules }) => rules));
    const byAction = await readConversionByAction(read, scope);
    const names = await readActionTypeNames(read, scope, [...byAction.causes.keys()]);
    expect(shown(byAction, (id) => names.get(id))).toEqual(counts(({ actions }) => actions));
    for (const all of [byRule, byAction]) expect([all.leads, all.won]).toEqual([byHand.length, won.length]);
  }

  function shown({ causes }: ConversionByCause, nameOf: (id: number) => string | undefined) {
    return Object.fromEntries(
      [...causes].map(([id, { converted, without }]) => [
        nameOf(id),
        [
          converted.numerator,
          converted.denominator,
          converted.numerator + without.numerator,
          converted.denominator + without.denominator,
        ],
      ]),
    );
  }

  test('counts nothing that came with the outcome or after it', async () => {
    await kit.recordTimeline('late@example.com', [
      action(300, 'opened'),
      action(310, 'deal_won', { value: 5 }),
      action(311, 'clicked'),
      action(312, 'signed_contract'),
    ]);
    await kit.settleFacts();
    const range = { from: '2026-10-28', to: '2026-11-20' };
    const scope = await kit.analytics.scope(kit.tenantId, { range }, Date.UTC(2026, 10, 22));
    const { read } = kit.analytics;
    const judged = await readJudgedLeads(read, scope, 'PEAK');
    expect(judged.filter(({ won }) => won)).toEqual([
      { total: 20, won: true, lost: false, leads: 1, valued: 1, value: 5 },
    ]);
    const byAction = await readConversionByAction(read, scope);
    const names = await readActionTypeNames(read, scope, [...byAction.causes.keys()]);
    const converting = [...byAction.causes].filter(([, { converted }]) => converted.numerator > 0);
    expect(converting.map(([id]) => names.get(id))).toEqual(['opened']);
  });
});
