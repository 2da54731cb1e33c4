import { afterAll, beforeAll, expect, it } from 'vitest';
import { Catalogue1700000004000 } from '../../migrations/1700000004000-catalogue.js';
import { CatalogueService } from '../../src/catalogue/catalogue-service.js';
import { createLog } from '../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit, listChange, profile } from '../support/ingest-kit.js';

let database: TestDatabase;
let kit: IngestKit;
let other: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  other = await IngestKit.open(database.url);
});

afterAll(async () => {
  await other.close();
  await kit.close();
  await database.drop();
});

/** The database as it was before there was a catalogue, and then with one. */
async function migrateAnew(): Promise<void> {
  const runner = kit.db.dataSource.createQueryRunner();
  const migration = new Catalogue1700000004000();
  try {
    await runner.startTransaction();
    await migration.down(runner);
    await migration.up(runner);
    await runner.commitTransaction();
  } finally {
    await runner.release();
  }
}

it('the migration counts existing timelines, tenant by tenant, and learns from some of the actions', async () => {
  const properties = {
    resource: 'ebook',
    pages: 12,
    to: 'ada@example.com',
    none: null,
    long: 'x'.repeat(65),
  };
  await kit.record(
    act('a@example.com', 'downloaded', { at: '2026-03-01T10:00:00Z', properties }),
    act('b@example.com', 'downloaded', {
      at: '2026-01-01T10:00:00Z',
      properties: { resource: 7, topics: ['seo'] },
    }),
    act('b@example.com', 'opened', { at: '2026-02-01T10:00:00Z' }),
    profile('a@example.com', { plan: 'pro' }),
    listChange('a@example.com', 'news', true),
  );
  await other.record(act('c@example.com', 'theirs'));
  await migrateAnew();

  const catalogue = new CatalogueService({ db: kit.db, log: createLog('silent') });
  const types = await catalogue.actionTypes(kit.tenantId, { category: null, text: null }, null, 100);
  expect(types.map(({ type, count, firstAtMs, lastAtMs }) => ({ type, count, firstAtMs, lastAtMs }))).toEqual(
    [
      {
        type: 'downloaded',
        count: 2,
        firstAtMs: Date.parse('2026-01-01T10:00:00Z'),
        lastAtMs: Date.parse('2026-03-01T10:00:00Z'),
      },
      {
        type: 'opened',
        count: 1,
        firstAtMs: Date.parse('2026-02-01T10:00:00Z'),
        lastAtMs: Date.parse('2026-02-01T10:00:00Z'),
      },
    ],
  );
  expect(await catalogue.properties(kit.tenantId, ['downloaded', 'opened'])).toEqual([
    [
      { name: 'long', kinds: ['TEXT'], samples: [] },
      { name: 'pages', kinds: ['NUMBER'], samples: [12] },
      { name: 'resource', kinds: ['NUMBER', 'TEXT'], samples: ['ebook', 7] },
      { name: 'to', kinds: ['TEXT'], samples: [] },
      { name: 'topics', kinds: ['LIST'], samples: [] },
    ],
    [],
  ]);
  const theirs = await catalogue.actionTypes(other.tenantId, { category: null, text: null }, null, 100);
  expect(theirs.map((row) => row.type)).toEqual(['theirs']);
});

it('row-level security keeps the new tables of tenants apart', async () => {
  const tables = ['action_types', 'action_type_uses', 'contact_attribute_counts'];
  const rows = await kit.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relname = ANY ($2) AND relrowsecurity AND relforcerowsecurity
       AND $1::uuid IS NOT NULL ORDER BY 1`,
    [...tables].sort(),
  );
  expect(rows.map((row) => row.relname)).toEqual([...tables].sort());
  expect((await other.query('SELECT type FROM action_types WHERE $1::uuid IS NOT NULL')).length).toBe(1);
});
