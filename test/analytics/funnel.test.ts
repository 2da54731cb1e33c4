import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cohort, readCohorts } from '../../src/analytics/funnel/cohorts.js';
import { readStageFunnel, type StageFunnel } from '../../src/analytics/funnel/stage-funnel.js';
import type { AnalyticsScope } from '../../src/analytics/scope/analytics-scope.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import { replay } from '../../src/scoring/replay.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { action, dayMs, modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';
import { arbitraryActions, START_MS, STEP_MS } from './arbitrary-actions.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 20);
const DAYS = 50;
const STAGES = [
  { key: 'cold', name: 'Cold', minScore: 0 },
  { key: 'warm', name: 'Warm', minScore: 20 },
  { key: 'hot', name: 'Hot', minScore: 45 },
];
const MODEL = modelOf(
  [
    { key: 'open', action: { actionType: 'opened', points: 20, expiresAfterDays: 6 } },
    { key: 'click', action: { actionType: 'clicked', points: 45, expiresAfterDays: 3 } },
  ],
  { stages: STAGES },
);

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

const arbitraryAction = arbitraryActions(DAYS, ['opened', 'opened', 'clicked', 'visited', 'deal_won']);

/** A stay of a lead in a stage, the last one without an end. */
interface Stay {
  stage: number;
  beganMs: number;
  endedMs: number;
}

/** The stages of a lead from its first entry on, looked up at every instant at which anything can happen here. */
function staysOf(entries: readonly TimelineEntry[], toMs: number): Stay[] {
  const stays: Stay[] = [];
  for (let atMs = entries[0]?.atMs ?? toMs; atMs < toMs; atMs += STEP_MS) {
    const { stage } = replay(MODEL, entries, atMs);
    const last = stays.at(-1);
    if (last?.stage === stage) continue;
    if (last) last.endedMs = atMs;
    stays.push({ stage, beganMs: atMs, endedMs: Number.POSITIVE_INFINITY });
  }
  return stays;
}

const hundredths = (ms: number) => Math.floor(ms / 864_000) / 100;
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? null;
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

function funnelByHand(
  leads: readonly Stay[][],
  { range }: AnalyticsScope,
  stage: number,
): Partial<StageFunnel> {
  const { fromMs, toMs } = range;
  const isWithin = (atMs: number) => atMs >= fromMs && atMs < toMs;
  const moves = leads.flatMap((stays) =>
    stays.flatMap((stay, index) => {
      const next = stays[index + 1];
      return next && stay.stage === stage && isWithin(next.beganMs) ? [next.stage] : [];
    }),
  );
  const entered = leads.flatMap((stays) => {
    const first = stays.findIndex((stay) => stay.stage === stage && isWithin(stay.beganMs));
    return first < 0 ? [] : [stays.slice(first + 1).map((stay) => stay.stage)];
  });
  const ended = leads.flat().filter((stay) => stay.stage === stage && isWithin(stay.endedMs));
  const firstEntries = leads.flatMap((stays) => {
    const first = stays.find((stay) => stay.stage === stage);
    return first && isWithin(first.beganMs) ? [hundredths(first.beganMs - (stays[0]?.beganMs ?? 0))] : [];
  });
  const inAt = (atMs: number) =>
    leads.filter((stays) => stays.findLast((stay) => stay.beganMs <= atMs)?.stage === stage).length;
  return {
    entered: entered.length,
    leftUp: moves.filter((to) => to > stage).length,
    leftDown: moves.filter((to) => to < stage).length,
    atStart: inAt(fromMs - 1),
    atEnd: inAt(toMs - 1),
    open: inAt(toMs - 1),
    medianDays: median(ended.map(({ beganMs, endedMs }) => hundredths(endedMs - beganMs))),
    medianDaysToEnter: median(firstEntries),
    advanced: expect.objectContaining({
      numerator: entered.filter((after) => after.some((to) => to > stage)).length,
      denominator: entered.length,
    }),
    toNext: expect.objectContaining({
      numerator: entered.filter((after) => after.includes(stage + 1)).length,
    }),
  };
}

function cohortsByHand(raw: readonly TimelineEntry[][], { range }: AnalyticsScope): Map<string, number[]> {
  const monthOf = (atMs: number) => {
    const parts = new Intl.DateTimeFormat('en-CA', {
      timeZone: range.timeZone,
      year: 'numeric',
      month: '2-digit',
    });
    return parts.format(atMs).slice(0, 7);
  };
  const months = new Map<string, number[]>();
  for (const entries of raw) {
    const firstMs = entries[0]?.atMs ?? 0;
    if (firstMs < range.fromMs || firstMs >= range.toMs) continue;
    const stays = staysOf(entries, range.toMs);
    const won = entries.some(
      (one) => one.kind === 'action' && one.type === 'deal_won' && one.atMs < range.toMs,
    );
    const counts = months.get(monthOf(firstMs)) ?? [0, 0, 0, 0];
    const reached = (stage: number) => (stays.some((stay) => stay.stage >= stage) ? 1 : 0);
    months.set(
      monthOf(firstMs),
      [1, reached(1), reached(2), won ? 1 : 0].map((one, n) => one + (counts[n] ?? 0)),
    );
  }
  return months;
}

describe('the funnel and its cohorts', () => {
  test('are what a recount of the raw timelines makes of them', async () => {
    let people = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(arbitraryAction, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom('UTC', 'America/New_York', 'Asia/Kathmandu'),
        fc.boolean(),
        async (timelines, fromDay, days, timeZone, isFiltered) => {
          for (const timeline of timelines) {
            const sorted = timeline.sort((a, b) => a.atMs - b.atMs);
            await kit.recordTimeline(`p${people++}@example.com`, sorted);
          }
          await kit.settleFacts();
          const all = await kit.timelines();
          const some = [...all.keys()].filter((_, index) => index % 3 !== 0);
          const filter = isFiltered ? { ownerIds: [await kit.ownerOf(some)] } : {};
          const dateOf = (day: number) => new Date(START_MS + day * DAY_MS).toISOString().slice(0, 10);
          const range = { from: dateOf(fromDay), to: dateOf(fromDay + days) };
          const scope = await kit.analytics.scope(kit.tenantId, { range, timeZone, filter });
          const raw = [...all]
            .filter(([id]) => !isFiltered || some.includes(id))
            .map(([, entries]) => entries);
          const leads = raw.map((entries) => staysOf(entries, scope.range.toMs));
          const funnel = await readStageFunnel(kit.analytics.read, scope);
          expect(funnel).toMatchObject(STAGES.map((_, stage) => funnelByHand(leads, scope, stage)));
          const cohorts = await readCohorts(kit.analytics.read, scope);
          const byHand = cohortsByHand(raw, scope);
          expect(cohorts.map(({ month }) => month.month)).toEqual(expect.arrayContaining([...byHand.keys()]));
          for (const cohort of cohorts)
            expect(shown(cohort)).toEqual(byHand.get(cohort.month.month) ?? [0, 0, 0, 0]);
        },
      ),
      { numRuns },
    );
  }, 300_000);

  function shown({ leads, reached, converted }: Cohort): number[] {
    return [leads, reached[1]?.numerator ?? 0, reached[2]?.numerator ?? 0, converted.numerator];
  }

  test('tell a lead that climbs, cools off and buys', async () => {
    const quiet = await AnalyticsKit.open(database.url);
    await quiet.publishPrimary(MODEL);
    await quiet.recordTimeline('ann@example.com', [
      action(0, 'visited'),
      action(2, 'opened'),
      action(3, 'clicked'),
      action(5, 'deal_won'),
    ]);
    await quiet.settleFacts();
    const range = { from: '2026-01-01', to: '2026-01-31' };
    const scope = await quiet.analytics.scope(quiet.tenantId, { range });
    const [cold, warm, hot] = await readStageFunnel(quiet.analytics.read, scope);
    expect(cold).toMatchObject({
      entered: 1,
      leftUp: 1,
      leftDown: 0,
      atEnd: 1,
      medianDays: 2,
      medianDaysToEnter: 0,
    });
    expect(warm).toMatchObject({
      entered: 1,
      leftUp: 1,
      leftDown: 1,
      medianDays: 1,
      p75Days: 2,
      medianDaysToEnter: 2,
    });
    expect(hot).toMatchObject({ entered: 1, leftDown: 1, atEnd: 0, medianDays: 3, medianDaysToEnter: 3 });
    expect(sum([cold, warm, hot].map((one) => one?.atStart ?? 0))).toBe(0);
    const [january] = await readCohorts(quiet.analytics.read, scope);
    expect(january).toMatchObject({ leads: 1, converted: { numerator: 1 }, medianDaysToConvert: 5 });
    expect(january?.month).toMatchObject({ month: '2026-01', startMs: dayMs(0) });
    await quiet.close();
  });
});
