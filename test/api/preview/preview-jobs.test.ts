import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/log.js';
import { PREVIEW_JOBS_OPEN_MAX } from '../../../src/preview/preview-service.js';
import { PreviewWorker } from '../../../src/preview/preview-worker.js';
import { tenantRead } from '../../../src/store/tenant-scope.js';
import { UpkeepWorker } from '../../../src/upkeep/upkeep-worker.js';
import { type ApiTenant, ApiTestServer } from '../../support/api-server.js';
import { eventually } from '../../support/eventually.js';

const START = `mutation ($input: StartModelPreviewInput!) {
  startModelPreview(input: $input) { job { id kind state done total preview { contacts } } } }`;
const SHOWN = `contacts sampled version asOf after { from to contacts } stageMoves { from { key } to { key } contacts }
  newlyHot { count } biggestMovers(first: 3) { contact { id } before { total } after { total explanation { points } } }`;
const JOB = `query ($id: ID!) { job(id: $id) { kind state done total error preview { ${SHOWN} } } }`;
const NOW = `query ($id: ID!, $changes: [ModelChange!]!, $sample: Int) {
  previewScoringModel(id: $id, changes: $changes, sample: $sample) { ${SHOWN} } }`;

const MODEL = {
  key: 'leads',
  name: 'Leads',
  dimensions: [{ key: 'd', maxPoints: 100 }],
  stages: [
    { key: 'cold', name: 'Cold', minScore: 0 },
    { key: 'hot', name: 'Hot', minScore: 50, hot: true },
  ],
  scoreSets: [
    { key: 'web', dimension: 'd', rules: [{ key: 'visit', action: { actionType: 'visit', points: 10 } }] },
  ],
};
const changes = [
  { putRule: { scoreSet: 'web', rule: { key: 'visit', action: { actionType: 'visit', points: 60 } } } },
];

let server: ApiTestServer;
let tenant: ApiTenant;
let id: string;
let workers: PreviewWorker[] = [];

beforeAll(async () => {
  server = await ApiTestServer.start();
});

beforeEach(async () => {
  tenant = await server.tenant();
  const data = await ask(
    'mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) { model { id } } }',
    { input: MODEL },
  );
  id = data.createScoringModel.model.id;
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
});

afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the test asked for
async function ask(query: string, variables: object = {}, key = tenant.key): Promise<any> {
  const { data, errors } = await server.send(key, query, variables as Record<string, unknown>);
  expect(errors).toEqual([]);
  return data;
}

/** Begins a preview of the changes. @returns the id of its job. */
async function start(input: object = {}): Promise<string> {
  const data = await ask(START, { input: { id, changes, ...input } });
  return data.startModelPreview.job.id;
}

async function job(jobId: string, key = tenant.key) {
  return (await ask(JOB, { id: jobId }, key)).job;
}

/** Lets a process work on previews. */
function work(): PreviewWorker {
  const { db, registry, threads } = server.services;
  const worker = new PreviewWorker({
    db,
    registry,
    pool: threads,
    log: createLog('silent'),
    announce: () => undefined,
  });
  worker.start();
  workers.push(worker);
  return worker;
}

function query<T extends object>(text: string, ...values: unknown[]): Promise<T[]> {
  return tenantRead(server.services.db, tenant.tenantId, async (client) => {
    const { rows } = await client.query<T>(text, [tenant.tenantId, ...values]);
    return rows;
  });
}

function cancel(jobId: string) {
  return ask('mutation ($input: CancelJobInput!) { cancelJob(input: $input) { job { state } } }', {
    input: { id: jobId },
  });
}

/** Threads that look at contacts wait meanwhile. */
async function whileScoresAreLocked(work: () => Promise<void>): Promise<void> {
  await server.services.db.dataSource.transaction(async (manager) => {
    await manager.query('LOCK TABLE contact_scores IN ACCESS EXCLUSIVE MODE');
    await work();
  });
}

/** Contacts who have visited once, in two statements. */
async function addVisitors(count: number): Promise<void> {
  await query(
    'INSERT INTO contacts (tenant_id, id) SELECT $1, gen_random_uuid() FROM generate_series(1, $2)',
    count,
  );
  await visitAll(1, "date_trunc('second', now()) - interval '1 minute'");
}

/** Every contact visits (once more). */
async function visitAll(seq: number, at = 'now()'): Promise<void> {
  await query(
    `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, recorded_at)
     SELECT $1, id, ${at}, $2, gen_random_uuid(), 1, 'visit', now() FROM contacts WHERE tenant_id = $1`,
    seq,
  );
}

describe('a preview as a job', () => {
  it('waits for a process that works on it, and then has the answer that asking at once has', async () => {
    await addVisitors(5_000);
    const jobId = await start();
    expect(await job(jobId)).toEqual({
      kind: 'PREVIEW',
      state: 'QUEUED',
      done: 0,
      total: null,
      error: null,
      preview: null,
    });
    work();
    await eventually(async () => expect((await job(jobId)).state).toBe('DONE'));
    const done = await job(jobId);
    expect(done).toMatchObject({ done: 5_000, total: 5_000, error: null });
    expect(done.preview).toMatchObject({ contacts: 5_000, newlyHot: { count: 5_000 } });
    const { previewScoringModel: now } = await ask(NOW, { id, changes });
    expect({ ...done.preview, asOf: now.asOf }).toEqual(now);
  });

  it('can be of a sample, and of the draft', async () => {
    await addVisitors(3_000);
    await ask(
      'mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { version } } }',
      { input: { id, expectedVersion: 1, changes, publish: false } },
    );
    const data = await ask(START, { input: { id, draft: true, sample: 100 } });
    work();
    const jobId = data.startModelPreview.job.id;
    await eventually(async () => expect((await job(jobId)).state).toBe('DONE'));
    expect((await job(jobId)).preview).toMatchObject({
      contacts: 100,
      sampled: true,
      newlyHot: { count: 100 },
    });
  });

  it('speaks of the instant and the version it was begun at, whatever is published and done later', async () => {
    await addVisitors(10);
    const jobId = await start();
    work();
    await eventually(async () => expect((await job(jobId)).state).toBe('DONE'));
    const { preview } = await job(jobId);
    await ask(
      'mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { version } } }',
      { input: { id, expectedVersion: 1, changes: [{ removeRule: 'visit' }] } },
    );
    await visitAll(2);
    expect((await job(jobId)).preview).toEqual(preview);
  });

  it('goes on where a process that died left it, with what that had counted', async () => {
    await addVisitors(6_000);
    const whole = await start();
    const worker = work();
    await eventually(async () => expect((await job(whole)).state).toBe('DONE'));
    await worker.stop();
    const { biggestMovers: _shownAnew, ...counted } = (await job(whole)).preview;
    const jobId = await start();
    // As if the first 2,000 had been counted, with a mark: what is counted is believed and not counted again.
    await query(
      `UPDATE model_previews p SET as_of = w.as_of, contacts = w.contacts, until_id = w.until_id,
         tally = replace(replace(w.tally, '6000', '2000'), '"newlyHot":2000', '"newlyHot":1002000'),
         counted_to = (SELECT id FROM contacts WHERE tenant_id = $1 ORDER BY id OFFSET 1999 LIMIT 1)
       FROM model_previews w WHERE p.tenant_id = $1 AND p.job_id = $2 AND w.tenant_id = $1 AND w.job_id = $3`,
      jobId,
      whole,
    );
    await query(
      `UPDATE jobs SET state = 'RUNNING', done = 2500, total = 6000, started_at = now(), leased_by = gen_random_uuid(),
         leased_until = now() - interval '1 second' WHERE tenant_id = $1 AND id = $2`,
      jobId,
    );
    // What happened since is later than the instant that the preview speaks of.
    await visitAll(2);
    work();
    await eventually(async () => expect((await job(jobId)).state).toBe('DONE'));
    expect(await job(jobId)).toMatchObject({
      done: 6_000,
      total: 6_000,
      preview: { ...counted, newlyHot: { count: 1_006_000 } },
    });
  });

  it('that is cancelled ends, and has no answer', async () => {
    await addVisitors(10);
    const waiting = await start();
    await cancel(waiting);
    const running = await start();
    await whileScoresAreLocked(async () => {
      work();
      await eventually(async () => expect(await job(running)).toMatchObject({ state: 'RUNNING', total: 10 }));
      await cancel(running);
    });
    const last = await start();
    await eventually(async () => expect((await job(last)).state).toBe('DONE'));
    for (const jobId of [waiting, running]) {
      expect(await job(jobId)).toMatchObject({ state: 'CANCELLED', done: 0, preview: null });
    }
    expect(
      await query('SELECT tally FROM model_previews WHERE tenant_id = $1 AND job_id = $2', running),
    ).toEqual([{ tally: null }]);
  });

  it('is given back when its process stops, and done by another', async () => {
    await addVisitors(10);
    const jobId = await start();
    await whileScoresAreLocked(async () => {
      const worker = work();
      await eventually(async () => expect((await job(jobId)).state).toBe('RUNNING'));
      await worker.stop();
    });
    work();
    await eventually(async () => expect((await job(jobId)).state).toBe('DONE'));
    expect((await job(jobId)).preview).toMatchObject({ contacts: 10 });
  });

  it('fails with a reason when what it was about is gone', async () => {
    const jobId = await start();
    await query('DELETE FROM model_previews WHERE tenant_id = $1');
    work();
    await eventually(async () => expect((await job(jobId)).state).toBe('FAILED'));
    expect((await job(jobId)).error).toMatch(/start the preview again/);
  });

  it('is kept for a week', async () => {
    const jobId = await start();
    const open = await start();
    const { db, log } = server.services;
    const upkeep = () =>
      new UpkeepWorker({ db, log, idempotencyRetentionDays: 7, feedRetentionDays: 0 }).runOnce();
    await query(`UPDATE model_previews SET created_at = now() - interval '8 days' WHERE tenant_id = $1`);
    await query(
      `UPDATE jobs SET state = 'DONE', finished_at = now() WHERE tenant_id = $1 AND id = $2`,
      jobId,
    );
    await query(
      'UPDATE model_previews SET as_of = now(), contacts = 0 WHERE tenant_id = $1 AND job_id = $2',
      jobId,
    );
    expect((await job(jobId)).preview).toMatchObject({ contacts: 0 });
    await upkeep();
    expect(await job(jobId)).toMatchObject({ state: 'DONE', preview: null });
    expect(await query('SELECT job_id FROM model_previews WHERE tenant_id = $1')).toEqual([{ job_id: open }]);
  });
});

describe('starting a preview', () => {
  it('is refused when as many are open as a tenant may have, and other tenants do not mind', async () => {
    for (let index = 0; index < PREVIEW_JOBS_OPEN_MAX; index++) await start();
    const { errors } = await server.send(tenant.key, START, { input: { id, changes } });
    expect(errors[0]).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining('cancelJob'),
    });
    const other = await server.tenant();
    const made = await server.send(
      other.key,
      'mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) { model { id } } }',
      { input: MODEL },
    );
    const input = { id: made.data.createScoringModel.model.id, changes };
    expect((await server.send(other.key, START, { input })).errors).toEqual([]);
  });

  it('is for those who change models, and its answer for those who read them, in the tenant alone', async () => {
    const sales = await server.key(tenant, 'SALES');
    const { errors } = await server.send(sales, START, { input: { id, changes } });
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    const jobId = await start();
    work();
    await eventually(async () => expect((await job(jobId)).state).toBe('DONE'));
    expect((await job(jobId, sales)).preview).toMatchObject({ contacts: 0 });
    const stranger = await server.tenant();
    expect(await job(jobId, stranger.key)).toBeNull();
  });

  it('says what is wrong with it, with paths', async () => {
    const paths = async (input: object) => {
      const { errors } = await server.send(tenant.key, START, { input: { id, changes, ...input } });
      return errors[0]?.extensions.fields?.map(({ path }) => path);
    };
    expect(await paths({ changes: [{ removeRule: 'nowhere' }] })).toEqual(['input.changes.0.removeRule']);
    expect(await paths({ sample: 0 })).toEqual(['input.sample']);
    expect(await paths({ draft: true })).toEqual(['input.draft']);
    expect(await paths({ changes: [] })).toEqual(['input.changes']);
    expect(await query('SELECT 1 FROM jobs WHERE tenant_id = $1 AND kind = $2', 'PREVIEW')).toEqual([]);
  });
});
