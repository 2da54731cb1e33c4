import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/log.js';
import { type Database, openDatabase } from '../../../src/store/database.js';
import { JOB_TRIES_MAX } from '../../../src/store/jobs/job-claims.js';
import { queueJob, selectJob } from '../../../src/store/jobs/job-queries.js';
import type { JobRow } from '../../../src/store/jobs/job-row.js';
import { JobWorker, type JobWorkerOptions } from '../../../src/store/jobs/job-worker.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';

class Hopeless extends Error {}

let database: TestDatabase;
let db: Database;
let tenantId: string;
let announced: string[];
let worker: JobWorker | null = null;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase({ url: database.url, readsMax: 4, writesMax: 1, applicationName: 'jobs-test' });
});

beforeEach(async () => {
  await db.dataSource.query('DELETE FROM jobs');
  tenantId = uuidv7();
  announced = [];
});

afterEach(async () => {
  await worker?.stop();
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

function queue(): Promise<JobRow> {
  const job = { kind: 'PREVIEW', modelId: null, version: null, requestedBy: null } as const;
  return queueJob(db.dataSource.manager, tenantId, job);
}

function read({ id }: JobRow): Promise<JobRow | null> {
  return selectJob(db.dataSource.manager, tenantId, id);
}

function startWorker(run: JobWorkerOptions['run']): JobWorker {
  worker = new JobWorker({
    kind: 'PREVIEW',
    name: 'test',
    db,
    log: createLog('silent'),
    announce: (tenant) => announced.push(tenant),
    run,
    isFinal: (error) => error instanceof Hopeless,
    advice: 'Ask Ann.',
  });
  worker.start();
  return worker;
}

describe('a worker', () => {
  it('finishes what is complete, and goes on with the next at once', async () => {
    const jobs = [await queue(), await queue()];
    startWorker(async () => 'complete');
    await eventually(async () => {
      for (const job of jobs) expect(await read(job)).toMatchObject({ state: 'DONE' });
    });
    await worker?.stop();
    // At the beginning and at the end of each.
    expect(announced).toEqual([tenantId, tenantId, tenantId, tenantId]);
  });

  it('gives back what it has to leave', async () => {
    const job = await queue();
    const begun = Promise.withResolvers<void>();
    startWorker(async (_job, signal) => {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 'stopped';
    });
    await begun.promise;
    await worker?.stop();
    expect(await read(job)).toMatchObject({ state: 'QUEUED', error: null });
  });

  it('tries again after a fault, without the addresses in it, and ends a job that no try mends', async () => {
    const [broken, hopeless] = [await queue(), await queue()];
    startWorker(async ({ id }) => {
      throw id === broken.id ? new Error('no mail to ann@example.com') : new Hopeless('It is gone.');
    });
    await eventually(async () => {
      expect(await read(broken)).toMatchObject({ state: 'QUEUED', error: 'no mail to [email]. Ask Ann.' });
      expect(await read(hopeless)).toMatchObject({ state: 'FAILED', error: 'It is gone.' });
    });
  });

  it('says what to do about a job whose processes died again and again', async () => {
    const job = await queue();
    await db.dataSource.query(
      `UPDATE jobs SET state = 'RUNNING', tries = ${JOB_TRIES_MAX}, leased_until = now() - interval '1 s'`,
    );
    startWorker(async () => 'complete');
    await eventually(async () => expect(await read(job)).toMatchObject({ state: 'FAILED' }));
    expect((await read(job))?.error).toMatch(/ended 8 times at the same place.* Ask Ann\.$/);
  });
});
