import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const PRESET =
  'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { id } } }';
const CREATE = `mutation ($input: CreateExperimentInput!) {
  createExperiment(input: $input) { experiment { id key name share startedAt endedAt arms { key threshold modelId } } }
}`;
const END =
  'mutation ($input: EndExperimentInput!) { endExperiment(input: $input) { experiment { endedAt } } }';
const REPORT = `query ($key: String!) {
  analytics {
    experiment(key: $key) {
      leadsNeeded verdict difference { difference low high pValue enough }
      arms { arm { key } converted { numerator denominator } qualified { numerator } precision { rate } recall { rate } valueAverage }
    }
  }
}`;

let server: ApiTestServer;
let tenant: ApiTenant;
let modelId: string;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  tenant = await server.tenant();
  const { data } = await server.send(tenant.key, PRESET, { input: { preset: 'STARTER', key: 'starter' } });
  modelId = data.createScoringModelFromPreset.model.id;
});
afterAll(() => server.stop());

function inputOf(parts: Record<string, unknown> = {}) {
  const arms = [
    { key: 'today', name: 'Today', modelId, threshold: 50 },
    { key: 'sooner', name: 'Sooner', modelId, threshold: 30 },
  ];
  return { key: 'sooner', name: 'Call sooner', arms, expectedRate: 0.2, ...parts };
}

describe('experiments over the API', () => {
  test('are started, told of a contact, reported and ended', async () => {
    const created = await server.send(tenant.key, CREATE, { input: inputOf() });
    expect(created.errors).toEqual([]);
    const { experiment } = created.data.createExperiment;
    expect(experiment).toMatchObject({ key: 'sooner', share: 0.5, endedAt: null });
    const recorded = await server.send(
      tenant.key,
      `mutation { recordAction(input: { contact: { email: "ann@example.com" }, type: "clicked_link" }) {
        contact { experiments { experiment { key } arm { key threshold } } } } }`,
    );
    const [own] = recorded.data.recordAction.contact.experiments;
    expect(own.experiment.key).toBe('sooner');
    expect(['today', 'sooner']).toContain(own.arm.key);
    const { data, errors } = await server.send(tenant.key, REPORT, { key: 'sooner' });
    expect(errors).toEqual([]);
    expect(data.analytics.experiment).toMatchObject({
      leadsNeeded: 1683,
      verdict: 'TOO_FEW_LEADS',
      difference: { difference: null, low: -1, high: 1, enough: false },
    });
    const ended = await server.send(tenant.key, END, { input: { id: experiment.id } });
    expect(Date.parse(ended.data.endExperiment.experiment.endedAt)).not.toBeNaN();
    const after = await server.send(
      tenant.key,
      '{ contact(key: { email: "ann@example.com" }) { experiments { arm { key } } } experiments { key } }',
    );
    expect(after.data).toEqual({ contact: { experiments: [] }, experiments: [{ key: 'sooner' }] });
  });

  test.each<[string, Record<string, unknown>, string, string | null]>([
    ['one arm', { arms: [] }, 'BAD_USER_INPUT', 'input.arms'],
    ['a share of everybody', { share: 1 }, 'BAD_USER_INPUT', 'input.share'],
    ['a rate that is none', { expectedRate: 1.2 }, 'BAD_USER_INPUT', 'input.expectedRate'],
    ['no lift to find', { liftToDetect: 1 }, 'BAD_USER_INPUT', 'input.liftToDetect'],
    ['a key with a space', { key: 'call sooner' }, 'BAD_USER_INPUT', 'input.key'],
  ])('refuse %s', async (_, parts, code, path) => {
    const { errors } = await server.send(tenant.key, CREATE, { input: inputOf(parts) });
    expect(errors[0]?.extensions?.code).toBe(code);
    expect(errors[0]?.extensions?.fields).toMatchObject([{ path }]);
    const { data } = await server.send(tenant.key, '{ experiments { key } }');
    expect(data.experiments).toEqual([]);
  });

  test('refuse a key that is taken, a model that is none, and readers', async () => {
    await server.send(tenant.key, CREATE, { input: inputOf() });
    const again = await server.send(tenant.key, CREATE, { input: inputOf() });
    expect(again.errors[0]?.extensions?.code).toBe('CONFLICT');
    const unknown = inputOf({ key: 'other' });
    unknown.arms = unknown.arms.map((arm) => ({ ...arm, modelId: '01930000-0000-7000-8000-000000000009' }));
    const lost = await server.send(tenant.key, CREATE, { input: unknown });
    expect(lost.errors[0]?.extensions?.code).toBe('NOT_FOUND');
    const report = await server.send(tenant.key, REPORT, { key: 'nothing' });
    expect(report.errors[0]?.extensions?.code).toBe('NOT_FOUND');
  });
});
