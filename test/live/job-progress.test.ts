import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ClaimedJob, claimJob, finishJob, noteJobProgress } from '../../src/store/jobs/job-claims.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import type { LiveClient } from '../support/live-client.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const PROGRESS =
  'subscription ($id: ID!) { jobProgress(id: $id) { id state done total ratePerSecond remainingSeconds error } }';
const CONTACTS = 1_000;

let test: TestDatabase;
/** Where clients listen, and another process in which the job runs. */
let server: LiveTestServer;
let other: LiveTestServer;
let world: LiveWorld;
let client: LiveClient;
let jobId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  server = await LiveTestServer.start(test.url);
  other = await LiveTestServer.start(test.url);
});

beforeEach(async () => {
  await server.services.db.dataSource.query('DELETE FROM jobs');
  world = await LiveWorld.create(server);
  client = await server.client(world.tenant.apiKey);
  const [job] = await server.services.jobs.list(
    world.tenant.tenantId,
    { modelId: world.modelId, kinds: null, states: null },
    null,
    1,
  );
  jobId = job?.id ?? '';
});

afterAll(async () => {
  await server?.stop();
  await other?.stop();
  await test?.drop();
});

async function claimElsewhere(): Promise<ClaimedJob> {
  const job = await claimJob(other.services.db.reads, 'RESCORE');
  if (!job) throw new Error('there is no job');
  return job;
}

async function getDone(job: ClaimedJob, done: number): Promise<void> {
  await noteJobProgress(other.services.db.reads, job, { done, cursor: null, total: CONTACTS });
  other.services.wakeUps.announce(world.tenant.tenantId);
}

describe('jobProgress', () => {
  it('begins with the job as it is, follows it in another process, and completes with its end', async () => {
    const progress = client.subscribe(PROGRESS, { id: jobId });
    expect((await progress.data()).jobProgress).toEqual({
      id: jobId,
      state: 'QUEUED',
      done: 0,
      total: null,
      ratePerSecond: null,
      remainingSeconds: null,
      error: null,
    });
    const job = await claimElsewhere();
    await getDone(job, 400);
    const [running] = (await progress.until(({ jobProgress }) => jobProgress?.done === 400)).slice(-1);
    expect(running?.jobProgress).toMatchObject({ state: 'RUNNING', total: CONTACTS });
    expect(running?.jobProgress?.ratePerSecond).toBeGreaterThan(0);
    expect(running?.jobProgress?.remainingSeconds).toBeGreaterThan(0);
    await finishJob(other.services.db.reads, job);
    const [last] = (await progress.until(({ jobProgress }) => jobProgress?.state === 'DONE')).slice(-1);
    expect(last?.jobProgress).toMatchObject({ done: 400, total: 400, remainingSeconds: null });
    expect(await progress.next()).toMatchObject({ type: 'complete' });
  });

  it('tells at most a few times a second of a job that moves all the time, and of its last step', async () => {
    const job = await claimElsewhere();
    const progress = client.subscribe(PROGRESS, { id: jobId });
    await progress.data();
    const startedAtMs = performance.now();
    for (let step = 0; step < CONTACTS; step++) await getDone(job, 1);
    await finishJob(other.services.db.reads, job);
    const seen = await progress.until(({ jobProgress }) => jobProgress?.state === 'DONE');
    const seconds = (performance.now() - startedAtMs) / 1_000;
    expect(seen.length).toBeLessThanOrEqual(4 * seconds + 1);
    expect(seen.at(-1)?.jobProgress?.done).toBe(CONTACTS);
    const done = seen.map(({ jobProgress }) => Number(jobProgress?.done));
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('ends when the job is cancelled, whoever listens', async () => {
    const listeners = [
      client,
      await server.client(world.tenant.apiKey),
      await other.client(world.tenant.apiKey),
    ];
    const following = listeners.map((listener) => listener.subscribe(PROGRESS, { id: jobId }));
    await Promise.all(following.map((progress) => progress.data()));
    await claimElsewhere();
    await server.services.jobs.cancel(world.tenant.tenantId, jobId);
    for (const progress of following) {
      await progress.until(({ jobProgress }) => jobProgress?.state === 'CANCELLED');
      expect(await progress.next()).toMatchObject({ type: 'complete' });
    }
  });

  it('of a job that is over tells its end and completes', async () => {
    await server.services.jobs.cancel(world.tenant.tenantId, jobId);
    const progress = client.subscribe(PROGRESS, { id: jobId });
    expect((await progress.data()).jobProgress).toMatchObject({ state: 'CANCELLED' });
    expect(await progress.next()).toMatchObject({ type: 'complete' });
  });

  it('is not found for an unknown job or one of another tenant, and refused without the right', async () => {
    const codes = (id: string, from = client) => from.subscribe(PROGRESS, { id }).errorCodes();
    expect(await codes(randomUUID())).toEqual(['NOT_FOUND']);
    expect(await codes('x')).toEqual(['NOT_FOUND']);
    const stranger = await server.client((await server.tenant()).apiKey);
    expect(await codes(jobId, stranger)).toEqual(['NOT_FOUND']);
    const { access } = server.services;
    const ingest = { name: 'ingest', role: 'INGEST', expiresAt: null } as const;
    const { text } = await access.createApiKey(world.tenant.tenantId, ingest);
    expect(await codes(jobId, await server.client(text))).toEqual(['FORBIDDEN']);
  });

  it('leaves nothing behind when a client ends it, or just goes', async () => {
    const watching = (count: number) => eventually(() => expect(server.services.jobs.followed).toBe(count));
    const ended = client.subscribe(PROGRESS, { id: jobId });
    const leaving = await server.client(world.tenant.apiKey);
    await Promise.all([ended.data(), leaving.subscribe(PROGRESS, { id: jobId }).data()]);
    await watching(1);
    ended.complete();
    leaving.socket.terminate();
    await watching(0);
  });
});
