import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const MODEL = {
  key: 'plain',
  name: 'Plain',
  dimensions: [
    {
      key: 'interest',
      maxPoints: 100,
      labels: [
        { label: 'B', minPoints: 20 },
        { label: 'A', minPoints: 50 },
      ],
    },
  ],
  stages: [
    { key: 'cold', name: 'Cold', minScore: 0 },
    { key: 'hot', name: 'Hot', minScore: 50, hot: true },
  ],
  scoreSets: [
    {
      key: 'behaviour',
      name: 'Behaviour',
      dimension: 'interest',
      rules: [
        { key: 'form', action: { actionType: 'form', points: 30 } },
        { key: 'visit', action: { actionType: 'visit', points: 1 } },
        { key: 'spam', action: { actionType: 'spam', points: -10 } },
      ],
    },
  ],
};
const ACTIONS = [
  ['anna', 'form', '2024-03-01'],
  ['anna', 'form', '2024-03-11'],
  ['bert', 'form', '2024-03-02'],
  ['bert', 'spam', '2024-03-12'],
  ['carl', 'visit', '2024-03-12'],
] as const;
const RANGE = { from: '2024-03-10', to: '2024-03-12' };
const SHARE = 'numerator denominator';

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
  tenant = await server.tenant();
  const made = await server.send(
    tenant.key,
    'mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) { model { id } } }',
    { input: MODEL },
  );
  expect(made.errors).toEqual([]);
  const input = ACTIONS.map(([name, type, day]) => ({
    contact: { email: `${name}@example.com` },
    type,
    occurredAt: `${day}T12:00:00Z`,
  }));
  const recorded = await server.send(
    tenant.key,
    'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded } }',
    { input },
  );
  expect(recorded.data.recordActions.recorded).toBe(ACTIONS.length);
  await server.settleFacts();
});
afterAll(() => server.stop());

async function ask(fields: string) {
  const { data, errors } = await server.send(
    tenant.key,
    `query ($range: AnalyticsRangeInput) { analytics(range: $range) { ${fields} } }`,
    { range: RANGE },
  );
  return { analytics: data?.analytics, errors };
}

describe('the distribution of scores', () => {
  test('says how many leads stand in each stage at the end of the range, and before it', async () => {
    const { analytics, errors } = await ask(`
      now: distribution {
        asOf before leads average median p10 p25 p75 p90 percentiles(at: [0, 0.5, 1])
        buckets { from to stage { key } contacts share { ${SHARE} rate } }
        byLabel { label contacts share { ${SHARE} } }
      }
      before: distribution(asOf: "2024-03-01") { leads median buckets { contacts } }
      never: distribution(asOf: "2023-01-01") { leads average median p90 percentiles(at: [0.5]) byLabel { label } }
    `);
    expect(errors).toEqual([]);
    expect(analytics.now).toEqual({
      asOf: '2024-03-12',
      before: '2024-03-13T00:00:00.000Z',
      leads: 3,
      average: 27,
      median: 20,
      p10: 1,
      p25: 1,
      p75: 60,
      p90: 60,
      percentiles: [1, 20, 60],
      buckets: [
        {
          from: null,
          to: 50,
          stage: { key: 'cold' },
          contacts: 2,
          share: { numerator: 2, denominator: 3, rate: 2 / 3 },
        },
        {
          from: 50,
          to: null,
          stage: { key: 'hot' },
          contacts: 1,
          share: { numerator: 1, denominator: 3, rate: 1 / 3 },
        },
      ],
      byLabel: ['A', 'B', null].map((label) => ({
        label,
        contacts: 1,
        share: { numerator: 1, denominator: 3 },
      })),
    });
    expect(analytics.before).toEqual({ leads: 1, median: 30, buckets: [{ contacts: 1 }, { contacts: 0 }] });
    expect(analytics.never).toEqual({
      leads: 0,
      average: null,
      median: null,
      p90: null,
      percentiles: [null],
      byLabel: [],
    });
  });

  test('is that of a dimension, in the buckets asked for', async () => {
    const { analytics } = await ask(`
      labels: distribution(dimension: "interest") { dimension buckets { from to label contacts } }
      own: distribution(buckets: [20, 21]) { buckets { from to label contacts } }
    `);
    expect(analytics.labels).toEqual({
      dimension: 'interest',
      buckets: [
        { from: null, to: 20, label: null, contacts: 1 },
        { from: 20, to: 50, label: 'B', contacts: 1 },
        { from: 50, to: null, label: 'A', contacts: 1 },
      ],
    });
    expect(analytics.own.buckets).toEqual([
      { from: null, to: 20, label: null, contacts: 1 },
      { from: 20, to: 21, label: null, contacts: 1 },
      { from: 21, to: null, label: null, contacts: 1 },
    ]);
  });

  test.each([
    ['a day after the range', 'distribution(asOf: "2024-03-13") { leads }', 'asOf'],
    ['a dimension that is none', 'distribution(dimension: "fit") { leads }', 'dimension'],
    ['bounds that do not ascend', 'distribution(buckets: [1, 2, 2]) { leads }', 'buckets.2'],
    ['no bounds', 'distribution(buckets: []) { leads }', 'buckets'],
    ['shares beyond 1', 'distribution { percentiles(at: [0.5, 90]) }', 'at.1'],
    ['bounds of changes that fall', 'movement { changes(buckets: [5, -5]) { contacts } }', 'buckets.1'],
  ])('%s is refused with its place', async (_name, fields, path) => {
    const { errors } = await ask(`x: ${fields}`);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });
});

test('the movement of scores says who rose, fell and came anew, and on which day', async () => {
  const { analytics, errors } = await ask(`
    movement {
      rose { ${SHARE} enough } fell { ${SHARE} } stayed { ${SHARE} } new { ${SHARE} }
      rise { average median } fall { average median }
      changes { from to contacts share { ${SHARE} } }
      all: changes(buckets: [0]) { from to contacts }
      series { day rose fell new netPoints leads average }
    }
  `);
  expect(errors).toEqual([]);
  const { changes, ...movement } = analytics.movement;
  const day = { rose: 0, fell: 0, new: 0, netPoints: 0, leads: 2 };
  expect(movement).toEqual({
    rose: { numerator: 1, denominator: 2, enough: false },
    fell: { numerator: 1, denominator: 2 },
    stayed: { numerator: 0, denominator: 2 },
    new: { numerator: 1, denominator: 3 },
    rise: { average: 30, median: 30 },
    fall: { average: 10, median: 10 },
    all: [
      { from: null, to: 0, contacts: 1 },
      { from: 0, to: null, contacts: 1 },
    ],
    series: [
      { ...day, day: '2024-03-10', average: 30 },
      { ...day, day: '2024-03-11', rose: 1, netPoints: 30, average: 45 },
      { ...day, day: '2024-03-12', fell: 1, new: 1, netPoints: -10, leads: 3, average: 27 },
    ],
  });
  const bounds = [null, -49, -24, -9, -4, 0, 1, 5, 10, 25, 50];
  expect(changes.map(({ from }: { from: number | null }) => from)).toEqual(bounds);
  expect(changes.filter(({ contacts }: { contacts: number }) => contacts > 0)).toEqual([
    { from: -24, to: -9, contacts: 1, share: { numerator: 1, denominator: 2 } },
    { from: 25, to: 50, contacts: 1, share: { numerator: 1, denominator: 2 } },
  ]);
});

test('the coverage stands still at what was just recorded until reports contain it', async () => {
  const coverage = async () =>
    (await ask('coverage { complete contactsDone contactsTotal upTo }')).analytics.coverage;
  const before = await coverage();
  expect(before).toMatchObject({ complete: true, contactsDone: 3, contactsTotal: 3 });
  await server.send(
    tenant.key,
    'mutation { recordAction(input: { contact: { email: "anna@example.com" }, type: "form" }) { duplicate } }',
  );
  const waiting = await coverage();
  expect(Date.parse(waiting.upTo)).toBeGreaterThanOrEqual(Date.parse(before.upTo));
  expect((await coverage()).upTo).toBe(waiting.upTo);
  await server.settleFacts();
  expect(Date.parse((await coverage()).upTo)).toBeGreaterThan(Date.parse(waiting.upTo));
});

test('the coverage is that of before any report is read, wherever it stands in the request', async () => {
  const { analytics } = server.services;
  const read = analytics.read;
  const events: string[] = [];
  vi.spyOn(analytics, 'read').mockImplementation(async (scope, statement) => {
    const name = statement.text.includes('fact_feeds') ? 'coverage' : 'report';
    events.push(`${name} begins`);
    const rows = await read(scope, statement);
    events.push(`${name} ends`);
    return rows;
  });
  await ask('distribution { leads } ...Whole } } fragment Whole on Analytics { coverage { complete');
  vi.restoreAllMocks();
  expect(events).toEqual(['coverage begins', 'coverage ends', 'report begins', 'report ends']);
});
