import { afterAll, beforeAll, expect, test } from 'vitest';
import { LeadpulseError } from '../../src/errors.js';
import type { IngestItem } from '../../src/ingest/ingest-item.js';
import type { Recorder } from '../../src/ingest/recorder.js';
import { createLog } from '../../src/log.js';
import { loadSampleData } from '../../src/sample/load-sample-data.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { IngestKit } from '../support/ingest-kit.js';

let database: TestDatabase;
let kit: IngestKit;
let loaded: number;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  await kit.publish(PRESETS.STARTER('starter', 'Starter'));
  const { db, recorder, tenantId } = kit;
  loaded = await loadSampleData({ db, recorder, tenantId, nowMs: Date.now(), log: createLog('silent') });
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

/** Rows of a statement that counts something by a key. */
async function counts(text: string): Promise<Record<string, number>> {
  const rows = await kit.query<{ key: string; count: string }>(text);
  return Object.fromEntries(rows.map((row) => [row.key, Number(row.count)]));
}

test('what is refused for want of a turn is recorded once more', async () => {
  const { db, recorder } = kit;
  const other = await IngestKit.open(database.url);
  await other.publish(PRESETS.STARTER('starter', 'Starter'));
  const handedIn: (readonly IngestItem[])[] = [];
  const busy: Pick<Recorder, 'record'> = {
    async record(tenantId, items) {
      handedIn.push(items);
      if (handedIn.length > 1) return recorder.record(tenantId, items);
      const outcomes = await recorder.record(tenantId, items.slice(1));
      return [{ status: 'REJECTED', error: new LeadpulseError('UNAVAILABLE', 'busy') }, ...outcomes];
    },
  };
  const { tenantId } = other;
  const log = createLog('silent');
  await loadSampleData({ db, recorder: busy, tenantId, nowMs: Date.now(), contactsCount: 5, log });
  expect(handedIn).toHaveLength(2);
  expect(handedIn[1]).toEqual(handedIn[0]?.slice(0, 1));
  await other.close();
});

test('every contact is there once, with a name and a score', async () => {
  const [row] = await kit.query<{ contacts: string; named: string; scored: string }>(
    `SELECT count(*) AS contacts, count(c.first_name) AS named, count(s.contact_id) AS scored
     FROM contacts c LEFT JOIN contact_scores s ON s.tenant_id = c.tenant_id AND s.contact_id = c.id
     WHERE c.tenant_id = $1`,
  );
  expect(row).toEqual({ contacts: String(loaded), named: String(loaded), scored: String(loaded) });
});

test('every stage of the starter model has a good number of contacts', async () => {
  const stages = await counts(
    'SELECT stage AS key, count(*) AS count FROM contact_scores WHERE tenant_id = $1 GROUP BY stage',
  );
  expect(Object.keys(stages).sort()).toEqual(['cold', 'mql', 'nurture', 'sql']);
  expect(Math.min(...Object.values(stages))).toBeGreaterThanOrEqual(15);
});

test('the history shows decay and expiry beside actions, profiles and adjustments', async () => {
  const causes = await counts(
    'SELECT cause AS key, count(*) AS count FROM score_events WHERE tenant_id = $1 GROUP BY cause',
  );
  expect(causes).toMatchObject({
    ACTION: expect.any(Number),
    PROFILE: expect.any(Number),
    ADJUSTMENT: expect.any(Number),
    DECAY: expect.any(Number),
    EXPIRY: expect.any(Number),
  });
});

test('most contacts have an owner, and came when their history begins', async () => {
  const [row] = await kit.query<{ owned: string; owners: string; late: string }>(
    `SELECT count(c.owner_id) AS owned, count(DISTINCT c.owner_id) AS owners,
       count(*) FILTER (WHERE c.created_at > (
         SELECT min(t.occurred_at) FROM timeline t WHERE t.tenant_id = c.tenant_id AND t.contact_id = c.id)) AS late
     FROM contacts c WHERE c.tenant_id = $1`,
  );
  expect(row).toMatchObject({ owners: '5', late: '0' });
  expect(Number(row?.owned)).toBeGreaterThan(loaded / 2);
  expect(Number(row?.owned)).toBeLessThan(loaded);
});

test('what is stored is what the timelines say', async () => {
  const ids = await kit.query<{ id: string }>(
    'SELECT id FROM contacts WHERE tenant_id = $1 ORDER BY id LIMIT 40',
  );
  for (const { id } of ids) expect(await kit.differencesFromReplay(id)).toEqual([]);
});
