import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Recorder } from '../../src/ingest/recorder.js';
import { createLog } from '../../src/log.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { testModel } from '../contacts/test-model.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, listChange, profile } from '../support/ingest-kit.js';
import { SegmentsKit } from './segments-kit.js';

const HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();
const LONG_AGO = new Date(Date.now() - 40 * 86_400_000).toISOString();

let server: TestDatabase;
let kit: SegmentsKit;

beforeAll(async () => {
  server = await createTestDatabase();
});

/** A tenant of its own for each case, with ada at 10 points and bob at 0. */
beforeEach(async () => {
  kit = await SegmentsKit.open(server.url);
  await kit.ingest.publish(testModel('main'));
  await kit.ingest.query('UPDATE scoring_models SET "primary" = TRUE WHERE tenant_id = $1');
  await kit.ingest.registry.reload(kit.tenantId);
  await kit.ingest.record(act('ada@x.io', 'click'), profile('bob@x.io', { country: 'DE' }));
  await kit.settle();
  return () => kit.close();
});

afterAll(() => server.drop());

describe('members of a segment', () => {
  it('are gathered without events, and tell of everybody who comes and goes from then on', async () => {
    const warm = await kit.create('warm', { minTotal: 10 });
    await kit.settle();
    expect(await kit.members(warm)).toEqual(['ada@x.io']);
    expect(await kit.changes()).toEqual([]);
    await kit.ingest.record(act('bob@x.io', 'click'));
    await kit.settle();
    expect(await kit.members(warm)).toEqual(['ada@x.io', 'bob@x.io']);
    await kit.ingest.record({
      kind: 'adjustment',
      contact: { kind: 'email', value: 'ada@x.io' },
      points: -8,
      reason: 'wrong',
    });
    await kit.settle();
    expect(await kit.changes()).toEqual(['+warm bob@x.io', '-warm ada@x.io']);
    expect(await kit.members(warm)).toEqual(await kit.matching(warm));
  });

  it('follow attributes, lists, owners, texts and behaviour', async () => {
    const owner = '00000000-0000-7000-8000-000000000001';
    await kit.create('a-german', { attribute: { attribute: 'country', operator: 'EQUALS', value: 'de' } });
    await kit.create('b-vip', { list: 'vip' });
    await kit.create('c-owned', { ownerIds: [owner] });
    await kit.create('d-smith', { text: 'smith' });
    await kit.create('e-clicker', {
      activity: {
        actionType: 'click',
        where: [{ property: 'page', operator: 'EQUALS', value: '/pricing' }],
        atLeast: 2,
        withinDays: 30,
      },
    });
    await kit.settle();
    await kit.ingest.record(profile('ada@x.io', { country: 'DE' }), listChange('ada@x.io', 'vip', true));
    await kit.ingest.query(
      'UPDATE contacts SET owner_id = $2 WHERE tenant_id = $1 AND email = $3',
      owner,
      'ada@x.io',
    );
    await kit.ingest.record(profile('ada@x.io', { lastName: 'Smith' }));
    const pricing = { page: '/Pricing' };
    await kit.ingest.record(
      act('ada@x.io', 'click', { properties: pricing }),
      act('ada@x.io', 'click', { properties: { page: '/' } }),
      act('ada@x.io', 'click', { properties: pricing, at: LONG_AGO }),
    );
    await kit.settle();
    expect(await kit.changes()).toEqual([
      '+a-german ada@x.io',
      '+b-vip ada@x.io',
      '+c-owned ada@x.io',
      '+d-smith ada@x.io',
    ]);
    await kit.ingest.record(act('ada@x.io', 'click', { properties: pricing, at: HOUR_AGO }));
    await kit.ingest.record(profile('bob@x.io', { country: 'AT' }), listChange('ada@x.io', 'vip', false));
    await kit.settle();
    expect((await kit.changes()).slice(4).sort()).toEqual([
      '+e-clicker ada@x.io',
      '-a-german bob@x.io',
      '-b-vip ada@x.io',
    ]);
  });

  it('leave when a contact is merged or erased', async () => {
    const all = await kit.create('all', {});
    await kit.settle();
    await kit.ingest.query(
      `UPDATE contacts SET merged_into = (SELECT id FROM contacts WHERE tenant_id = $1 AND email = 'bob@x.io')
       WHERE tenant_id = $1 AND email = 'ada@x.io'`,
    );
    await kit.ingest.query(`DELETE FROM contacts WHERE tenant_id = $1 AND email = 'bob@x.io'`);
    await kit.settle();
    expect(await kit.members(all)).toEqual([]);
    expect((await kit.changes()).sort()).toEqual(['-all ?', '-all ada@x.io']);
  });

  it('are gathered anew when the filter changes, also those of segments made of it', async () => {
    const inner = await kit.create('inner', { minTotal: 10 });
    await kit.create('outer', { not: { segmentId: inner.id.toUpperCase() } });
    await kit.settle();
    await kit.update(inner, { minTotal: 0 });
    await kit.settle();
    expect(await kit.changes()).toEqual(['+inner bob@x.io', '-outer bob@x.io'].sort(byContactThenKey));
  });

  it('change when another model becomes the primary one', async () => {
    const scored = await kit.create('scored', { minTotal: 0 });
    await kit.settle();
    await kit.ingest.query('UPDATE scoring_models SET "primary" = FALSE WHERE tenant_id = $1');
    await kit.ingest.query('UPDATE tenant_feeds SET epoch = epoch + 1 WHERE tenant_id = $1');
    await kit.settle();
    expect(await kit.members(scored)).toEqual([]);
  });

  it('leave as time passes, at the next pass over all contacts', async () => {
    await kit.create('lately', { activeWithinDays: 30 });
    await kit.create('quiet', { inactiveForDays: 30, minTotal: 1 });
    await kit.settle();
    const [due] = await kit.ingest.query<{ due: boolean }>(
      `SELECT sweep_at BETWEEN now() + interval '50 min' AND now() + interval '70 min' AS due FROM segment_feeds WHERE tenant_id = $1`,
    );
    expect(due?.due).toBe(true);
    // As if a month had gone by: the row moves without a statement that the worker hears of.
    await kit.ingest.db.dataSource.query('ALTER TABLE contact_scores DISABLE TRIGGER USER');
    await kit.ingest.query(
      `UPDATE contact_scores SET last_activity_at = last_activity_at - interval '31 days' WHERE tenant_id = $1`,
    );
    await kit.ingest.db.dataSource.query('ALTER TABLE contact_scores ENABLE TRIGGER USER');
    await kit.settle();
    expect(await kit.changes()).toEqual([]);
    await kit.ingest.query('UPDATE segment_feeds SET sweep_at = now() WHERE tenant_id = $1');
    await kit.settle();
    expect(await kit.changes()).toEqual(['-lately ada@x.io', '+quiet ada@x.io']);
  });

  it('of a deleted segment go without events', async () => {
    const warm = await kit.create('warm', { minTotal: 10 });
    await kit.settle();
    await kit.segments.delete({ tenantId: kit.tenantId, name: 'test' }, warm.id);
    await kit.settle();
    const rows = await kit.ingest.query('SELECT 1 FROM segment_members WHERE tenant_id = $1');
    expect(rows).toEqual([]);
    expect(await kit.changes()).toEqual([]);
  });

  it('of a segment that can no longer be asked stay as they were', async () => {
    const hot = await kit.create('hot', { stages: ['hot'] });
    await kit.ingest.record(act('ada@x.io', 'click'), act('ada@x.io', 'click'), act('ada@x.io', 'click'));
    await kit.settle();
    expect(await kit.members(hot)).toEqual(['ada@x.io']);
    const renamed = testModel('main');
    renamed.stages = renamed.stages.map((stage) =>
      stage.key === 'hot' ? { ...stage, key: 'boiling' } : stage,
    );
    await kit.ingest.publish(renamed);
    await kit.ingest.record(act('ada@x.io', 'open'));
    await kit.settle();
    expect(await kit.members(hot)).toEqual(['ada@x.io']);
    const fault = await kit.contacts
      .count(kit.tenantId, { segmentId: hot.id })
      .catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(String(fault)).toContain('boiling');
  });

  it('are caught up with when their segment can be asked again', async () => {
    const hot = await kit.create('hot', { stages: ['hot'] });
    await kit.settle();
    const original = testModel('main');
    const stages = original.stages.map((stage) =>
      stage.key === 'hot' ? { ...stage, key: 'boiling' } : stage,
    );
    await kit.ingest.publish({ ...original, stages });
    await kit.settle();
    await kit.ingest.record(act('ada@x.io', 'click'), act('ada@x.io', 'click'), act('ada@x.io', 'click'));
    await kit.settle();
    expect(await kit.members(hot)).toEqual([]);
    await kit.ingest.publish(original);
    await kit.ingest.record(act('ada@x.io', 'open'));
    await kit.settle();
    expect(await kit.members(hot)).toEqual(['ada@x.io']);
  });

  it('are looked at only when a score has crossed a boundary', async () => {
    await kit.create('warm', { minTotal: 30 });
    await kit.settle();
    const noted = () =>
      kit.ingest.query<{ ids: number }>(
        'SELECT cardinality(contact_ids) AS ids FROM segment_touches WHERE tenant_id = $1',
      );
    await kit.ingest.record(act('ada@x.io', 'click'));
    expect(await noted()).toEqual([]);
    await kit.ingest.record(act('ada@x.io', 'click'), act('bob@x.io', 'click'));
    expect(await noted()).toEqual([{ ids: 1 }]);
  });

  it('follow writes of a process that had not heard of the segment', async () => {
    const recorder = new Recorder({
      db: kit.ingest.db,
      registry: new ModelRegistry(kit.ingest.db),
      log: createLog('silent'),
      batchesMax: 1,
      announce() {},
    });
    const click = () => recorder.record(kit.tenantId, [act('bob@x.io', 'click')]);
    await click();
    const warm = await kit.create('warm', { minTotal: 20 });
    await kit.settle();
    await click();
    await kit.settle();
    expect(await kit.members(warm)).toEqual(['bob@x.io']);
    await recorder.close();
  });

  it('come out the same whatever happens meanwhile, with several workers, and events add up to them', async () => {
    const warm = await kit.create('warm', { minTotal: 10 });
    const vip = await kit.create('vip', { list: 'vip', segmentId: warm.id });
    await kit.settle();
    const before = new Set([...(await kit.members(warm)).map((email) => `warm ${email}`)]);
    const emails = Array.from({ length: 30 }, (_, nth) => `p${nth}@x.io`);
    const workers = [kit.worker, kit.anotherWorker(), kit.anotherWorker()];
    const write = async (nth: number) => {
      const email = emails[(nth * 7) % emails.length]!;
      await kit.ingest.record(nth % 3 === 0 ? listChange(email, 'vip', nth % 2 === 0) : act(email, 'click'));
    };
    await Promise.all([
      ...Array.from({ length: 90 }, (_, nth) => write(nth)),
      ...workers.map(async (worker) => {
        for (let turn = 0; turn < 10; turn++) await worker.runOnce();
      }),
    ]);
    await kit.settle();
    for (const segment of [warm, vip])
      expect(await kit.members(segment)).toEqual(await kit.matching(segment));
    const standing = new Set(before);
    for (const change of await kit.changes()) {
      const name = change.slice(1);
      expect(standing.has(name), change).toBe(change.startsWith('-'));
      if (change.startsWith('+')) standing.add(name);
      else standing.delete(name);
    }
    const noted = [
      ...(await kit.members(warm)).map((email) => `warm ${email}`),
      ...(await kit.members(vip)).map((email) => `vip ${email}`),
    ];
    expect([...standing].sort()).toEqual(noted.sort());
  });
});

/** Within one contact, by the key of the segment. */
function byContactThenKey(a: string, b: string): number {
  return a.slice(1).localeCompare(b.slice(1));
}
