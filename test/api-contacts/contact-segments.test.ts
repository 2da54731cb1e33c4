import { afterAll, beforeAll, expect, it } from 'vitest';
import { testModel } from '../contacts/test-model.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act } from '../support/ingest-kit.js';
import { ApiKit } from './api-kit.js';

let server: TestDatabase;
let kit: ApiKit;

beforeAll(async () => {
  server = await createTestDatabase();
  kit = await ApiKit.open(server.url);
  await kit.ingest.publish(testModel('main'));
  await kit.ingest.query('UPDATE scoring_models SET "primary" = TRUE WHERE tenant_id = $1');
  await kit.ingest.registry.reload(kit.ingest.tenantId);
});

afterAll(async () => {
  await kit.close();
  await server.drop();
});

it('the segments of a page take as many statements for many contacts and segments as for few', async () => {
  const add = (nth: number) =>
    kit.services.segments.create(
      { tenantId: kit.ingest.tenantId, name: 'test' },
      { key: `s${nth}`, name: `S ${nth}`, filter: { minTotal: nth } },
    );
  const read = (first: number) => kit.data(`{ contacts(first: ${first}) { nodes { segments { key } } } }`);
  const statements = async (first: number) => {
    // The first page after a segment was made also reads the models anew.
    await read(first);
    return (await kit.statements(() => read(first))).length;
  };
  await kit.ingest.record(act('a@x.io', 'click'), act('b@x.io', 'click'), act('c@x.io', 'open'));
  await add(0);
  const few = await statements(1);
  for (let nth = 1; nth <= 12; nth++) await add(nth);
  expect(await statements(2)).toBe(few);
  const { contacts } = await kit.data<{ contacts: { nodes: { segments: { key: string }[] }[] } }>(
    '{ contacts { nodes { segments { key } } } }',
  );
  expect(contacts.nodes.map((node) => node.segments.length)).toEqual([11, 11, 6]);
});
