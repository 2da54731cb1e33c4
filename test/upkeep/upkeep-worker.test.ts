import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/log.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { UpkeepWorker } from '../../src/upkeep/upkeep-worker.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit } from '../support/ingest-kit.js';

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  await kit.publish(PRESETS.STARTER('starter', 'Starter'));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

function upkeep(feedRetentionDays: number): Promise<void> {
  return new UpkeepWorker({
    db: kit.db,
    log: createLog('silent'),
    idempotencyRetentionDays: 7,
    feedRetentionDays,
  }).runOnce();
}

it('forgets old idempotency keys and keeps recent ones', async () => {
  await kit.record(
    act('a@example.com', 'email_opened', { key: 'old' }),
    act('a@example.com', 'email_opened', { key: 'new' }),
  );
  await kit.query(
    `UPDATE idempotency_keys SET created_at = now() - interval '8 days' WHERE tenant_id = $1 AND key = 'old'`,
  );
  await upkeep(0);
  expect(await kit.query('SELECT key FROM idempotency_keys WHERE tenant_id = $1')).toEqual([{ key: 'new' }]);
});

it('cuts the old end of the feed off and raises its floor, when retention says so', async () => {
  await kit.record(...Array.from({ length: 5 }, () => act('b@example.com', 'email_opened')));
  const [before] = await kit.query<{ count: string }>(
    'SELECT count(*) FROM score_events WHERE tenant_id = $1',
  );
  await kit.query(
    `UPDATE score_events SET recorded_at = now() - interval '40 days' WHERE tenant_id = $1 AND position <= 3`,
  );
  await upkeep(0);
  expect(await kit.query('SELECT count(*) FROM score_events WHERE tenant_id = $1')).toEqual([before]);
  await upkeep(30);
  const [feed] = await kit.query<{ floor: string; least: string }>(
    'SELECT floor, (SELECT min(position) FROM score_events e WHERE e.tenant_id = f.tenant_id) AS least FROM tenant_feeds f WHERE tenant_id = $1',
  );
  expect(feed).toEqual({ floor: '3', least: '4' });
});
