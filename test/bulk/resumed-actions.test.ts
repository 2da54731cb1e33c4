import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BULK_RESUME_DAYS, type BulkAction, bulkItem } from '../../src/bulk/bulk-action.js';
import { BulkOverloaded, BulkRun } from '../../src/bulk/bulk-run.js';
import { BulkService } from '../../src/bulk/bulk-service.js';
import { BulkWorker } from '../../src/bulk/bulk-worker.js';
import { ContactService } from '../../src/contacts/contact-service.js';
import { Recorder } from '../../src/ingest/recorder.js';
import { createLog } from '../../src/log.js';
import { claimJob, JOB_TRIES_MAX, retryJob } from '../../src/store/jobs/job-claims.js';
import { cancelJob, selectJob } from '../../src/store/jobs/job-queries.js';
import type { JobRow } from '../../src/store/jobs/job-row.js';
import { UpkeepWorker } from '../../src/upkeep/upkeep-worker.js';
import { testModel } from '../contacts/test-model.js';
import { IdentityKit } from '../identity/identity-kit.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type IngestKit, profile } from '../support/ingest-kit.js';

/** Two parts, and some of a third. */
const CROWD = 2_100;
const PART = 1_000;
/** More than are gathered at a time when it is settled who is meant. */
const MULTITUDE = 20_010;
const ADJUST: BulkAction & { kind: 'adjustScore' } = { kind: 'adjustScore', points: 3, reason: 'campaign' };

let server: TestDatabase;
let identity: IdentityKit;
let kit: IngestKit;
let bulk: BulkService;
let contacts: ContactService;
const silent = createLog('silent');

beforeAll(async () => {
  server = await createTestDatabase();
});

beforeEach(async () => {
  identity = await IdentityKit.open(server.url);
  kit = identity.ingest;
  contacts = new ContactService(kit.db, kit.registry);
  bulk = new BulkService(kit.db, contacts);
  // Jobs are claimed whatever tenant they are of.
  await kit.db.dataSource.query('DELETE FROM jobs');
  await kit.publish(testModel('main'));
  return () => identity.close();
});

afterAll(() => server.drop());

async function crowd(count = CROWD): Promise<string[]> {
  const outcomes = await kit.record(
    ...Array.from({ length: count }, (_, nth) => profile(`p${nth}@x.io`, {})),
  );
  return outcomes.map((outcome) => (outcome.status === 'REJECTED' ? '' : outcome.contactId)).sort();
}

function start(action: BulkAction = ADJUST, key = 'adjust-1'): Promise<JobRow> {
  const idempotency = { key, requestHash: new TextEncoder().encode(JSON.stringify(action)) };
  return bulk.start(
    { tenantId: kit.tenantId, name: 'test' },
    { selection: { filter: {} }, action, idempotency },
  );
}

async function job(id: string): Promise<JobRow> {
  const row = await selectJob(kit.db.dataSource.manager, kit.tenantId, id);
  if (!row) throw new Error('the job is gone');
  return row;
}

/** A process's work on the next job; it dies of a full recorder after so many commits. */
async function runUntil(commits: number): Promise<unknown> {
  const claimed = await claimJob(kit.db.reads, 'BULK_ACTION');
  if (!claimed) throw new Error('there is no job');
  const { db, registry } = kit;
  const recorder = new Recorder({ db, registry, log: silent, batchesMax: 2, announce() {} });
  if (commits === 0) await recorder.close();
  let left = commits;
  const announce = () => {
    if (--left === 0) void recorder.close();
  };
  const run = new BulkRun({ db, contacts, recorder, announce }, claimed);
  const error = await run.run(new AbortController().signal).catch((fault: unknown) => fault);
  await recorder.close();
  await retryJob(db.reads, claimed, 'no room');
  await endRest();
  return error;
}

/** Nobody need wait until a job that rests is tried again. */
async function endRest(): Promise<void> {
  await kit.query(
    'UPDATE jobs SET leased_until = clock_timestamp() WHERE tenant_id = $1 AND finished_at IS NULL',
  );
}

/** An action that has failed after its first part. */
async function failedHalfway(): Promise<JobRow> {
  const { id } = await start();
  // Settling who is meant is a commit of its own.
  expect(await runUntil(2)).toBeInstanceOf(BulkOverloaded);
  for (let tries = 0; tries < JOB_TRIES_MAX; tries++) await runUntil(0);
  return job(id);
}

async function finish(id: string): Promise<JobRow> {
  const { db, recorder } = kit;
  const worker = new BulkWorker({ db, contacts, recorder, log: silent, announce() {} });
  worker.start();
  await eventually(async () => expect((await job(id)).finishedAt).not.toBeNull());
  await worker.stop();
  return job(id);
}

/** How many contacts have how many adjustments. */
function adjustments(): Promise<{ entries: number; contacts: number }[]> {
  return kit.query(
    `SELECT entries, count(*)::int AS contacts FROM (SELECT count(*)::int AS entries FROM timeline
       WHERE tenant_id = $1 AND body LIKE '%"campaign"%' GROUP BY contact_id) AS each GROUP BY entries ORDER BY 1`,
  );
}

describe('a bulk action that has failed', () => {
  it('goes on where it stopped when it is resumed, and adjusts nobody twice', async () => {
    const ids = await crowd();
    const failed = await failedHalfway();
    expect(failed).toMatchObject({ state: 'FAILED', done: PART, total: CROWD, error: 'no room' });
    expect(await adjustments()).toEqual([{ entries: 1, contacts: PART }]);
    expect((await start()).id).toBe(failed.id);
    expect(await bulk.resume(kit.tenantId, failed.id)).toMatchObject({
      id: failed.id,
      state: 'QUEUED',
      done: PART,
      error: null,
      finishedAt: null,
    });
    expect(await finish(failed.id)).toMatchObject({ state: 'DONE', done: CROWD, total: CROWD });
    expect(await adjustments()).toEqual([{ entries: 1, contacts: CROWD }]);
    expect(await bulk.results(kit.tenantId, [failed.id])).toMatchObject([{ changed: CROWD, failed: 0 }]);
    expect(await kit.differencesFromReplay(ids[1_500] ?? '')).toEqual([]);
  });

  it('knows whom it has done also when idempotency keys of that time are forgotten', async () => {
    const ids = await crowd();
    const { id } = await failedHalfway();
    await kit.record(...ids.slice(PART, PART + 300).map((contactId) => bulkItem(ADJUST, id, contactId)));
    await kit.query(
      `UPDATE idempotency_keys SET created_at = now() - interval '8 days' WHERE tenant_id = $1`,
    );
    const upkeep = new UpkeepWorker({
      db: kit.db,
      log: silent,
      idempotencyRetentionDays: 7,
      feedRetentionDays: 0,
    });
    await upkeep.runOnce();
    await bulk.resume(kit.tenantId, id);
    expect(await finish(id)).toMatchObject({ state: 'DONE', done: CROWD });
    expect(await adjustments()).toEqual([{ entries: 1, contacts: CROWD }]);
    await upkeep.runOnce();
    expect(
      await kit.query(
        `SELECT key FROM idempotency_keys WHERE tenant_id = $1 AND created_at < now() - interval '7 days'`,
      ),
    ).toEqual([]);
  });
});

describe('resuming', () => {
  it('takes a cancelled action up again, and one that runs as it is', async () => {
    await crowd();
    const { id } = await start({ kind: 'addToList', list: 'some' });
    expect(await runUntil(2)).toBeInstanceOf(BulkOverloaded);
    expect(await bulk.resume(kit.tenantId, id)).toMatchObject({ state: 'QUEUED', error: 'no room' });
    await cancelJob(kit.db.dataSource.manager, kit.tenantId, id);
    expect(await bulk.resume(kit.tenantId, id)).toMatchObject({ state: 'QUEUED', done: PART, error: null });
    expect(await finish(id)).toMatchObject({ state: 'DONE', done: CROWD, total: CROWD });
    expect((await contacts.count(kit.tenantId, { list: 'some' })).count).toBe(CROWD);
  });

  it('is refused for what is done, what ended too long ago, and what is no bulk action', async () => {
    await crowd(3);
    const done = await start();
    await finish(done.id);
    await expect(bulk.resume(kit.tenantId, done.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const old = await start(ADJUST, 'adjust-2');
    await cancelJob(kit.db.dataSource.manager, kit.tenantId, old.id);
    await kit.query(
      `UPDATE jobs SET finished_at = now() - $3 * interval '1 day' WHERE tenant_id = $1 AND id = $2`,
      old.id,
      BULK_RESUME_DAYS,
    );
    await expect(bulk.resume(kit.tenantId, old.id)).rejects.toMatchObject({ code: 'CONFLICT' });
    const [rescore] = await kit.query<{ id: string }>(
      `SELECT id FROM jobs WHERE tenant_id = $1 AND kind = 'RESCORE'`,
    );
    for (const id of [rescore?.id ?? '', uuidv7(), 'x']) {
      await expect(bulk.resume(kit.tenantId, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('a bulk action under way', () => {
  it('that is taken from a process while that gathers who is meant leaves nobody out', async () => {
    await kit.query(
      `INSERT INTO contacts (tenant_id, id) SELECT $1, gen_random_uuid() FROM generate_series(1, ${MULTITUDE})`,
    );
    const { id } = await start({ kind: 'setOwner', ownerId: null });
    const slow = await claimJob(kit.db.reads, 'BULK_ACTION');
    if (!slow) throw new Error('there is no job');
    await endRest();
    const quick = await claimJob(kit.db.reads, 'BULK_ACTION');
    if (!quick) throw new Error('the job was not given away');
    const { db, recorder } = kit;
    const options = { db, contacts, recorder, announce() {} };
    const { signal } = new AbortController();
    expect(await new BulkRun(options, slow).run(signal)).toBe('lost');
    expect(await new BulkRun(options, quick).run(signal)).toBe('complete');
    expect(await job(id)).toMatchObject({ done: MULTITUDE, total: MULTITUDE });
  });

  it('does a contact once when another that is meant was merged into it meanwhile, whatever was done before', async () => {
    const [first = '', second = '', third = '', fourth = ''] = await crowd(4);
    const { id } = await start();
    await runUntil(1);
    await kit.record(bulkItem(ADJUST, id, third));
    await identity.merge(first, second);
    await identity.merge(fourth, third);
    expect(await finish(id)).toMatchObject({ state: 'DONE', done: 4 });
    const [result] = await bulk.results(kit.tenantId, [id]);
    expect(result).toMatchObject({
      changed: 3,
      failed: 1,
      faults: [{ contactId: second, code: 'NOT_FOUND' }],
    });
    expect((await kit.scoreRow(first)).total).toBe(3);
    // Both had it, one of them before they became one.
    expect((await kit.scoreRow(fourth)).total).toBe(6);
    for (const contactId of [first, fourth]) expect(await kit.differencesFromReplay(contactId)).toEqual([]);
  });
});
