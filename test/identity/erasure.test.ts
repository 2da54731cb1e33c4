import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BulkSelection } from '../../src/bulk/bulk-action.js';
import { BulkService } from '../../src/bulk/bulk-service.js';
import { ContactService } from '../../src/contacts/contact-service.js';
import type { IngestItem } from '../../src/ingest/ingest-item.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { selectJob } from '../../src/store/jobs/job-queries.js';
import { PERSONAL_ROWS } from '../../src/store/rewriting/personal-rows.js';
import { tenantRead } from '../../src/store/tenant-scope.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, listChange, profile } from '../support/ingest-kit.js';
import { IdentityKit } from './identity-kit.js';

/** What tells who she is, wherever it stands. */
const TRACES = ['lovelace', 'byron', 'crm-1815-12', 'device-77aa', 'analytical engine', '020 7946 0815'];
/** Tables with a column `contact_id` that keep it: ids and numbers, nothing personal. */
const KEPT = [
  'score_events',
  // Looked after by the worker that gathers members, and by triggers.
  'segment_members',
  'segment_changes',
  'contact_search',
];

let database: TestDatabase;
let kit: IdentityKit;
let ada: string;
let known: string;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IdentityKit.open(database.url);
  await kit.ingest.publish(PRESETS.STARTER('starter', 'Starter'));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

function named(kind: 'externalId' | 'anonymousId', value: string, type: string): IngestItem {
  return { kind: 'action', contact: { kind, value }, type, properties: { page: '/analytical engine' } };
}

beforeEach(async () => {
  ada = await kit.record(
    profile('ada@lovelace.example', { firstName: 'Ada', lastName: 'Lovelace', phone: '020 7946 0815' }),
  );
  await kit.record(act('ada@lovelace.example', 'email_opened', { key: 'mail-to-ada@lovelace.example' }));
  await kit.record(listChange('ada@lovelace.example', 'vip', true));
  await kit.record({
    kind: 'adjustment',
    contact: { kind: 'id', value: ada },
    points: 7,
    reason: 'Countess Lovelace called',
  });
  known = await kit.record(named('externalId', 'crm-1815-12', 'clicked_link'));
  const visitor = await kit.record(named('anonymousId', 'device-77aa', 'visited_pricing_page'));
  await kit.merge(known, visitor);
  await kit.merge(ada, known);
  const wrong = await kit.ingest.accept(
    act('ada@lovelace.example', 'clicked_link', { properties: { to: 'Lord Byron' } }),
  );
  await kit.identity.retract(kit.request(), {
    contactId: ada,
    entryId: wrong.entryId,
    reason: 'that was Byron',
  });
  await kit.ingest.query(
    `INSERT INTO action_types (tenant_id, type, count, first_at, last_at, properties)
     VALUES ($1, 'clicked_link', 3, now(), now(), '[{"name":"to","kinds":["TEXT"],"samples":["Lord Byron"]}]')
     ON CONFLICT (tenant_id, type) DO UPDATE SET properties = excluded.properties`,
  );
  await kit.ingest.query(
    `INSERT INTO contact_attribute_counts (tenant_id, counted_at, attributes)
     VALUES ($1, now(), '[{"attribute":"phone","samples":["020 7946 0815"]}]')
     ON CONFLICT (tenant_id) DO UPDATE SET counted_at = excluded.counted_at, attributes = excluded.attributes`,
  );
  await kit.ingest.query(
    `INSERT INTO import_faults (tenant_id, import_id, row_number, code, message, content)
     VALUES ($1, gen_random_uuid(), 1, 'BAD_USER_INPUT', 'no', '["ada@lovelace.example"]')`,
  );
  await kit.ingest.query(
    `INSERT INTO bulk_actions (tenant_id, job_id, action, filter, fixed_at)
     VALUES ($1, gen_random_uuid(), '{}', '{"text":"ada@lovelace.example"}', now())`,
  );
});

/** Tables of the database in which a trace stands in any column of any row. */
async function tablesWithTraces(): Promise<string[]> {
  const tables = await kit.ingest.db.dataSource.query<{ name: string }[]>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const found: string[] = [];
  await tenantRead(kit.ingest.db, kit.ingest.tenantId, async (client) => {
    for (const { name } of tables) {
      const { rowCount } = await client.query(
        `SELECT 1 FROM ${name} AS t WHERE t::text ILIKE ANY ($1::text[]) LIMIT 1`,
        [TRACES.map((trace) => `%${trace}%`)],
      );
      if (rowCount) found.push(name);
    }
  });
  return found;
}

function erase(contactId: string, reason: string | null = 'case 4711', key?: string) {
  return kit.identity.erase(kit.request(key), { contactId, reason, remember: false });
}

describe('erasing a person', () => {
  it('ends bulk actions that have not begun and are about the person by name, and takes the person out of others', async () => {
    const { db, registry, tenantId } = kit.ingest;
    const bulk = new BulkService(db, new ContactService(db, registry));
    const begin = (selection: BulkSelection) =>
      bulk.start(
        { tenantId, name: 'test' },
        { selection, action: { kind: 'addToList', list: 'vip' }, idempotency: null },
      );
    const somebody = await kit.record(act('somebody@x.io', 'email_opened'));
    const named = await begin({ filter: { not: { text: 'Ada@Lovelace.example' } } });
    const others = await begin({ filter: { text: 'somebody' } });
    const chosen = await begin({ contactIds: [ada, somebody, known] });
    await erase(ada);
    const states = await Promise.all(
      [named, others, chosen].map(({ id }) => selectJob(db.dataSource.manager, tenantId, id)),
    );
    expect(states.map((job) => job?.state)).toEqual(['FAILED', 'QUEUED', 'QUEUED']);
    expect(states[0]?.error).toContain('erased');
    expect(states[0]?.finishedAt).not.toBeNull();
    await expect(bulk.resume(tenantId, named.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const [row] = await kit.ingest.query<{ ids: string[] }>(
      'SELECT contact_ids::text[] AS ids FROM bulk_actions WHERE tenant_id = $1 AND job_id = $2',
      chosen.id,
    );
    expect(row?.ids).toEqual([somebody]);
    expect(await tablesWithTraces()).toEqual([]);
  });

  it('leaves no trace in any column of any table, and a tombstone for each contact that was theirs', async () => {
    const before = await tablesWithTraces();
    expect(before).toEqual(
      expect.arrayContaining([
        'action_types',
        'bulk_actions',
        'contact_attribute_counts',
        'contact_identities',
        'contacts',
        'idempotency_keys',
        'import_faults',
        'timeline',
        'timeline_corrections',
      ]),
    );
    await erase(known);
    expect(await tablesWithTraces()).toEqual([]);
    const stones = await kit.ingest.query<{ id: string; erased_by: string; reason: string }>(
      'SELECT id, erased_by, reason FROM erased_contacts WHERE tenant_id = $1 AND coalesce(into_id, id) = $2',
      ada,
    );
    expect(stones).toHaveLength(3);
    expect(stones).toContainEqual({ id: ada, erased_by: 'test', reason: 'case 4711' });
    for (const [table, column] of PERSONAL_ROWS) {
      const rows = await kit.ingest.query(
        `SELECT 1 FROM ${table} WHERE tenant_id = $1 AND ${column} = ANY ($2::uuid[])`,
        stones.map((stone) => stone.id),
      );
      expect(rows, table).toEqual([]);
    }
  });

  it('keeps the feed whole and tells subscribers once', async () => {
    const before = await kit.ingest.events(ada);
    const { position } = await erase(ada);
    const events = await kit.ingest.events(ada);
    expect(events.slice(0, -1)).toEqual(before);
    expect(events.at(-1)).toMatchObject({
      position,
      cause: 'ERASED',
      total_before: before.at(-1)?.total_after,
      total_after: 0,
    });
  });

  it('takes the actions out of the counts of their types', async () => {
    const count = async () => {
      const [row] = await kit.ingest.query<{ count: number }>(
        `SELECT sum(count)::int AS count FROM (
           SELECT type, count FROM action_types WHERE tenant_id = $1
           UNION ALL SELECT type, count FROM action_type_uses WHERE tenant_id = $1) AS uses WHERE type = 'clicked_link'`,
      );
      return row?.count ?? 0;
    };
    const before = await count();
    await erase(ada);
    // She clicked twice; one click was taken back before.
    expect(await count()).toBe(before - 1);
  });

  it('is answered again as before, under its key and without', async () => {
    const first = await erase(ada, null, 'erase-1');
    expect(await erase(ada, null, 'erase-1')).toEqual(first);
    expect((await erase(known)).contactId).toBe(ada);
  });

  it('refuses a reason or a key that names the person, and changes nothing', async () => {
    const before = await kit.entriesOf(ada);
    await expect(erase(ada, 'Mrs. LOVELACE wrote to us')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(erase(ada, 'for ada@lovelace.example')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(erase(ada, null, 'erase-ada')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await kit.entriesOf(ada)).toEqual(before);
    await erase(ada, 'the canada desk asked');
  });

  it('refuses what would bring the person back, in every process, unless that is wanted', async () => {
    const other = await IdentityKit.openBeside(kit, database.url);
    await other.record(act('somebody@x.io', 'email_opened'));
    await other.record(act('ada@lovelace.example', 'email_opened'));
    await kit.identity.erase(kit.request(), { contactId: ada, reason: null, remember: true });
    for (const item of [
      act('ADA@lovelace.example', 'email_opened'),
      named('externalId', 'crm-1815-12', 'clicked_link'),
      named('anonymousId', 'device-77aa', 'clicked_link'),
      { ...profile('new@x.io', {}), identities: { externalId: 'crm-1815-12' } } as IngestItem,
    ]) {
      const [outcome] = await other.ingest.record(item);
      expect(outcome).toMatchObject({ status: 'REJECTED', error: { code: 'CONFLICT' } });
    }
    expect(await other.record(act('somebody@x.io', 'email_opened'))).toEqual(expect.any(String));
    await kit.ingest.query('DELETE FROM erased_identities WHERE tenant_id = $1');
    await other.close();
  });
});

it('every table with a column that names a contact is among those that are erased, or keeps nothing personal', async () => {
  const rows = await kit.ingest.db.dataSource.query<{ name: string }[]>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'contact_id' ORDER BY 1`,
  );
  const erased = PERSONAL_ROWS.map(([table]) => table);
  expect(
    rows.map((row) => row.name).filter((name) => !erased.includes(name) && !KEPT.includes(name)),
  ).toEqual([]);
});
