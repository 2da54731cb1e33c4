import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ActionTypeWorker } from '../../src/catalogue/action-type-worker.js';
import { CatalogueService } from '../../src/catalogue/catalogue-service.js';
import type { ActionTypeRow } from '../../src/catalogue/list-action-types.js';
import { createLog } from '../../src/log.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit, profile } from '../support/ingest-kit.js';

const log = createLog('silent');
let database: TestDatabase;
let kit: IngestKit;
let catalogue: CatalogueService;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  kit = await IngestKit.open(database.url);
  catalogue = new CatalogueService({ db: kit.db, log });
});

afterEach(() => kit.close());

afterAll(() => database.drop());

async function recorded(): Promise<Map<string, ActionTypeRow>> {
  const rows = await catalogue.actionTypes(kit.tenantId, { category: null, text: null }, null, 100);
  return new Map(rows.filter((row) => row.count > 0).map((row) => [row.type, row]));
}

async function countsInTimeline(): Promise<Map<string, number>> {
  const rows = await kit.query<{ type: string; count: number }>(
    'SELECT type, count(*)::int AS count FROM timeline WHERE tenant_id = $1 AND kind = 1 GROUP BY type',
  );
  return new Map(rows.map((row) => [row.type, row.count]));
}

it('what is recorded is counted as soon as it is answered, with its first and last instant', async () => {
  await kit.record(
    act('a@example.com', 'email_opened', { at: '2026-03-01T10:00:00Z' }),
    act('b@example.com', 'email_opened', { at: '2026-01-01T10:00:00Z' }),
    act('a@example.com', 'visited_pricing_page', { at: '2026-02-01T10:00:00Z' }),
    profile('a@example.com', { industry: 'saas' }),
  );
  const types = await recorded();
  expect([...types.keys()]).toEqual(['email_opened', 'visited_pricing_page']);
  expect(types.get('email_opened')).toEqual({
    type: 'email_opened',
    label: 'Email opened',
    category: 'EMAIL',
    count: 2,
    firstAtMs: Date.parse('2026-01-01T10:00:00Z'),
    lastAtMs: Date.parse('2026-03-01T10:00:00Z'),
    usedByRules: 0,
  });
});

it('an action is counted once: repeats of an idempotency key and refused items are none', async () => {
  const once = act('a@example.com', 'clicked', { key: 'k1' });
  await kit.record(once);
  await kit.record(once, once);
  await kit.record(
    act('a@example.com', 'clicked', { key: 'k2' }),
    act('a@example.com', 'clicked', { key: 'k2' }),
  );
  const [refused] = await kit.record(act('a@example.com', 'clicked', { at: '2999-01-01T00:00:00Z' }));
  expect(refused?.status).toBe('REJECTED');
  expect((await recorded()).get('clicked')?.count).toBe(2);
});

it('counts are those of the timeline after many batches at once, folded meanwhile', async () => {
  await kit.publish(PRESETS.STARTER('starter', 'Starter'));
  const worker = new ActionTypeWorker({ db: kit.db, log });
  const types = ['email_opened', 'clicked_link', 'visited', 'unsubscribed', 'odd "type", {x}'];
  const callers = Array.from({ length: 8 }, async (_, caller) => {
    for (let turn = 0; turn < 15; turn++) {
      const email = `${(caller * 7 + turn) % 20}@example.com`;
      await kit.record(...types.slice(turn % 3).map((type) => act(email, type, { properties: { turn } })));
      if (turn % 5 === 0) await worker.runOnce();
    }
  });
  await Promise.all(callers);
  const counts = new Map([...(await recorded())].map(([type, row]) => [type, row.count]));
  expect(counts).toEqual(await countsInTimeline());
  await worker.runOnce();
  expect(new Map([...(await recorded())].map(([type, row]) => [type, row.count]))).toEqual(counts);
});

it('learns what actions carry, without addresses, and stores names and samples once', async () => {
  const visit = act('a@example.com', 'downloaded_resource', {
    properties: { resource: 'ebook', pages: 12, sentTo: 'ada@example.com', answers: { budget: [500, 900] } },
  });
  await kit.record(visit);
  await kit.record(visit);
  await kit.record(
    act('a@example.com', 'downloaded_resource', { properties: { resource: 'x'.repeat(100) } }),
  );
  const [properties] = await catalogue.properties(kit.tenantId, ['downloaded_resource']);
  expect(properties).toEqual([
    { name: 'resource', kinds: ['TEXT'], samples: [`${'x'.repeat(63)}…`, 'ebook'] },
    { name: 'pages', kinds: ['NUMBER'], samples: [12] },
    { name: 'sentTo', kinds: ['TEXT'], samples: [] },
    { name: 'answers', kinds: ['OTHER'], samples: [] },
    { name: 'answers.budget', kinds: ['LIST'], samples: [500, 900] },
  ]);
  const rows = await kit.query<{ bytes: number | null }>(
    'SELECT pg_column_size(properties) AS bytes FROM action_type_uses WHERE tenant_id = $1 ORDER BY seq',
  );
  expect(rows.map((row) => row.bytes !== null)).toEqual([true, false, true]);
});

it('properties that PostgreSQL might refuse once they are cut are recorded all the same', async () => {
  const text = `${'x'.repeat(62)}😀😀`;
  const [outcome] = await kit.record(
    act('a@example.com', 'odd', {
      properties: { text, 'a\u001eb': 'c\u001ed', [`${'y'.repeat(255)}😀`]: '\n' },
    }),
  );
  expect(outcome?.status).toBe('RECORDED');
  expect((await recorded()).get('odd')?.count).toBe(1);
});
