import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MovementDay, readMovementDays } from '../../src/analytics/course/movement-days.js';
import {
  type DistributionRequest,
  readDistribution,
  readLabels,
} from '../../src/analytics/course/score-distribution.js';
import { readMovement } from '../../src/analytics/course/score-movement.js';
import { countBuckets } from '../../src/analytics/course/value-buckets.js';
import { readFactCoverage } from '../../src/analytics/facts/fact-coverage.js';
import type { AnalyticsScope } from '../../src/analytics/scope/analytics-scope.js';
import { addDays, dayStartsMs, localDayOf } from '../../src/analytics/scope/local-days.js';
import type { ValueCount } from '../../src/analytics/statistics/grouped-values.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import type { Evaluation } from '../../src/scoring/evaluation.js';
import { wholeTotal } from '../../src/scoring/points.js';
import { replayer } from '../../src/scoring/replay.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import { arbitraryTimeline, TIMELINE_START_MS } from '../support/arbitrary-timeline.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { action, adjustment, dayMs, modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 15);
const ZONES = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland', 'Pacific/Honolulu'];
const FORM_MODEL = modelOf([{ key: 'form', action: { actionType: 'form', points: 30 } }], {
  dimensions: [
    {
      key: 'engagement',
      maxPoints: 100,
      labels: [
        { label: 'B', minPoints: 10 },
        { label: 'A', minPoints: 60 },
      ],
    },
    { key: 'fit', maxPoints: 50 },
  ],
});

let database: TestDatabase;
let kit: AnalyticsKit;

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  kit = await AnalyticsKit.open(database.url);
});
afterEach(() => kit.close());
afterAll(() => database.drop());

/** What is at an instant of each contact that had an entry by then. */
type Look = (entries: readonly TimelineEntry[], atMs: number) => Evaluation | null;

function lookWith({ model }: AnalyticsScope): Look {
  const replay = replayer(model.definition);
  return (entries, atMs) => ((entries[0]?.atMs ?? Infinity) <= atMs ? replay(entries, atMs) : null);
}

function tally<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const tallyOf = (values: readonly ValueCount[]) => new Map(values.map(({ value, count }) => [value, count]));

function totalsJustBefore(
  timelines: readonly TimelineEntry[][],
  look: Look,
  beforeMs: number,
): (number | null)[] {
  return timelines.map((entries) => look(entries, beforeMs - 1)?.total ?? null);
}

async function expectDistribution(
  scope: AnalyticsScope,
  timelines: readonly TimelineEntry[][],
  request: DistributionRequest,
): Promise<void> {
  const { read } = kit.analytics;
  const look = lookWith(scope);
  const found = await readDistribution(read, scope, request);
  const leads = timelines.flatMap((entries) => look(entries, found.beforeMs - 1) ?? []);
  const axis = scope.model.compiled.dimensions.findIndex(({ key }) => key === request.dimension);
  const values = leads.map(({ total, dimensions }) => (axis < 0 ? total : wholeTotal(dimensions[axis] ?? 0)));
  expect(tallyOf(found.values)).toEqual(tally(values));
  const buckets = countBuckets(found.buckets, found.values);
  for (const { from, to, contacts } of buckets)
    expect(contacts).toBe(
      values.filter((value) => value >= (from ?? -Infinity) && value < (to ?? Infinity)).length,
    );
  expect(buckets.reduce((sum, { contacts }) => sum + contacts, 0)).toBe(leads.length);
  const labels = await readLabels(read, scope, found);
  expect(new Map(labels.map(({ label, contacts }) => [label, contacts]))).toEqual(
    tally(leads.map(({ label }) => label)),
  );
  if (axis >= 0 || request.buckets) return;
  const stages = tally(leads.map(({ stage }) => scope.model.compiled.stages[stage]?.key));
  for (const { stage, contacts } of buckets) expect(contacts).toBe(stages.get(stage?.key) ?? 0);
}

async function expectMovement(scope: AnalyticsScope, timelines: readonly TimelineEntry[][]): Promise<void> {
  const look = lookWith(scope);
  const { fromMs, toMs, dayStartsMs: starts, from } = scope.range;
  const movement = await readMovement(kit.analytics.read, scope);
  const before = totalsJustBefore(timelines, look, fromMs);
  const after = totalsJustBefore(timelines, look, toMs);
  const changes = after.flatMap((total, n) => {
    const was = before[n] ?? null;
    return total === null || was === null ? [] : [total - was];
  });
  expect(tallyOf(movement.changes)).toEqual(tally(changes));
  const leads = after.filter((total) => total !== null).length;
  expect(movement).toMatchObject({
    rose: { numerator: changes.filter((change) => change > 0).length, denominator: changes.length },
    fell: { numerator: changes.filter((change) => change < 0).length },
    stayed: { numerator: changes.filter((change) => change === 0).length },
    new: { numerator: leads - changes.length, denominator: leads },
  });
  const days = await readMovementDays(kit.analytics.read, scope);
  const ends = starts.map((atMs) => totalsJustBefore(timelines, look, atMs));
  expect(days).toEqual(ends.slice(1).map((end, n) => dayOf(addDays(from, n), ends[n] ?? [], end)));
}

function dayOf(day: string, start: readonly (number | null)[], end: readonly (number | null)[]): MovementDay {
  const there = end.flatMap((total) => total ?? []);
  const changes = end.flatMap((total, n) => {
    const was = start[n] ?? null;
    return total === null || was === null ? [] : [total - was];
  });
  const points = there.reduce((sum, total) => sum + total, 0);
  return {
    day,
    rose: changes.filter((change) => change > 0).length,
    fell: changes.filter((change) => change < 0).length,
    new: there.length - changes.length,
    netPoints: changes.reduce((sum, change) => sum + change, 0),
    leads: there.length,
    average: there.length === 0 ? null : points / there.length,
  };
}

describe('the course of scores', () => {
  it('is what replaying every timeline says, in any zone, over any days and for any contacts', async () => {
    const definition = await publishRandom();
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryTimeline(12), { minLength: 1, maxLength: 4 }),
        arbitraryModel(),
        fc.record({
          timeZone: fc.constantFrom(...ZONES),
          nowMs: fc
            .integer({ min: 12 * 24, max: 40 * 24 })
            .map((hour) => TIMELINE_START_MS + hour * 3_600_000),
          ends: fc.integer({ min: 0, max: 8 }),
          days: fc.integer({ min: 1, max: 30 }),
          asOf: fc.integer({ min: 0, max: 25 }),
          filter: fc.constantFrom('none', 'segment', 'owner', 'both'),
          buckets: fc.constantFrom(null, [0, 10, 30], [-5, 0.5, 20, 21], [50]),
          axis: fc.constantFrom(null, 'd0'),
        }),
        async (timelines, model, { timeZone, nowMs, ends, days, asOf, filter, buckets, axis }) => {
          await kit.publishPrimary({ ...model, key: definition });
          const run = crypto.randomUUID();
          for (const [n, timeline] of timelines.entries())
            await kit.recordTimeline(`p${run}-${n}@example.com`, timeline);
          await kit.settleFacts();
          const stored = await kit.timelines();
          const ids = [...stored.keys()];
          const members = ids.filter((_id, n) => filter === 'none' || filter === 'owner' || n % 3 !== 0);
          const owned = ids.filter((_id, n) => filter === 'none' || filter === 'segment' || n % 2 === 0);
          const to = addDays(localDayOf(nowMs, timeZone), -ends);
          const scope = await kit.analytics.scope(
            kit.tenantId,
            {
              timeZone,
              range: { from: addDays(to, 1 - days), to },
              filter: {
                segmentIds: members.length < ids.length ? [await kit.segmentOf(members)] : null,
                ownerIds: owned.length < ids.length ? [await kit.ownerOf(owned)] : null,
              },
            },
            nowMs,
          );
          const meant = ids.filter((id) => members.includes(id) && owned.includes(id));
          const entries = meant.map((id) => stored.get(id) ?? []);
          await expectDistribution(scope, entries, { asOf: addDays(to, -asOf), buckets, dimension: axis });
          await expectMovement(scope, entries);
        },
      ),
      { numRuns },
    );
  }, 300_000);

  async function publishRandom(): Promise<string> {
    await kit.publishPrimary({ ...FORM_MODEL, key: 'random' });
    return 'random';
  }

  it('counts what is left of the changes of a day at its end, and newcomers apart', async () => {
    await kit.publishPrimary(FORM_MODEL);
    await kit.recordTimeline('anna@example.com', [
      action(1.1, 'form'),
      adjustment(2.1, 10),
      adjustment(2.5, -10),
    ]);
    await kit.recordTimeline('bert@example.com', [
      action(0, 'form'),
      adjustment(3.2, 5),
      adjustment(3.6, 10),
    ]);
    await kit.recordTimeline('carl@example.com', [action(0, 'form'), adjustment(4, -7)]);
    await kit.settleFacts();
    const scope = await scopeOf('2026-01-02', '2026-01-05', dayMs(9));
    const movement = await readMovement(kit.analytics.read, scope);
    expect(movement).toMatchObject({
      rose: { numerator: 1, denominator: 2 },
      fell: { numerator: 1, denominator: 2 },
      stayed: { numerator: 0 },
      new: { numerator: 1, denominator: 3 },
      rise: { average: 15, median: 15 },
      fall: { average: 7, median: 7 },
    });
    const days = await readMovementDays(kit.analytics.read, scope);
    const nothing = { rose: 0, fell: 0, new: 0, netPoints: 0, leads: 3 };
    expect(days).toEqual([
      { ...nothing, day: '2026-01-02', new: 1, average: 30 },
      { ...nothing, day: '2026-01-03', average: 30 },
      { ...nothing, day: '2026-01-04', rose: 1, netPoints: 15, average: 35 },
      { ...nothing, day: '2026-01-05', fell: 1, netPoints: -7, average: 98 / 3 },
    ]);
  });

  it('counts today up to now, whatever is recorded ahead of it', async () => {
    await kit.publishPrimary(FORM_MODEL);
    await kit.recordTimeline('dora@example.com', [action(0, 'form'), action(4.6, 'form')]);
    await kit.settleFacts();
    const medianAt = async (nowMs: number) => {
      const scope = await scopeOf('2026-01-02', '2026-01-05', nowMs);
      return (await readDistribution(kit.analytics.read, scope, {})).values;
    };
    expect(await medianAt(dayMs(4.6))).toEqual([{ value: 30, count: 1 }]);
    expect(await medianAt(dayMs(4.6) + 1)).toEqual([{ value: 60, count: 1 }]);
  });

  it('has days of 23 and of 25 hours where clocks change, and none where a zone left one out', async () => {
    await kit.publishPrimary(FORM_MODEL);
    const timeZone = 'Europe/Berlin';
    const [, springMs = 0] = dayStartsMs('2025-03-30', '2025-03-30', timeZone);
    const [, apiaMs = 0] = dayStartsMs('2011-12-29', '2011-12-29', 'Pacific/Apia');
    for (const [email, atMs] of [
      ['spring@example.com', springMs],
      ['apia@example.com', apiaMs],
    ] as const) {
      const form = { kind: 'action' as const, type: 'form', properties: {} };
      await kit.recordTimeline(email, [
        { ...form, atMs: atMs - 2 * DAY_MS },
        { ...form, atMs: atMs - 1 },
        { ...form, atMs },
      ]);
    }
    await kit.settleFacts();
    const roseOn = async (from: string, to: string, zone: string) => {
      const scope = await kit.analytics.scope(kit.tenantId, { timeZone: zone, range: { from, to } });
      const days = await readMovementDays(kit.analytics.read, scope);
      return days.map(({ day, rose, netPoints }) => [day, rose, netPoints]);
    };
    expect(await roseOn('2025-03-30', '2025-03-31', timeZone)).toEqual([
      ['2025-03-30', 1, 30],
      ['2025-03-31', 1, 30],
    ]);
    expect(await roseOn('2011-12-29', '2011-12-31', 'Pacific/Apia')).toEqual([
      ['2011-12-29', 1, 30],
      ['2011-12-30', 0, 0],
      ['2011-12-31', 1, 30],
    ]);
  });

  it('parts a dimension by its labels, or into ten, and takes no bounds that do not ascend', async () => {
    await kit.publishPrimary(FORM_MODEL);
    const scope = await scopeOf('2026-01-02', '2026-01-05', dayMs(9));
    const ask = async (request: DistributionRequest) => {
      const { buckets } = await readDistribution(kit.analytics.read, scope, request);
      return buckets.map(({ from, to, label, stage }) => [from, to, label ?? stage?.key ?? null]);
    };
    expect(await ask({})).toEqual([
      [null, 50, 'cold'],
      [50, null, 'hot'],
    ]);
    expect(await ask({ dimension: 'engagement' })).toEqual([
      [null, 10, null],
      [10, 60, 'B'],
      [60, null, 'A'],
    ]);
    expect((await ask({ dimension: 'fit' })).map(([from]) => from)).toEqual([
      0, 5, 10, 15, 20, 25, 30, 35, 40, 45,
    ]);
    expect(await ask({ buckets: [0, 50] })).toHaveLength(2);
    const faults = [{ buckets: [] }, { buckets: [1, 1] }, { dimension: 'none' }, { asOf: '2026-01-06' }];
    for (const request of faults)
      await expect(ask(request)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { fields: [{ path: expect.stringMatching(/^(buckets|buckets\.1|dimension|asOf)$/) }] },
      });
  });
});

describe('the coverage of reports', () => {
  const coverage = async () => {
    const scope = await kit.analytics.scope(kit.tenantId);
    const active = await kit.ingest.registry.current(kit.tenantId);
    const { complete, contacts, upToMs } = await readFactCoverage(kit.analytics.read, scope, active);
    const { done, total } = await contacts();
    return { complete, upToMs, contactsDone: done, contactsTotal: total };
  };

  it('is complete once all contacts are derived, and again after another version is', async () => {
    await kit.publishPrimary(FORM_MODEL);
    await kit.recordTimeline('erik@example.com', [action(1, 'form')]);
    const [touch] = await kit.ingest.query<{ touched_at: Date }>(
      'SELECT touched_at FROM fact_touches WHERE tenant_id = $1',
    );
    const before = await coverage();
    expect(before).toMatchObject({ complete: false, contactsDone: 0, contactsTotal: 1 });
    expect(before.upToMs).toBe(touch?.touched_at.valueOf());
    await kit.settleFacts();
    const settled = await coverage();
    expect(settled).toMatchObject({ complete: true, contactsDone: 1, contactsTotal: 1 });
    expect(settled.upToMs).toBeGreaterThan(before.upToMs);
    await kit.publishPrimary(modelOf([{ key: 'form', action: { actionType: 'form', points: 31 } }]));
    expect(await coverage()).toMatchObject({ complete: false, contactsDone: 0, contactsTotal: 1 });
    await kit.settleFacts();
    expect(await coverage()).toMatchObject({ complete: true });
  });

  it('is not complete while a pass is under way or has to be repeated', async () => {
    await kit.publishPrimary(FORM_MODEL);
    await kit.recordTimeline('fred@example.com', [action(1, 'form')]);
    await kit.settleFacts();
    await kit.ingest.query('UPDATE fact_feeds SET again = TRUE WHERE tenant_id = $1');
    expect((await coverage()).complete).toBe(false);
    await kit.ingest.query(
      'UPDATE fact_feeds SET again = FALSE, building = built, done = 3, total = 7 WHERE tenant_id = $1',
    );
    expect(await coverage()).toMatchObject({ complete: false, contactsDone: 3, contactsTotal: 7 });
  });

  it('is not complete when what counts as a conversion has changed since', async () => {
    await kit.publishPrimary(FORM_MODEL);
    await kit.settleFacts();
    expect((await coverage()).complete).toBe(true);
    await kit.ingest.query(
      `INSERT INTO conversion_settings (tenant_id, won_types, lost_types, value_property, revision, changed_by)
       VALUES ($1, '{signed}', '{}', 'value', 1, 'test')`,
    );
    expect((await coverage()).complete).toBe(false);
  });
});

function scopeOf(from: string, to: string, nowMs: number): Promise<AnalyticsScope> {
  return kit.analytics.scope(kit.tenantId, { range: { from, to } }, nowMs);
}
