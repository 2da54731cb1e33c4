import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContactLoaders } from '../../src/api/contacts/contact-loaders.js';
import { testModel } from '../contacts/test-model.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, profile } from '../support/ingest-kit.js';
import { ApiKit } from './api-kit.js';

let server: TestDatabase;
let kit: ApiKit;

beforeAll(async () => {
  server = await createTestDatabase();
  kit = await ApiKit.open(server.url);
  await kit.ingest.publish(testModel('main'));
});

afterAll(async () => {
  await kit.close();
  await server.drop();
});

function loadersOf(tenantId = kit.ingest.tenantId) {
  const viewer = { tenantId, tenantName: 'Test', role: 'ADMIN' as const, keyId: null, name: 'test' };
  return createContactLoaders(kit.services, viewer);
}

describe('the loaders of contacts', () => {
  it('ask once for what is asked for many times', async () => {
    const { contactId } = await kit.ingest.accept(act('once@x.io', 'open'));
    const loaders = loadersOf();
    const statements = await kit.statements(() =>
      Promise.all([loaders.contactRowById.load(contactId), loaders.contactById.load(contactId)]),
    );
    expect(statements.filter((text) => text.includes('FROM contacts'))).toHaveLength(1);
  });

  it('keep what they have read; fresh ones read anew', async () => {
    const { contactId } = await kit.ingest.accept(profile('fresh@x.io', { firstName: 'Old' }));
    const loaders = loadersOf();
    const seen = async (loaders: ReturnType<typeof loadersOf>) => {
      const [row, scores] = await Promise.all([
        loaders.contactRowById.load(contactId),
        loaders.scoreRowsOfContact.load(contactId),
      ]);
      return [row?.firstName, scores[0]?.total];
    };
    expect(await seen(loaders)).toEqual(['Old', 0]);
    await kit.ingest.record(profile('fresh@x.io', { firstName: 'New' }), act('fresh@x.io', 'click'));
    expect(await seen(loaders)).toEqual(['Old', 0]);
    expect(await seen(loadersOf())).toEqual(['New', 10]);
  });

  it('read the scores of the models that are active now, whichever were when this process last looked', async () => {
    const { contactId } = await kit.ingest.accept(act('models@x.io', 'open'));
    const scoresNow = () => loadersOf().scoreRowsOfContact.load(contactId);
    const switchModels = async (active: boolean) => {
      await kit.ingest.query(
        'UPDATE scoring_models SET active = $2, "primary" = $2 WHERE tenant_id = $1',
        active,
      );
      await kit.ingest.query('UPDATE tenant_feeds SET epoch = epoch + 1 WHERE tenant_id = $1');
    };
    expect(await scoresNow()).toHaveLength(1);
    await switchModels(false);
    expect(await scoresNow()).toEqual([]);
    await switchModels(true);
    expect(await scoresNow()).toHaveLength(1);
  });

  it("see nothing of another tenant's contacts", async () => {
    const { contactId } = await kit.ingest.accept(act('ours@x.io', 'open'));
    const loaders = loadersOf('0190aaaa-0000-7000-8000-000000000000');
    expect(await loaders.contactById.load(contactId)).toBeNull();
    expect(await loaders.contactIdByKey.load({ kind: 'email', value: 'ours@x.io' })).toBeNull();
    expect(await loaders.scoreRowsOfContact.load(contactId)).toEqual([]);
    expect(await loaders.identitiesOfContact.load(contactId)).toEqual([]);
    expect(await loaders.timelineStretch.load({ contactId, before: null, limit: 5 })).toEqual([]);
  });
});
