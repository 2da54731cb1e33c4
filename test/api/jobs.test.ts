import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../src/log.js';
import { RescoreWorker } from '../../src/rescoring/rescore-worker.js';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';
import { eventually } from '../support/eventually.js';

const JOB =
  'id kind state modelId version done total ratePerSecond remainingSeconds error requestedBy createdAt startedAt finishedAt';
const CREATE = `mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) {
  model { id version recalculation { ${JOB} } } } }`;
const JOBS = `query ($modelId: ID, $kinds: [JobKind!], $states: [JobState!], $first: Int, $after: String) {
  jobs(modelId: $modelId, kinds: $kinds, states: $states, first: $first, after: $after) {
    nodes { ${JOB} } pageInfo { hasNextPage endCursor } } }`;
const CANCEL = `mutation ($id: ID!) { cancelJob(input: { id: $id }) { job { ${JOB} } } }`;
const RESCORE = `mutation ($id: ID!) { rescoreScoringModel(input: { id: $id }) { job { ${JOB} } } }`;
const READ = `query ($id: ID!) { job(id: $id) { ${JOB} } }`;

interface Job {
  id: string;
  state: string;
  modelId: string;
}

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  tenant = await server.tenant();
});
afterAll(() => server.stop());

/** A model with the rescoring that publishing it has queued; no worker runs here. */
async function modelWithJob(key: string): Promise<{ id: string; job: Job }> {
  const { data, errors } = await server.send(tenant.key, CREATE, { input: { preset: 'STARTER', key } });
  expect(errors).toEqual([]);
  const { id, recalculation } = data.createScoringModelFromPreset.model;
  return { id, job: recalculation };
}

async function jobs(variables: object = {}): Promise<Job[]> {
  const { data, errors } = await server.send(tenant.key, JOBS, { ...variables });
  expect(errors).toEqual([]);
  return data.jobs.nodes;
}

async function codeOf(key: string | null, query: string, id: string): Promise<string | undefined> {
  return (await server.send(key, query, { id })).errors[0]?.extensions.code;
}

describe('jobs', () => {
  test('are listed newest first, filtered by model, kind and state, page by page', async () => {
    const models = [await modelWithJob('a'), await modelWithJob('b'), await modelWithJob('c')];
    const [a, b, c] = models.map(({ job }) => job.id);
    expect((await jobs()).map(({ id }) => id)).toEqual([c, b, a]);
    expect(await jobs({ modelId: models[1]?.id })).toMatchObject([
      {
        id: b,
        kind: 'RESCORE',
        state: 'QUEUED',
        modelId: models[1]?.id,
        version: 1,
        done: 0,
        total: null,
        ratePerSecond: null,
        remainingSeconds: null,
        error: null,
        requestedBy: 'admin key',
        startedAt: null,
        finishedAt: null,
      },
    ]);
    await server.send(tenant.key, CANCEL, { id: a });
    expect((await jobs({ states: ['CANCELLED', 'DONE'] })).map(({ id }) => id)).toEqual([a]);
    expect(await jobs({ kinds: ['PREVIEW'] })).toEqual([]);
    const first = await server.send(tenant.key, JOBS, { first: 2 });
    expect(first.data.jobs.pageInfo.hasNextPage).toBe(true);
    await modelWithJob('d');
    const after = first.data.jobs.pageInfo.endCursor;
    expect((await jobs({ first: 2, after })).map(({ id }) => id)).toEqual([a]);
  });

  test('bad arguments are named, and jobs of other tenants are not there', async () => {
    const { job } = await modelWithJob('a');
    const faulty = await server.send(tenant.key, JOBS, { modelId: 'x' });
    expect(faulty.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'modelId' }],
    });
    const cursor = await server.send(tenant.key, JOBS, { after: 'x' });
    expect(cursor.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'after' }],
    });
    const other = await server.tenant();
    expect((await server.send(other.key, READ, { id: job.id })).data.job).toBeNull();
    expect((await server.send(other.key, JOBS)).data.jobs.nodes).toEqual([]);
    expect(await codeOf(other.key, CANCEL, job.id)).toBe('NOT_FOUND');
    expect((await server.send(tenant.key, READ, { id: job.id })).data.job).toMatchObject({ state: 'QUEUED' });
    expect((await server.send(tenant.key, READ, { id: 'x' })).data.job).toBeNull();
  });
});

describe('cancelling', () => {
  test('ends a job once and for all; doing so again changes nothing', async () => {
    const { job } = await modelWithJob('a');
    const { data } = await server.send(tenant.key, CANCEL, { id: job.id });
    expect(data.cancelJob.job).toMatchObject({ id: job.id, state: 'CANCELLED' });
    expect(data.cancelJob.job.finishedAt).not.toBeNull();
    const again = await server.send(tenant.key, CANCEL, { id: job.id });
    expect(again.data).toEqual(data);
  });

  test('is for those who change models, and for jobs that are not over', async () => {
    const { id, job } = await modelWithJob('a');
    for (const role of ['SALES', 'VIEWER', 'INGEST'] as const) {
      const key = await server.key(tenant, role);
      expect(await codeOf(key, CANCEL, job.id)).toBe('FORBIDDEN');
      expect(await codeOf(key, RESCORE, id)).toBe('FORBIDDEN');
    }
    expect(await codeOf(await server.key(tenant, 'INGEST'), READ, job.id)).toBe('FORBIDDEN');
    expect(await codeOf(null, CANCEL, job.id)).toBe('UNAUTHENTICATED');
    expect(await codeOf(tenant.key, CANCEL, randomUUID())).toBe('NOT_FOUND');
    expect(await codeOf(tenant.key, CANCEL, 'x')).toBe('NOT_FOUND');
    await server.services.db.dataSource.query(
      `UPDATE jobs SET state = 'DONE', finished_at = now() WHERE id = $1`,
      [job.id],
    );
    const { errors } = await server.send(tenant.key, CANCEL, { id: job.id });
    expect(errors[0]).toMatchObject({
      message: 'The job is over already (DONE); nothing is left to cancel.',
      extensions: { code: 'CONFLICT' },
    });
  });
});

describe('starting a rescoring again', () => {
  test('after it was cancelled makes a new job that does the rest; one that is open is answered with', async () => {
    const { id, job } = await modelWithJob('a');
    expect((await server.send(tenant.key, RESCORE, { id })).data.rescoreScoringModel.job.id).toBe(job.id);
    await server.send(tenant.key, CANCEL, { id: job.id });
    const starts = await Promise.all([1, 2, 3].map(() => server.send(tenant.key, RESCORE, { id })));
    const started = new Set(starts.map(({ data }) => data.rescoreScoringModel.job.id));
    expect(started.size).toBe(1);
    expect(started.has(job.id)).toBe(false);
    expect(starts[0]?.data.rescoreScoringModel.job).toMatchObject({
      kind: 'RESCORE',
      state: 'QUEUED',
      version: 1,
    });
    await server.send(
      tenant.key,
      'mutation { upsertContact(input: { contact: { email: "ann@example.com" } }) { contact { id } } }',
    );
    const worker = new RescoreWorker({
      ...server.services,
      log: createLog('silent'),
      announce: () => undefined,
    });
    worker.start();
    try {
      await eventually(async () => {
        const { data } = await server.send(tenant.key, READ, { id: [...started][0] });
        expect(data.job).toMatchObject({
          state: 'DONE',
          done: 1,
          total: 1,
          remainingSeconds: null,
          error: null,
        });
        expect(data.job.ratePerSecond).toBeGreaterThan(0);
      });
    } finally {
      await worker.stop();
    }
  });

  test('needs a model that is there and switched on', async () => {
    await modelWithJob('a');
    const { id } = await modelWithJob('b');
    const off =
      'mutation ($id: ID!) { activateScoringModel(input: { id: $id, active: false }) { model { id } } }';
    expect((await server.send(tenant.key, off, { id })).errors).toEqual([]);
    expect(await codeOf(tenant.key, RESCORE, id)).toBe('CONFLICT');
    expect(await codeOf(tenant.key, RESCORE, randomUUID())).toBe('NOT_FOUND');
    expect(await codeOf(tenant.key, RESCORE, 'x')).toBe('NOT_FOUND');
  });
});
