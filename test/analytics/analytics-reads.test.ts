import { afterAll, beforeAll, expect, test } from 'vitest';
import { scopeContacts, scopeParameters } from '../../src/analytics/scope/scope-contacts.js';
import { SqlParameters } from '../../src/store/sql-parameters.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act } from '../support/ingest-kit.js';
import { modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';

let database: TestDatabase;
let kit: AnalyticsKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await AnalyticsKit.open(database.url);
  await kit.publishPrimary(modelOf([{ key: 'form', action: { actionType: 'form', points: 30 } }]));
});
afterAll(async () => {
  await kit.close();
  await database.drop();
});

test('reports read on connections of their own, with memory and helpers, and an end to their patience', async () => {
  const scope = await kit.analytics.scope(kit.tenantId);
  const names = [
    'application_name',
    'work_mem',
    'jit',
    'max_parallel_workers_per_gather',
    'statement_timeout',
  ];
  const parameters = new SqlParameters();
  const listed = parameters.add(names, 'text[]');
  const text = `SELECT current_setting(n) AS setting FROM unnest(${listed}) WITH ORDINALITY AS u(n, at) ORDER BY at`;
  const rows = await kit.analytics.read<{ setting: string }>(scope, { text, parameters });
  expect(rows.map(({ setting }) => setting)).toEqual(['leadpulse-test-analytics', '64MB', 'off', '2', '20s']);
});

test('a statement that PostgreSQL gives up is UNAVAILABLE and says what to narrow; the next one is read', async () => {
  const scope = await kit.analytics.scope(kit.tenantId);
  const parameters = new SqlParameters();
  const given = { text: `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '57014'; END $$`, parameters };
  await expect(kit.analytics.read(scope, given)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('fewer days'),
  });
  const rows = await kit.analytics.read<{ one: number }>(scope, { text: 'SELECT 1 AS one', parameters });
  expect(rows).toEqual([{ one: 1 }]);
});

test('contacts of any of the segments, and of any of the owners, and of both', async () => {
  const ids: string[] = [];
  for (const email of ['a@x.io', 'b@x.io', 'c@x.io', 'd@x.io'])
    ids.push((await kit.ingest.accept(act(email, 'form', { at: '2026-01-02T00:00:00Z' }))).contactId);
  await kit.settleFacts();
  const [a = '', b = '', c = '', d = ''] = ids;
  const [one, two] = [await kit.segmentOf([a, b]), await kit.segmentOf([b, c])];
  const [rep, other] = [await kit.ownerOf([b, d]), await kit.ownerOf([c])];
  const contactsOf = async (filter: { segmentIds?: string[]; ownerIds?: string[] }) => {
    const scope = await kit.analytics.scope(kit.tenantId, { filter });
    const parameters = scopeParameters(scope);
    const text = `SELECT f.contact_id AS id FROM contact_facts f
      WHERE f.tenant_id = $1${scopeContacts(scope, parameters, 'f.contact_id')}`;
    return (await kit.analytics.read<{ id: string }>(scope, { text, parameters })).map(({ id }) => id).sort();
  };
  expect(await contactsOf({})).toEqual([a, b, c, d].sort());
  expect(await contactsOf({ segmentIds: [one, two] })).toEqual([a, b, c].sort());
  expect(await contactsOf({ ownerIds: [rep] })).toEqual([b, d].sort());
  expect(await contactsOf({ segmentIds: [one], ownerIds: [rep, other] })).toEqual([b]);
  expect(await contactsOf({ segmentIds: [] })).toEqual([]);
});
