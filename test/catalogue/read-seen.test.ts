import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CatalogueService } from '../../src/catalogue/catalogue-service.js';
import { CONTACTS_READ_MAX } from '../../src/catalogue/count-attributes.js';
import { readSeenUse } from '../../src/catalogue/read-seen.js';
import { createLog } from '../../src/log.js';
import type { SeenUse } from '../../src/scoring/warnings/model-warning.js';
import { STANDARD_NAMES } from '../../src/store/standard-attributes.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { IngestKit, profile } from '../support/ingest-kit.js';
import { appendUses, use } from './append-uses.js';

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  kit = await IngestKit.open(database.url);
});

afterEach(() => kit.close());

afterAll(() => database.drop());

function namesOf(seen: SeenUse | null): [types: string[], attributes: string[]] | null {
  return seen && [[...seen.actionTypes].sort(), [...seen.attributes].sort()];
}

it('a tenant without data has seen nothing', async () => {
  expect(namesOf(await readSeenUse(kit.db, kit.tenantId))).toEqual([[], []]);
});

it('types folded or not, and attributes that contacts have beside the standard ones', async () => {
  await kit.query(`INSERT INTO action_types VALUES ($1, 'folded', 1, now(), now())`);
  await appendUses(kit, use('appended', 1), use('taken_back', 2));
  await appendUses(kit, use('taken_back', -2));
  await kit.record(profile('a@example.com', { plan: 'pro', answers: { budget: 5 } }));
  expect(namesOf(await readSeenUse(kit.db, kit.tenantId))).toEqual([
    ['appended', 'folded'],
    [...STANDARD_NAMES, 'plan', 'answers'].sort(),
  ]);
});

it('an answer is good for seconds, and not for longer', async () => {
  await appendUses(kit, use('first', 1));
  expect((await readSeenUse(kit.db, kit.tenantId))?.actionTypes.has('first')).toBe(true);
  await appendUses(kit, use('second', 1));
  await eventually(async () => {
    expect((await readSeenUse(kit.db, kit.tenantId))?.actionTypes.has('second')).toBe(true);
  });
});

it('with more types than are listed nothing can be told', async () => {
  await kit.query(
    `INSERT INTO action_types SELECT $1, 'type ' || i, 1, now(), now() FROM generate_series(1, 5001) AS i`,
  );
  expect(await readSeenUse(kit.db, kit.tenantId)).toBeNull();
});

it('of many contacts nothing can be told until they are counted, which asking brings about', async () => {
  await kit.query(
    `INSERT INTO contacts (tenant_id, id, attributes)
     SELECT $1, gen_random_uuid(), CASE WHEN i = 1 THEN '{"once": true}' ELSE '{"plan": "pro"}' END::jsonb
     FROM generate_series(1, $2::int) AS i`,
    CONTACTS_READ_MAX + 100,
  );
  const catalogue = new CatalogueService({ db: kit.db, log: createLog('silent') });
  expect(await catalogue.seenUse(kit.tenantId)).toBeNull();
  await eventually(async () => {
    const seen = await catalogue.seenUse(kit.tenantId);
    expect(seen?.attributes.has('plan')).toBe(true);
    expect(seen?.attributes.has('once')).toBe(true);
    expect(seen?.attributes.has('email')).toBe(true);
  });
  await catalogue.close();
});
