import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContactService } from '../../src/contacts/contact-service.js';
import { countContacts } from '../../src/contacts/count-contacts.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { IngestKit, listChange, profile } from '../support/ingest-kit.js';

const CROWD = 2_300;

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  await kit.record(...Array.from({ length: CROWD }, (_, nth) => profile(`p${nth}@x.io`, { plan: 'pro' })));
  await kit.record(
    ...Array.from({ length: CROWD / 2 }, (_, nth) => listChange(`p${2 * nth}@x.io`, 'pros', true)),
  );
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

describe('the number of contacts that a filter holds for', () => {
  // A table that was never analysed made PostgreSQL guess one contact, and an estimate of 0 or 1.
  it.each([1, 2_000])('is right for a small tenant, also when it may take %i ms only', async (countMsMax) => {
    const contacts = new ContactService(kit.db, kit.registry);
    const prepared = await contacts.prepare(kit.tenantId, { list: 'pros' }, 'filter');
    const { count } = await countContacts(kit.db, kit.tenantId, prepared, countMsMax);
    expect(count).toBe(CROWD / 2);
  });
});
