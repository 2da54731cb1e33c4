import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../src/store/database.js';
import {
  type ClaimedJob,
  claimJob,
  failJob,
  finishJob,
  hasClaimableJob,
  JOB_TRIES_MAX,
  noteJobProgress,
  releaseJob,
  retryJob,
} from '../../../src/store/jobs/job-claims.js';
import { cancelJob, queueJob, queueRescore, selectJob } from '../../../src/store/jobs/job-queries.js';
import type { JobRow } from '../../../src/store/jobs/job-row.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let db: Database;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase({ url: database.url, readsMax: 4, writesMax: 1, applicationName: 'jobs-test' });
});

beforeEach(async () => {
  await db.dataSource.query('DELETE FROM jobs');
  tenantId = uuidv7();
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

function queue(modelId: string | null = uuidv7()): Promise<JobRow> {
  return queueJob(db.dataSource.manager, tenantId, {
    kind: 'RESCORE',
    modelId,
    version: 3,
    requestedBy: 'Ann',
  });
}

async function claimed(): Promise<ClaimedJob> {
  const job = await claimJob(db.reads, 'RESCORE');
  if (!job) throw new Error('there was no job to claim');
  return job;
}

async function read({ id }: { id: string }): Promise<JobRow> {
  const job = await selectJob(db.dataSource.manager, tenantId, id);
  if (!job) throw new Error('the job is gone');
  return job;
}

/** As if the rest after a failed try, or the lease of a process that has died, were over. */
async function letLeasesEnd(): Promise<void> {
  await db.dataSource.query(
    `UPDATE jobs SET leased_until = now() - interval '1 s' WHERE leased_until IS NOT NULL`,
  );
}

const some = { done: 10, cursor: uuidv7(), total: 30 };

describe('a queued job', () => {
  it('is claimed once, the oldest first, by kind', async () => {
    const [first, second] = [await queue(), await queue()];
    expect(first).toMatchObject({
      state: 'QUEUED',
      done: 0,
      version: 3,
      requestedBy: 'Ann',
      startedAt: null,
    });
    expect(await claimJob(db.reads, 'PREVIEW')).toBeNull();
    const claims = await Promise.all([1, 2, 3].map(() => claimJob(db.reads, 'RESCORE')));
    expect(claims.map((job) => job?.id ?? null).sort()).toEqual([first.id, second.id, null].sort());
    expect(await read(first)).toMatchObject({ state: 'RUNNING', startedAt: expect.any(Date) });
    expect(await hasClaimableJob(db.reads, 'RESCORE')).toBe(false);
  });

  it('is taken up where it stands once it was released, or its holder has been silent for the lease', async () => {
    await queue();
    const first = await claimed();
    expect(await noteJobProgress(db.reads, first, some)).toBe(true);
    await releaseJob(db.reads, first);
    const second = await claimed();
    expect(second).toMatchObject({ id: first.id, cursor: some.cursor, done: 10 });
    expect(await claimJob(db.reads, 'RESCORE')).toBeNull();
    await letLeasesEnd();
    const third = await claimed();
    expect(third.id).toBe(first.id);
    // The former holder wakes up again: it is told, and what it says counts for nothing.
    expect(await noteJobProgress(db.reads, second, some)).toBe(false);
    expect(await finishJob(db.reads, second)).toBe(false);
    expect(await read(first)).toMatchObject({ state: 'RUNNING', done: 10, total: 30 });
  });

  it('adds up what is done, counts what came on top, and is DONE with all of it', async () => {
    const { id } = await queue();
    const job = await claimed();
    await noteJobProgress(db.reads, job, some);
    await noteJobProgress(db.reads, job, { done: 25, cursor: null, total: null });
    expect(await read({ id })).toMatchObject({ state: 'RUNNING', done: 35, total: 35 });
    expect(await finishJob(db.reads, job)).toBe(true);
    const done = await read({ id });
    expect(done).toMatchObject({
      state: 'DONE',
      done: 35,
      total: 35,
      error: null,
      finishedAt: expect.any(Date),
    });
    expect(done.workedMs).toBeGreaterThan(0);
    expect(await claimJob(db.reads, 'RESCORE')).toBeNull();
  });
});

describe('a cancelled job', () => {
  it('is over; who works on it is told at the next note of progress', async () => {
    const { id } = await queue();
    const job = await claimed();
    expect(await cancelJob(db.dataSource.manager, tenantId, id)).toMatchObject({ state: 'CANCELLED' });
    expect(await noteJobProgress(db.reads, job, some)).toBe(false);
    await releaseJob(db.reads, job);
    expect(await finishJob(db.reads, job)).toBe(false);
    expect(await retryJob(db.reads, job, 'too late')).toBe(false);
    expect(await read({ id })).toMatchObject({ state: 'CANCELLED', done: 0, error: null });
    expect(await claimJob(db.reads, 'RESCORE')).toBeNull();
  });

  it('of another tenant is not found', async () => {
    const { id } = await queue();
    expect(await cancelJob(db.dataSource.manager, uuidv7(), id)).toBeNull();
    expect(await read({ id })).toMatchObject({ state: 'QUEUED' });
  });
});

describe('a job that fails', () => {
  it('rests and is tried again, and after a bounded number of tries at the same place has failed', async () => {
    const { id } = await queue();
    for (let tries = 1; tries < JOB_TRIES_MAX; tries++) {
      const job = await claimed();
      expect(job.tries).toBe(tries);
      expect(await retryJob(db.reads, job, 'The disk is full. Make room.')).toBe(false);
      expect(await read({ id })).toMatchObject({ state: 'QUEUED', error: 'The disk is full. Make room.' });
      expect(await claimJob(db.reads, 'RESCORE')).toBeNull();
      await letLeasesEnd();
    }
    expect(await retryJob(db.reads, await claimed(), 'The disk is full. Make room.')).toBe(true);
    expect(await read({ id })).toMatchObject({
      state: 'FAILED',
      error: 'The disk is full. Make room.',
      finishedAt: expect.any(Date),
    });
    expect(await claimJob(db.reads, 'RESCORE')).toBeNull();
  });

  it('has all its tries again once it has got something done', async () => {
    const { id } = await queue();
    for (let tries = 1; tries < JOB_TRIES_MAX; tries++) {
      await retryJob(db.reads, await claimed(), 'busy');
      await letLeasesEnd();
    }
    const job = await claimed();
    expect(job.tries).toBe(JOB_TRIES_MAX);
    await noteJobProgress(db.reads, job, some);
    expect(await retryJob(db.reads, job, 'busy')).toBe(false);
    expect(await read({ id })).toMatchObject({ state: 'QUEUED', done: 10 });
  });

  it('has failed as well when its processes die again and again, and says so', async () => {
    const { id } = await queue();
    for (let tries = 1; tries <= JOB_TRIES_MAX; tries++) {
      await claimed();
      await letLeasesEnd();
    }
    expect(await claimJob(db.reads, 'RESCORE')).toBeNull();
    expect(await read({ id })).toMatchObject({
      state: 'FAILED',
      error: expect.stringContaining('ended 8 times at the same place'),
    });
  });

  it('loses no try when it is released: a server that restarts ten times is no fault of the job', async () => {
    const { id } = await queue();
    for (let starts = 0; starts < 2 * JOB_TRIES_MAX; starts++) await releaseJob(db.reads, await claimed());
    expect((await claimed()).tries).toBe(1);
    expect(await read({ id })).toMatchObject({ state: 'RUNNING' });
  });

  it('can fail at once, where no further try would help', async () => {
    const { id } = await queue();
    await failJob(db.reads, await claimed(), 'The model is gone.');
    expect(await read({ id })).toMatchObject({ state: 'FAILED', error: 'The model is gone.' });
  });
});

describe('rescorings', () => {
  it('are open one at a time for a model: a newer one supersedes, a second one is impossible', async () => {
    const modelId = uuidv7();
    const older = await queueRescore(db.dataSource.manager, tenantId, modelId, 1, null);
    const newer = await queueRescore(db.dataSource.manager, tenantId, modelId, 2, null);
    expect(await read(older)).toMatchObject({ state: 'SUPERSEDED', finishedAt: expect.any(Date) });
    await expect(queue(modelId)).rejects.toThrow(/jobs_one_rescore/);
    await cancelJob(db.dataSource.manager, tenantId, newer.id);
    expect(await queue(modelId)).toMatchObject({ state: 'QUEUED' });
  });
});
