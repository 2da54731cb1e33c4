import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const PRESET =
  'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { id } } }';
const RECORD =
  'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded rejected { message } } }';
const REPORT = `query ($first: Int! = 20) {
  analytics {
    topRules(first: $first) { ruleKey title scoreSet dimension positive negative net times positiveShare reached { numerator denominator enough } }
    topActions(first: $first) { actionType positive negative net times positiveShare reached { numerator denominator } }
  }
}`;

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
  tenant = await server.tenant();
  await server.send(tenant.key, PRESET, { input: { preset: 'STARTER', key: 'starter' } });
});
afterAll(() => server.stop());

test('a tenant without contacts has no top rules and actions', async () => {
  const { data, errors } = await server.send(tenant.key, REPORT);
  expect(errors).toEqual([]);
  expect(data.analytics).toEqual({ topRules: [], topActions: [] });
});

test('whoever clicked twice counts twice among times and once among leads', async () => {
  const input = ['ann', 'ann', 'bob'].map((name, index) => ({
    contact: { email: `${name}@example.com` },
    type: name === 'bob' ? 'unheard_of' : 'clicked_link',
    occurredAt: new Date(Date.now() - (index + 1) * 3_600_000).toISOString(),
  }));
  expect((await server.send(tenant.key, RECORD, { input })).errors).toEqual([]);
  await server.settleFacts();
  const { data, errors } = await server.send(tenant.key, REPORT);
  expect(errors).toEqual([]);
  const points = { times: 2, negative: 0, positiveShare: 1, reached: { numerator: 1, denominator: 2 } };
  const [rule] = data.analytics.topRules;
  expect(data.analytics.topRules).toMatchObject([points]);
  expect(rule.net).toBe(rule.positive);
  expect(rule.positive).toBeGreaterThan(0);
  expect(rule.title).not.toBe('');
  expect(rule.scoreSet).not.toBe('');
  expect(rule.reached.enough).toBe(false);
  expect(data.analytics.topActions).toMatchObject([{ actionType: 'clicked_link', ...points }]);
});

test.each([0, 201])('%d entries are refused', async (first) => {
  const { errors } = await server.send(tenant.key, REPORT, { first });
  expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  expect(errors[0]?.extensions.fields?.[0]?.path).toBe('first');
});
