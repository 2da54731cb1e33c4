import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BulkAction, type BulkSelection, bulkItem } from '../../src/bulk/bulk-action.js';
import { BulkService } from '../../src/bulk/bulk-service.js';
import { BulkWorker } from '../../src/bulk/bulk-worker.js';
import { ContactService } from '../../src/contacts/contact-service.js';
import { createLog } from '../../src/log.js';
import { cancelJob, selectJob } from '../../src/store/jobs/job-queries.js';
import type { JobRow } from '../../src/store/jobs/job-row.js';
import { testModel } from '../contacts/test-model.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { act, IngestKit, profile } from '../support/ingest-kit.js';

/** More than two parts of 1,000. */
const CROWD = 2_300;

let server: TestDatabase;
let kit: IngestKit;
let bulk: BulkService;
let contacts: ContactService;
let workers: BulkWorker[];

beforeAll(async () => {
  server = await createTestDatabase();
});

beforeEach(async () => {
  kit = await IngestKit.open(server.url);
  contacts = new ContactService(kit.db, kit.registry);
  bulk = new BulkService(kit.db, contacts);
  workers = [];
  await kit.publish(testModel('main'));
  return async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await kit.close();
  };
});

afterAll(() => server.drop());

const by = () => ({ tenantId: kit.tenantId, name: 'test' });

function start(selection: BulkSelection, action: BulkAction): Promise<JobRow> {
  return bulk.start(by(), { selection, action, idempotency: null });
}

/** A worker of one process. */
function startWorker(): void {
  const { db, recorder } = kit;
  const worker = new BulkWorker({ db, contacts, recorder, log: createLog('silent'), announce() {} });
  worker.start();
  workers.push(worker);
}

async function ended(job: JobRow): Promise<JobRow> {
  let now: JobRow | null = null;
  await eventually(async () => {
    now = await selectJob(kit.db.dataSource.manager, kit.tenantId, job.id);
    expect(now?.finishedAt).not.toBeNull();
  });
  if (!now) throw new Error('the job is gone');
  return now;
}

async function crowd(): Promise<string[]> {
  const items = Array.from({ length: CROWD }, (_, nth) =>
    profile(`p${nth}@x.io`, { plan: nth % 2 ? 'pro' : 'free' }),
  );
  const outcomes = await kit.record(...items);
  return outcomes.map((outcome) => (outcome.status === 'REJECTED' ? '' : outcome.contactId));
}

const PRO = { attribute: { attribute: 'plan', operator: 'EQUALS' as const, value: 'pro' } };

describe('a bulk action', () => {
  it('adds everybody that a filter holds for to a list, once, and says how many changed', async () => {
    await crowd();
    const [first] = await kit.record(act('p1@x.io', 'open'));
    if (first?.status !== 'RECORDED') throw new Error('not recorded');
    await kit.accept({
      kind: 'list',
      contact: { kind: 'id', value: first.contactId },
      list: 'pros',
      joined: true,
    });
    startWorker();
    startWorker();
    const job = await ended(await start({ filter: PRO }, { kind: 'addToList', list: 'pros' }));
    expect(job).toMatchObject({ state: 'DONE', done: CROWD / 2, total: CROWD / 2 });
    const [result] = await bulk.results(kit.tenantId, [job.id]);
    expect(result).toMatchObject({ changed: CROWD / 2 - 1, failed: 0, faults: [] });
    expect((await contacts.count(kit.tenantId, { list: 'pros' })).count).toBe(CROWD / 2);
    const left = await ended(await start({ filter: {} }, { kind: 'removeFromList', list: 'pros' }));
    expect(left).toMatchObject({ state: 'DONE', done: CROWD });
    expect((await contacts.count(kit.tenantId, { list: 'pros' })).count).toBe(0);
  });

  it('adjusts scores once, also when a process died after it had recorded a part', async () => {
    const ids = await crowd();
    const action = { kind: 'adjustScore' as const, points: 3, reason: 'campaign' };
    const job = await start({ filter: {} }, action);
    // What a process that was killed left behind: entries that are recorded, a part that is not closed.
    await kit.record(...ids.slice(100, 900).map((id) => bulkItem(action, job.id, id)));
    startWorker();
    expect(await ended(job)).toMatchObject({ state: 'DONE', done: CROWD, total: CROWD });
    const [totals] = await kit.query<{ lowest: number; highest: number }>(
      'SELECT min(total) AS lowest, max(total) AS highest FROM contact_scores WHERE tenant_id = $1',
    );
    expect(totals).toEqual({ lowest: 3, highest: 3 });
    const [result] = await bulk.results(kit.tenantId, [job.id]);
    expect(result).toMatchObject({ changed: CROWD, failed: 0 });
    expect(await kit.differencesFromReplay(ids[500]!)).toEqual([]);
  });

  it('goes on where another process was stopped, and does nothing twice', async () => {
    await crowd();
    const job = await start({ filter: {} }, { kind: 'adjustScore', points: 2, reason: 'again' });
    for (let stops = 0; stops < 4; stops++) {
      startWorker();
      const [worker] = workers.slice(-1);
      await worker?.stop();
    }
    startWorker();
    expect(await ended(job)).toMatchObject({ state: 'DONE', done: CROWD });
    const [totals] = await kit.query<{ lowest: number; highest: number }>(
      'SELECT min(total) AS lowest, max(total) AS highest FROM contact_scores WHERE tenant_id = $1',
    );
    expect(totals).toEqual({ lowest: 2, highest: 2 });
  });

  it('means those who were there at its instant', async () => {
    const ids = await crowd();
    const job = await start({ filter: PRO }, { kind: 'addToList', list: 'pros' });
    startWorker();
    await eventually(async () => {
      const [result] = await bulk.results(kit.tenantId, [job.id]);
      expect(result?.fixedAt).not.toBeNull();
    });
    await kit.record(profile('late@x.io', { plan: 'pro' }));
    await ended(job);
    expect((await contacts.count(kit.tenantId, { list: 'pros' })).count).toBe(CROWD / 2);
    expect(ids).toHaveLength(CROWD);
  });

  it('sets and takes away owners of ids, and names those it could not find', async () => {
    const ids = (await crowd()).slice(0, 3);
    const ownerId = uuidv7();
    await kit.query(
      `INSERT INTO sales_reps (tenant_id, id, name, email) VALUES ($1, $2, 'Rep', 'rep@x.io')`,
      ownerId,
    );
    const unknown = uuidv7();
    startWorker();
    const contactIds = [...ids, ids[0]!.toUpperCase(), unknown];
    const job = await ended(await start({ contactIds }, { kind: 'setOwner', ownerId }));
    expect(job).toMatchObject({ state: 'DONE', done: 4, total: 4 });
    const [result] = await bulk.results(kit.tenantId, [job.id]);
    expect(result).toMatchObject({ changed: 3, failed: 1 });
    expect(result?.faults).toMatchObject([{ contactId: unknown, code: 'NOT_FOUND' }]);
    expect((await contacts.count(kit.tenantId, { ownerIds: [ownerId] })).count).toBe(3);
    await ended(await start({ filter: { owned: true } }, { kind: 'setOwner', ownerId: null }));
    expect((await contacts.count(kit.tenantId, { owned: true })).count).toBe(0);
  });

  it('ends when it is cancelled, and keeps what is done', async () => {
    await crowd();
    const job = await start({ filter: {} }, { kind: 'addToList', list: 'some' });
    startWorker();
    await eventually(async () => {
      expect((await selectJob(kit.db.dataSource.manager, kit.tenantId, job.id))?.done).toBeGreaterThan(0);
    });
    await cancelJob(kit.db.dataSource.manager, kit.tenantId, job.id);
    const next = await ended(await start({ contactIds: [] }, { kind: 'addToList', list: 'none' }));
    expect(next).toMatchObject({ state: 'DONE', total: 0 });
    const [members] = await kit.query<{ count: number }>(
      `SELECT count(*)::int FROM list_members m JOIN contact_lists l ON l.tenant_id = m.tenant_id AND l.id = m.list_id
       WHERE m.tenant_id = $1 AND l.key = 'some'`,
    );
    expect(members?.count).toBeGreaterThanOrEqual(1_000);
    expect(await ended(job)).toMatchObject({ state: 'CANCELLED' });
  });

  it('fails with a reason when its filter can no longer be asked', async () => {
    const filter = { stages: ['hot'] };
    const job = await start({ filter }, { kind: 'addToList', list: 'x' });
    const renamed = testModel('main');
    renamed.stages = renamed.stages.map((stage) =>
      stage.key === 'hot' ? { ...stage, key: 'boiling' } : stage,
    );
    await kit.query('UPDATE scoring_models SET "primary" = TRUE WHERE tenant_id = $1');
    await kit.publish(renamed);
    startWorker();
    const now = await ended(job);
    expect(now.state).toBe('FAILED');
    expect(now.error).toContain('boiling');
  });

  it('is started once under an idempotency key', async () => {
    const idempotency = { key: 'k1', requestHash: new Uint8Array([1]) };
    const request = {
      selection: { filter: {} },
      action: { kind: 'addToList' as const, list: 'x' },
      idempotency,
    };
    const [first, second] = await Promise.all([bulk.start(by(), request), bulk.start(by(), request)]);
    expect(second.id).toBe(first.id);
    const other = { ...request, idempotency: { key: 'k1', requestHash: new Uint8Array([2]) } };
    await expect(bulk.start(by(), other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  it.each<[string, BulkSelection, BulkAction, string]>([
    ['no id', { contactIds: ['x'] }, { kind: 'addToList', list: 'a' }, 'input.contactIds.0'],
    [
      'a faulty filter',
      { filter: { stages: ['none'] } },
      { kind: 'addToList', list: 'a' },
      'input.filter.stages.0',
    ],
    ['a blank list', { filter: {} }, { kind: 'addToList', list: ' ' }, 'input.action.addToList'],
    [
      'no reason',
      { filter: {} },
      { kind: 'adjustScore', points: 1, reason: '' },
      'input.action.adjustScore.reason',
    ],
    [
      'an unknown owner',
      { filter: {} },
      { kind: 'setOwner', ownerId: uuidv7() },
      'input.action.setOwner.ownerId',
    ],
  ])('is refused with the path: %s', async (_name, selection, action, path) => {
    await kit.query('UPDATE scoring_models SET "primary" = TRUE WHERE tenant_id = $1');
    await kit.registry.reload(kit.tenantId);
    await expect(start(selection, action)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { fields: [{ path }] },
    });
    expect(await kit.query('SELECT 1 FROM jobs WHERE tenant_id = $1 AND kind = $2', 'BULK_ACTION')).toEqual(
      [],
    );
  });
});
