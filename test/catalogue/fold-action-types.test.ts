import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ActionTypeWorker } from '../../src/catalogue/action-type-worker.js';
import { CatalogueService } from '../../src/catalogue/catalogue-service.js';
import { foldActionTypes } from '../../src/catalogue/fold-action-types.js';
import { createLog } from '../../src/log.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { IngestKit } from '../support/ingest-kit.js';
import { appendUses, use } from './append-uses.js';

const log = createLog('silent');
let database: TestDatabase;
let kit: IngestKit;
let other: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  other = await openDatabase({ url: database.url, readsMax: 2, writesMax: 1, applicationName: 'other' });
});

beforeEach(async () => {
  await kit.query('DELETE FROM action_types WHERE tenant_id = $1');
  await kit.query('DELETE FROM action_type_uses WHERE tenant_id = $1');
});

afterAll(async () => {
  await other.close();
  await kit.close();
  await database.drop();
});

/** What the catalogue says, whatever is folded. */
async function shown(): Promise<[type: string, count: number][]> {
  const catalogue = new CatalogueService({ db: kit.db, log });
  const rows = await catalogue.actionTypes(kit.tenantId, { category: null, text: null }, null, 100);
  return rows.map((row) => [row.type, row.count]);
}

async function waiting(): Promise<number> {
  const rows = await kit.query('SELECT 1 FROM action_type_uses WHERE tenant_id = $1');
  return rows.length;
}

it('moves what batches appended into one row a type; the catalogue says the same before and after', async () => {
  await appendUses(kit, use('opened', 3, { firstAtMs: 5_000, lastAtMs: 9_000 }), use('visited', 1));
  await appendUses(kit, use('opened', 2, { firstAtMs: 2_000, lastAtMs: 3_000 }));
  const before = await shown();
  expect(before).toEqual([
    ['opened', 5],
    ['visited', 1],
  ]);
  await foldActionTypes(kit.db, kit.tenantId);
  expect(await waiting()).toBe(0);
  expect(await shown()).toEqual(before);
  await appendUses(kit, use('opened', 10, { lastAtMs: 20_000 }));
  await foldActionTypes(kit.db, kit.tenantId);
  expect(
    await kit.query(
      'SELECT type, count, first_at, last_at FROM action_types WHERE tenant_id = $1 ORDER BY 1',
    ),
  ).toEqual([
    { type: 'opened', count: '15', first_at: 1_000, last_at: 20_000 },
    { type: 'visited', count: '1', first_at: 1_000, last_at: 1_000 },
  ]);
});

it('what was taken back is taken off, folded or not; a type of which nothing is left is gone', async () => {
  await appendUses(kit, use('opened', 3), use('visited', 1), use('spared', 1));
  await appendUses(kit, use('opened', -1), use('visited', -1));
  const left = [
    ['opened', 2],
    ['spared', 1],
  ];
  expect(await shown()).toEqual(left);
  await foldActionTypes(kit.db, kit.tenantId);
  expect(await shown()).toEqual(left);
  await appendUses(kit, use('spared', -1));
  await foldActionTypes(kit.db, kit.tenantId);
  expect(await shown()).toEqual([['opened', 2]]);
});

it('properties are united, the newer samples first; a row without any leaves them as they are', async () => {
  const page = (...samples: string[]) => ({ name: 'page', kinds: ['TEXT' as const], samples });
  const catalogue = new CatalogueService({ db: kit.db, log });
  await appendUses(kit, use('visited', 1, { properties: [page('/a')] }));
  await appendUses(kit, use('visited', 1, { properties: [page('/b'), { ...page(), name: 'from' }] }));
  await foldActionTypes(kit.db, kit.tenantId);
  await appendUses(kit, use('visited', 1));
  await foldActionTypes(kit.db, kit.tenantId);
  await appendUses(kit, use('visited', 1, { properties: [page('/c')] }));
  const united = [[page('/c', '/b', '/a'), { ...page(), name: 'from' }], []];
  expect(await catalogue.properties(kit.tenantId, ['visited', 'unheard_of'])).toEqual(united);
  await foldActionTypes(kit.db, kit.tenantId);
  expect(await catalogue.properties(kit.tenantId, ['visited', 'unheard_of'])).toEqual(united);
});

it('folds a bounded number at a time, and all of them in a turn of the worker', async () => {
  await kit.query(
    `INSERT INTO action_type_uses SELECT $1, 1000000 + i, 'type ' || i % 7, 2, now(), now()
     FROM generate_series(1, 5000) AS i`,
  );
  expect(await foldActionTypes(kit.db, kit.tenantId)).toBe(true);
  expect(await waiting()).toBe(3_000);
  await new ActionTypeWorker({ db: kit.db, log }).runOnce();
  expect(await waiting()).toBe(0);
  expect((await shown()).reduce((sum, [, count]) => sum + count, 0)).toBe(10_000);
});

it('nothing is lost or counted twice while batches append and several processes fold and read', async () => {
  const workers = [new ActionTypeWorker({ db: kit.db, log }), new ActionTypeWorker({ db: other, log })];
  let appended = 0;
  let lastSeen = 0;
  const append = async () => {
    for (let batch = 0; batch < 60; batch++) {
      await appendUses(kit, use('opened', 2), use('visited', 1));
      appended += 3;
    }
  };
  const appending = Promise.all([append(), append(), append()]);
  let done = false;
  void appending.finally(() => {
    done = true;
  });
  const fold = async (worker: ActionTypeWorker) => {
    while (!done) await worker.runOnce();
  };
  const read = async () => {
    while (!done) {
      const committed = appended;
      const seen = (await shown()).reduce((sum, [, count]) => sum + count, 0);
      expect(seen).toBeGreaterThanOrEqual(committed);
      expect(seen).toBeGreaterThanOrEqual(lastSeen);
      lastSeen = seen;
    }
  };
  await Promise.all([appending, ...workers.map(fold), read()]);
  await workers[0]?.runOnce();
  expect(await waiting()).toBe(0);
  expect(await shown()).toEqual([
    ['opened', 360],
    ['visited', 180],
  ]);
});

it('a worker comes back to a tenant only when a batch has written there', async () => {
  const worker = new ActionTypeWorker({ db: kit.db, log });
  await worker.runOnce();
  await kit.query(`INSERT INTO action_type_uses VALUES ($1, 77, 'quiet', 1, now(), now())`);
  await worker.runOnce();
  expect(await waiting()).toBe(1);
  await appendUses(kit, use('loud', 1));
  await worker.runOnce();
  expect(await waiting()).toBe(0);
});

it('a fold that fails leaves everything as it was', async () => {
  await appendUses(kit, use('opened', 5));
  await kit.db.dataSource.query('ALTER TABLE action_types ADD CONSTRAINT small CHECK (count < 3)');
  try {
    await expect(foldActionTypes(kit.db, kit.tenantId)).rejects.toThrow(/small/);
  } finally {
    await kit.db.dataSource.query('ALTER TABLE action_types DROP CONSTRAINT small');
  }
  expect(await waiting()).toBe(1);
  expect(await shown()).toEqual([['opened', 5]]);
});

it('types may hold whatever names may hold', async () => {
  const odd = ['a"b', "it's", '{x,y}', 'back\\slash', 'ÄÖ 訪問 😀', 'comma,comma', ' spaced ', 'NULL'];
  await appendUses(
    kit,
    ...odd.map((type) => use(type, 1, { properties: [{ name: type, kinds: ['TEXT'], samples: [type] }] })),
  );
  await foldActionTypes(kit.db, kit.tenantId);
  const catalogue = new CatalogueService({ db: kit.db, log });
  expect((await shown()).map(([type]) => type)).toEqual([...odd].sort());
  expect((await catalogue.properties(kit.tenantId, odd)).map(([first]) => first?.samples)).toEqual(
    odd.map((type) => [type]),
  );
});
