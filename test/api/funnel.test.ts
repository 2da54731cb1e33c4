import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiTestServer } from '../support/api-server.js';

const FUNNEL = `{
  analytics {
    funnel {
      stage { key minScore hot } entered leftUp leftDown atStart atEnd open medianDays p75Days medianDaysToEnter
      advanced { numerator denominator enough } toNext { rate }
    }
    cohorts { month fromAt leads converted { numerator denominator } medianDaysToConvert stages { stage { key } reached { rate } } }
  }
}`;

let server: ApiTestServer;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
afterAll(() => server.stop());

test('the funnel and its cohorts are read with the other reports', async () => {
  const tenant = await server.tenant();
  await server.send(
    tenant.key,
    'mutation { createScoringModelFromPreset(input: { preset: STARTER, key: "starter" }) { model { id } } }',
  );
  const recorded = await server.send(
    tenant.key,
    'mutation { recordAction(input: { contact: { email: "ann@example.com" }, type: "clicked_link" }) { duplicate } }',
  );
  expect(recorded.errors).toEqual([]);
  await server.settleFacts();
  const { data, errors } = await server.send(tenant.key, FUNNEL);
  expect(errors).toEqual([]);
  const { funnel, cohorts } = data.analytics;
  const entered = funnel.filter((one: { entered: number }) => one.entered > 0);
  expect(entered).toMatchObject([
    {
      entered: 1,
      atStart: 0,
      atEnd: 1,
      open: 1,
      medianDays: null,
      medianDaysToEnter: 0,
      advanced: { denominator: 1, enough: false },
    },
  ]);
  const month = cohorts.at(-1);
  expect(month).toMatchObject({
    leads: 1,
    converted: { numerator: 0, denominator: 1 },
    medianDaysToConvert: null,
  });
  expect(month.fromAt).toBe(`${month.month}-01T00:00:00.000Z`);
  expect(month.stages[0].reached.rate).toBe(1);
});
