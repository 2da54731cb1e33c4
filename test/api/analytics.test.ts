import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const PRESET =
  'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { id version } } }';
const ANALYTICS = `query ($range: AnalyticsRangeInput, $timeZone: String, $filter: AnalyticsFilterInput) {
  analytics(range: $range, timeZone: $timeZone, filter: $filter) {
    range { from to timeZone fromAt toAt days }
    model { key version }
  }
}`;
const SEGMENT = 'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }';

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  tenant = await server.tenant();
  await server.send(tenant.key, PRESET, { input: { preset: 'STARTER', key: 'starter' } });
});
afterAll(() => server.stop());

const ask = (variables: Record<string, unknown> = {}) => server.send(tenant.key, ANALYTICS, variables);

describe('what reports are about', () => {
  test('the last 30 days of UTC up to now under the primary model, when nothing is said', async () => {
    const { data, errors } = await ask();
    expect(errors).toEqual([]);
    const { range, model } = data.analytics;
    expect(model).toEqual({ key: 'starter', version: 1 });
    expect(range).toMatchObject({ timeZone: 'UTC', days: 30 });
    expect(range.fromAt).toBe(`${range.from}T00:00:00.000Z`);
    expect(range.toAt.slice(0, 10)).toBe(range.to);
    expect(Math.abs(Date.parse(range.toAt) - Date.now())).toBeLessThan(60_000);
  });

  test('whole days of a zone, the change of its clocks among them', async () => {
    const range = { from: '2024-03-30', to: '2024-03-31' };
    const { data } = await ask({ range, timeZone: 'europe/berlin' });
    expect(data.analytics.range).toEqual({
      ...range,
      timeZone: 'Europe/Berlin',
      fromAt: '2024-03-29T23:00:00.000Z',
      toAt: '2024-03-31T22:00:00.000Z',
      days: 2,
    });
  });

  test('a model by key or id, and the contacts of segments and owners', async () => {
    await server.send(tenant.key, PRESET, { input: { preset: 'ADVANCED', key: 'other' } });
    const made = await server.send(tenant.key, SEGMENT, {
      input: { key: 'some', name: 'Some', filter: { minTotal: 10 } },
    });
    expect(made.errors).toEqual([]);
    const { data, errors } = await ask({
      filter: { modelKey: 'other', segmentIds: [made.data.createSegment.segment.id], ownerIds: [] },
    });
    expect(errors).toEqual([]);
    expect(data.analytics.model.key).toBe('other');
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['an offset for a zone', { timeZone: '+02:00' }, 'BAD_USER_INPUT', 'timeZone'],
    ['a place without a zone', { timeZone: 'Europe/Hamburg' }, 'BAD_USER_INPUT', 'timeZone'],
    [
      'days the wrong way round',
      { range: { from: '2024-02-02', to: '2024-02-01' } },
      'BAD_USER_INPUT',
      'range.from',
    ],
    ['a day to come', { range: { from: '2024-02-02', to: '9999-01-01' } }, 'BAD_USER_INPUT', 'range.to'],
    ['too many days', { range: { from: '2020-01-01', to: '2024-01-01' } }, 'BAD_USER_INPUT', 'range.from'],
    [
      'a date that is none',
      { range: { from: '2023-02-29', to: '2024-01-01' } },
      'BAD_USER_INPUT',
      'range.from',
    ],
    [
      'a date before 1970',
      { range: { from: '1969-12-31', to: '1970-01-01' } },
      'BAD_USER_INPUT',
      'range.from',
    ],
    [
      'no segment',
      { filter: { segmentIds: [crypto.randomUUID()] } },
      'BAD_USER_INPUT',
      'filter.segmentIds.0',
    ],
    ['no id of a segment', { filter: { segmentIds: ['x'] } }, 'BAD_USER_INPUT', 'filter.segmentIds.0'],
    ['no id of an owner', { filter: { ownerIds: ["'; --"] } }, 'BAD_USER_INPUT', 'filter.ownerIds.0'],
    [
      'very many owners',
      { filter: { ownerIds: Array.from({ length: 501 }, () => crypto.randomUUID()) } },
      'BAD_USER_INPUT',
      'filter.ownerIds',
    ],
    [
      'two models',
      { filter: { modelId: crypto.randomUUID(), modelKey: 'starter' } },
      'BAD_USER_INPUT',
      'filter.modelKey',
    ],
    ['no model of an id', { filter: { modelId: crypto.randomUUID() } }, 'NOT_FOUND', ''],
    ['no model of a key', { filter: { modelKey: 'nothing' } }, 'NOT_FOUND', ''],
  ])('%s is refused with its place', async (_name, variables, code, path) => {
    const { errors } = await ask(variables);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(errors[0]?.extensions.fields?.[0]?.path ?? '').toBe(path);
  });

  test('1,100 days are allowed, written out or in a literal', async () => {
    const { data, errors } = await server.send(
      tenant.key,
      '{ analytics(range: { from: "2021-01-01", to: "2024-01-05" }) { range { days } } }',
    );
    expect(errors).toEqual([]);
    expect(data.analytics.range.days).toBe(1_100);
  });

  test('a tenant without a primary model is told to name one', async () => {
    const empty = await server.tenant();
    const { errors } = await server.send(empty.key, ANALYTICS);
    expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
    expect(errors[0]?.message).toContain('primary');
  });

  test('whoever may read contacts may read reports, and nobody else', async () => {
    for (const role of ['MARKETER', 'SALES', 'VIEWER'] as const)
      expect((await server.send(await server.key(tenant, role), ANALYTICS)).errors).toEqual([]);
    const { errors } = await server.send(await server.key(tenant, 'INGEST'), ANALYTICS);
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

const DATA_QUALITY = `query ($filter: AnalyticsFilterInput, $staleAfterDays: Int, $first: Int) {
  analytics(filter: $filter) {
    dataQuality(staleAfterDays: $staleAfterDays, first: $first) {
      contacts
      attributes { totalCount nodes { attribute standard sampled filled { ...P } } }
      stale { before stale { ...P } neverActive { ...P } }
      duplicates { reason groups contacts { ...P } }
      unknownActionTypes { totalCount nodes { type count lastSeenAt contacts contactsFirstInRange } }
      waitingRules { totalCount nodes { modelKey ruleKey ruleName actionTypes } }
    }
  }
}
fragment P on Proportion { numerator denominator rate low high enough }`;
const RECORD = 'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded } }';

describe('data quality', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

  test('says what is missing, old, double and not asked for', async () => {
    const input = [
      { contact: { email: 'ada.l@example.com' }, type: 'email_opened', occurredAt: daysAgo(100) },
      { contact: { email: 'adal+x@example.com' }, type: 'fax_sent', occurredAt: daysAgo(2) },
    ];
    const recorded = await server.send(tenant.key, RECORD, { input });
    expect(recorded.data.recordActions.recorded).toBe(2);
    const { data, errors } = await server.send(tenant.key, DATA_QUALITY, { first: 2 });
    expect(errors).toEqual([]);
    const { dataQuality } = data.analytics;
    expect(dataQuality.contacts).toBe(2);
    expect(dataQuality.attributes.totalCount).toBe(10);
    expect(dataQuality.attributes.nodes).toEqual([
      {
        attribute: 'email',
        standard: true,
        sampled: false,
        filled: {
          numerator: 2,
          denominator: 2,
          rate: 1,
          low: expect.closeTo(0.342, 3),
          high: 1,
          enough: false,
        },
      },
      expect.objectContaining({ attribute: 'externalId', filled: expect.objectContaining({ rate: 0 }) }),
    ]);
    expect(dataQuality.stale.stale).toMatchObject({ numerator: 1, denominator: 2 });
    expect(dataQuality.stale.neverActive).toMatchObject({ numerator: 0 });
    expect(dataQuality.duplicates).toMatchObject([
      { reason: 'SAME_MAILBOX', groups: 1, contacts: { numerator: 2 } },
      { reason: 'SAME_NAME_AND_COMPANY', groups: 0, contacts: { numerator: 0, rate: 0 } },
    ]);
    expect(dataQuality.unknownActionTypes).toMatchObject({
      totalCount: 1,
      nodes: [{ type: 'fax_sent', count: 1, lastSeenAt: input[1]?.occurredAt }],
    });
    expect(dataQuality.waitingRules.totalCount).toBeGreaterThan(2);
    expect(dataQuality.waitingRules.nodes[0]).toMatchObject({
      modelKey: 'starter',
      ruleName: expect.any(String),
    });
  });

  test('another tenant has nothing of it', async () => {
    const input = [{ contact: { email: 'a@example.com' }, type: 'fax_sent' }];
    await server.send(tenant.key, RECORD, { input });
    const other = await server.tenant();
    await server.send(other.key, PRESET, { input: { preset: 'STARTER', key: 'starter' } });
    const { data } = await server.send(other.key, DATA_QUALITY);
    expect(data.analytics.dataQuality).toMatchObject({ contacts: 0, unknownActionTypes: { totalCount: 0 } });
    expect(data.analytics.dataQuality.stale.stale).toMatchObject({
      rate: null,
      low: 0,
      high: 1,
      enough: false,
    });
  });

  test.each([
    ['staleAfterDays', { staleAfterDays: 0 }],
    ['staleAfterDays', { staleAfterDays: 36_501 }],
    ['first', { first: 201 }],
    ['first', { first: -1 }],
  ])('%s out of bounds is refused', async (path, variables) => {
    const { errors } = await server.send(tenant.key, DATA_QUALITY, variables);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
  });

  test('a request may ask for a report some times over, and not for twenty', async () => {
    const times = (count: number) =>
      Array.from({ length: count }, (_, nth) => `r${nth}: dataQuality(first: ${nth}) { contacts }`);
    const asked = async (roots: string[]) =>
      (await server.send(tenant.key, `{ ${roots.join(' ')} }`)).errors.map(
        ({ extensions }) => extensions.code,
      );
    // The same selection may not name a field more often, whatever it costs.
    expect(await asked([`analytics { ${times(10).join(' ')} }`])).toEqual([]);
    const twenty = [0, 1].map((nth) => `a${nth}: analytics { ${times(10).join(' ')} }`);
    expect(await asked(twenty)).toEqual(['TOO_COMPLEX']);
  });
});
