import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiTestServer } from '../../support/api-server.js';

const RESULTS = `{ scoringModels { key ruleResults { asOf version contacts
  rules { ruleKey scoreSet name active contacts awards points lastAwardAt } warnings { code ruleKey } } } }`;

let server: ApiTestServer;

beforeAll(async () => {
  server = await ApiTestServer.start();
});

afterAll(() => server.stop());

it('every model shows what its rules give to the contacts of its tenant', async () => {
  const [tenant, stranger] = [await server.tenant(), await server.tenant()];
  const rules = [
    { key: 'visit', name: 'Visited', action: { actionType: 'visit', points: 10 } },
    { key: 'nobody', action: { actionType: 'unheard_of', points: 10 } },
  ];
  const model = (key: string) => ({
    key,
    name: key,
    dimensions: [{ key: 'd', maxPoints: 15 }],
    stages: [{ key: 'all', name: 'All', minScore: 0 }],
    scoreSets: [{ key: 'web', dimension: 'd', rules }],
  });
  const create =
    'mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) { model { id } } }';
  const record = 'mutation ($input: RecordActionInput!) { recordAction(input: $input) { duplicate } }';
  const occurredAt = '2026-01-05T10:00:00.000Z';
  for (const { key } of [tenant, stranger]) {
    await server.send(key, create, { input: model('main') });
    await server.send(key, record, {
      input: { contact: { email: 'a@example.com' }, type: 'visit', occurredAt },
    });
  }
  await server.send(tenant.key, record, {
    input: { contact: { email: 'b@example.com' }, type: 'visit', occurredAt },
  });
  await server.send(tenant.key, record, {
    input: { contact: { email: 'b@example.com' }, type: 'visit', occurredAt },
  });
  await server.send(tenant.key, create, { input: model('other') });
  const viewer = await server.key(tenant, 'VIEWER');
  const { data, errors } = await server.send(viewer, RESULTS);
  expect(errors).toEqual([]);
  expect(data.scoringModels.map(({ key }: { key: string }) => key)).toEqual(['main', 'other']);
  for (const { ruleResults } of data.scoringModels) {
    expect(ruleResults).toEqual({
      asOf: expect.any(String),
      version: 1,
      contacts: 2,
      rules: [
        {
          ruleKey: 'visit',
          scoreSet: 'web',
          name: 'Visited',
          active: true,
          contacts: 2,
          awards: 3,
          points: 30,
          lastAwardAt: occurredAt,
        },
        {
          ruleKey: 'nobody',
          scoreSet: 'web',
          name: 'nobody',
          active: true,
          contacts: 0,
          awards: 0,
          points: 0,
          lastAwardAt: null,
        },
      ],
      warnings: [{ code: 'RULE_MET_BY_NOBODY', ruleKey: 'nobody' }],
    });
  }
  const seen = await server.send(stranger.key, RESULTS);
  expect(seen.data.scoringModels[0].ruleResults.contacts).toBe(1);
});
