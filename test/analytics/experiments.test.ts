import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { armOf, type Experiment } from '../../src/analytics/experiments/experiment.js';
import { experimentResults } from '../../src/analytics/experiments/experiment-results.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import type { JsonObject } from '../../src/scoring/json-value.js';
import { replay } from '../../src/scoring/replay.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 20);
const START_MS = Date.UTC(2026, 0, 1);
const SPAN_DAYS = 60;
const OPENED = modelOf(
  [{ key: 'open', action: { actionType: 'opened', points: 20, expiresAfterDays: 30 } }],
  {
    key: 'opened',
  },
);
const CLICKED = modelOf([{ key: 'click', action: { actionType: 'clicked', points: 30 } }], {
  key: 'clicked',
});

let database: TestDatabase;
let kit: AnalyticsKit;
let modelIds: [string, string];

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await AnalyticsKit.open(database.url);
  modelIds = [await kit.publishPrimary(OPENED), await kit.ingest.publish(CLICKED)];
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

const arbitraryAction: fc.Arbitrary<TimelineEntry> = fc.record({
  kind: fc.constant('action' as const),
  atMs: fc.integer({ min: 0, max: 4 * SPAN_DAYS }).map((step) => START_MS + step * (DAY_MS / 4)),
  type: fc.constantFrom('opened', 'opened', 'clicked', 'clicked', 'deal_won', 'deal_lost'),
  properties: fc.constantFrom<JsonObject>({}, { value: 100 }),
});

function experimentOf(parts: Partial<Experiment>): Experiment {
  return {
    id: '01930000-0000-7000-8000-000000000001',
    key: 'try',
    name: 'Try',
    arms: [
      { key: 'today', name: 'Today', modelId: modelIds[0], threshold: 40 },
      { key: 'new', name: 'New', modelId: modelIds[1], threshold: 30 },
    ],
    share: 0.5,
    expectedRate: 0.2,
    liftToDetect: 1.5,
    createdBy: 'test',
    startedAtMs: START_MS,
    endedAtMs: null,
    ...parts,
  };
}

/** Counted by hand over a raw timeline: null for who takes no part. */
function fareOf(
  experiment: Experiment,
  contactId: string,
  entries: readonly TimelineEntry[],
  fromMs: number,
  toMs: number,
) {
  const seen = entries.filter((entry) => entry.atMs < toMs);
  const first = (type: string) => seen.find((entry) => entry.kind === 'action' && entry.type === type)?.atMs;
  const settledMs = first('deal_won') ?? first('deal_lost');
  if (seen.length === 0 || (settledMs !== undefined && settledMs < fromMs)) return null;
  const place = armOf(experiment, contactId);
  const definition = place === 0 ? OPENED : CLICKED;
  // Between two entries a total only falls here: its highest is at one of them.
  const cutMs = settledMs ?? toMs;
  const before = seen.filter((entry) => entry.atMs < cutMs);
  const peak = Math.max(0, ...before.map(({ atMs }) => replay(definition, before, atMs).total));
  return {
    place,
    converted: first('deal_won') !== undefined,
    qualified: peak >= experiment.arms[place].threshold,
  };
}

describe('an experiment', () => {
  test('counts in each arm what a recount of the raw timelines counts', async () => {
    let people = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(arbitraryAction, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: SPAN_DAYS - 1 }),
        fc.integer({ min: 1, max: SPAN_DAYS }),
        fc.constantFrom(0.1, 0.5, 0.9),
        fc.uuid(),
        async (timelines, startDay, days, share, id) => {
          for (const timeline of timelines)
            await kit.recordTimeline(
              `p${people++}@example.com`,
              timeline.sort((a, b) => a.atMs - b.atMs),
            );
          await kit.settleFacts();
          const startedAtMs = START_MS + startDay * DAY_MS + 3_600_000;
          const experiment = experimentOf({ id, share, startedAtMs, endedAtMs: startedAtMs + days * DAY_MS });
          const range = { from: '2026-01-01', to: '2026-02-10' };
          const raw = await kit.timelines();
          const half = [...raw.keys()].filter((_, index) => index % 2 === 0);
          const segmentIds = [await kit.segmentOf(half)];
          for (const filter of [{}, { segmentIds }]) {
            const scope = await kit.analytics.scope(kit.tenantId, {
              range,
              timeZone: 'Asia/Kathmandu',
              filter,
            });
            const fromMs = Math.max(startedAtMs, scope.range.fromMs);
            const toMs = Math.min(experiment.endedAtMs ?? 0, scope.range.toMs);
            if (toMs <= fromMs) continue;
            const found = await experimentResults(kit.analytics.read, kit.ingest.registry, scope, experiment);
            const fares = [...raw]
              .filter(([contactId]) => !('segmentIds' in filter) || half.includes(contactId))
              .flatMap(([contactId, entries]) => fareOf(experiment, contactId, entries, fromMs, toMs) ?? []);
            expect(
              found.arms.map(({ converted, qualified, precision }) => [
                converted.denominator,
                converted.numerator,
                qualified.numerator,
                precision.numerator,
              ]),
            ).toEqual(
              [0, 1].map((place) => {
                const own = fares.filter((fare) => fare.place === place);
                return [
                  own.length,
                  own.filter(({ converted }) => converted).length,
                  own.filter(({ qualified }) => qualified).length,
                  own.filter(({ converted, qualified }) => converted && qualified).length,
                ];
              }),
            );
          }
        },
      ),
      { numRuns },
    );
  }, 300_000);

  test('says too few leads until each arm has as many as the lift needs', async () => {
    const scope = await kit.analytics.scope(kit.tenantId, {
      range: { from: '2026-01-01', to: '2026-02-01' },
    });
    const few = await experimentResults(kit.analytics.read, kit.ingest.registry, scope, experimentOf({}));
    expect(few).toMatchObject({ leadsNeeded: 294, verdict: 'TOO_FEW_LEADS' });
    const rough = experimentOf({ expectedRate: 0.01, liftToDetect: 90 });
    const enough = await experimentResults(kit.analytics.read, kit.ingest.registry, scope, rough);
    expect(enough.leadsNeeded).toBeLessThan(10);
    expect(enough.verdict).not.toBe('TOO_FEW_LEADS');
  });

  test('splits contacts by its share, and other experiments otherwise', () => {
    const ids = Array.from(
      { length: 4_000 },
      (_, n) => `01930000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    );
    const inSecond = (experiment: Experiment) => ids.filter((id) => armOf(experiment, id) === 1);
    const one = inSecond(experimentOf({ share: 0.25 }));
    const other = inSecond(experimentOf({ id: '01930000-0000-7000-8000-000000000002', share: 0.25 }));
    expect(one.length / ids.length).toBeCloseTo(0.25, 1);
    expect(one.filter((id) => other.includes(id)).length / one.length).toBeCloseTo(0.25, 1);
  });
});
