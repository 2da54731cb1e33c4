import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../src/log.js';
import { UpkeepWorker } from '../../src/upkeep/upkeep-worker.js';
import { eventually } from '../support/eventually.js';
import { type ImportAnswer, TransferKit } from './transfer-kit.js';

let server: TransferKit;
let kit: TransferKit;

beforeAll(async () => {
  server = await TransferKit.start();
});

beforeEach(async () => {
  kit = await server.another();
});

afterAll(async () => {
  await server.api.stop();
});

const CREATE = `mutation Create($input: CreateImportInput!) {
  createImport(input: $input) { resumed import { id uploadPath offset rows job { state kind } } }
}`;

const HEADER = 'email,event,at\n';

function rowsOf(from: number, to: number): string {
  let text = '';
  for (let row = from; row <= to; row++) {
    text += `person-${row % 97}@example.com,login,${new Date(Date.UTC(2024, 0, 1) + row * 1_000).toISOString()}\n`;
  }
  return text;
}

async function create(input: Record<string, unknown> = {}) {
  const { createImport } = await kit.ask(CREATE, { input: { kind: 'ACTIONS', ...input } });
  return createImport as {
    resumed: boolean;
    import: { id: string; uploadPath: string; offset: number; rows: number; job: { state: string } };
  };
}

async function statusOf(id: string): Promise<ImportAnswer> {
  return (await kit.request('GET', `/import/${id}`)).json() as Promise<ImportAnswer>;
}

/** An upload that goes on until it is broken off. */
class OpenUpload {
  readonly #request;
  readonly ended: Promise<number | string>;

  constructor(path: string) {
    this.#request = request(`${kit.api.url}${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${kit.tenant.key}` },
    });
    this.ended = new Promise((resolve) => {
      this.#request.on('response', (answer) => resolve(answer.resume().statusCode ?? 0));
      this.#request.on('error', (error) => resolve(error.message));
    });
  }

  send(text: string): void {
    this.#request.write(text);
  }

  breakOff(): void {
    this.#request.destroy();
  }
}

test('an upload that breaks off goes on where it was, and every row counts once', async () => {
  const file = HEADER + rowsOf(1, 4_000);
  const made = await create();
  expect(made).toMatchObject({
    resumed: false,
    import: { offset: 0, job: { state: 'QUEUED', kind: 'IMPORT' } },
  });
  const upload = new OpenUpload(made.import.uploadPath);
  // In the middle of a row.
  upload.send(file.slice(0, 100_003));
  await eventually(async () => expect((await statusOf(made.import.id)).rows).toBeGreaterThan(500));
  upload.breakOff();
  await upload.ended;

  await eventually(async () => expect((await statusOf(made.import.id)).state).toBe('QUEUED'));
  const stopped = await statusOf(made.import.id);
  expect(file[stopped.offset - 1]).toBe('\n');
  const answer = await kit.request(
    'PUT',
    `${made.import.uploadPath}?offset=${stopped.offset}`,
    file.slice(stopped.offset),
  );
  expect(await answer.json()).toMatchObject({
    state: 'DONE',
    rows: 4_000,
    recorded: 4_000,
    created: 97,
    duplicates: 0,
  });
  expect(await kit.count('SELECT count(*) FROM timeline WHERE tenant_id = $1 AND kind = 1')).toBe(4_000);
});

test('the whole file may be sent again as well', async () => {
  const file = HEADER + rowsOf(1, 3_000);
  const { import: made } = await create();
  const upload = new OpenUpload(made.uploadPath);
  upload.send(file.slice(0, 90_000));
  await eventually(async () => expect((await statusOf(made.id)).rows).toBeGreaterThan(500));
  upload.breakOff();
  await upload.ended;
  const answer = await kit.request('PUT', made.uploadPath, file);
  expect(await answer.json()).toMatchObject({ rows: 3_000, recorded: 3_000, duplicates: 0 });
});

test('rows that were recorded and not noted when the process died are counted as recorded', async () => {
  const file = HEADER + rowsOf(1, 1_200);
  const { import: made } = await create();
  const upload = new OpenUpload(made.uploadPath);
  upload.send(file);
  await eventually(async () => expect((await statusOf(made.id)).rows).toBeGreaterThanOrEqual(1_000));
  upload.breakOff();
  await upload.ended;
  // As after kill -9 between the two: the rows are on the timelines, and the import knows nothing of the last ones.
  const first = file.split('\n').slice(0, 501).join('\n').length + 1;
  await kit.api.services.db.dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('app.tenant', $1, true)`, [kit.tenant.tenantId]);
    await manager.query(
      'UPDATE imports SET offset_bytes = $3, row_count = 500, recorded = 500, created = 97, line = 501 WHERE tenant_id = $1 AND id = $2',
      [kit.tenant.tenantId, made.id, first],
    );
  });
  const answer = await kit.request('PUT', `${made.uploadPath}?offset=${first}`, file.slice(first));
  expect(await answer.json()).toMatchObject({ rows: 1_200, recorded: 1_200, created: 97, duplicates: 0 });
  expect(await kit.count('SELECT count(*) FROM timeline WHERE tenant_id = $1 AND kind = 1')).toBe(1_200);
});

test('the same file and options find the unfinished import; other options, or a finished one, do not', async () => {
  const first = await create({ fileId: 'sha256:1', fileName: 'a.csv' });
  expect(await create({ fileId: 'sha256:1', fileName: 'renamed.csv' })).toMatchObject({
    resumed: true,
    import: { id: first.import.id },
  });
  const dry = await create({ fileId: 'sha256:1', dryRun: true });
  expect(dry.resumed).toBe(false);
  await kit.request('PUT', first.import.uploadPath, HEADER + rowsOf(1, 3));
  expect((await create({ fileId: 'sha256:1' })).resumed).toBe(false);
});

test('an import that is over takes nothing more, and an offset beyond what is done is refused', async () => {
  const { import: made } = await create();
  const gap = await kit.fault('PUT', `${made.uploadPath}?offset=10`, 'x');
  expect(gap).toMatchObject({ status: 409, code: 'CONFLICT' });
  expect(gap.message).toContain('goes on at byte 0');
  expect((await kit.request('PUT', made.uploadPath, HEADER + rowsOf(1, 3))).status).toBe(200);
  const over = await kit.fault('PUT', made.uploadPath, HEADER);
  expect(over).toMatchObject({ status: 409, code: 'CONFLICT' });
  expect(over.message).toContain('DONE');
});

test('cancelJob ends an import; what was recorded stays', async () => {
  const { import: made } = await create();
  const upload = new OpenUpload(made.uploadPath);
  upload.send(HEADER + rowsOf(1, 2_000));
  await eventually(async () => expect((await statusOf(made.id)).rows).toBeGreaterThan(500));
  await kit.ask('mutation Cancel($id: ID!) { cancelJob(input: { id: $id }) { job { state } } }', {
    id: made.id,
  });
  upload.send(rowsOf(2_001, 4_000));
  upload.send(rowsOf(4_001, 9_000));
  expect(await upload.ended).toBe(409);
  expect(await statusOf(made.id)).toMatchObject({ state: 'CANCELLED' });
  expect((await statusOf(made.id)).recorded).toBeGreaterThan(500);
});

test('a second upload takes over from one that hangs', async () => {
  const file = HEADER + rowsOf(1, 2_500);
  const { import: made } = await create();
  const hanging = new OpenUpload(made.uploadPath);
  hanging.send(file.slice(0, 80_000));
  await eventually(async () => expect((await statusOf(made.id)).rows).toBeGreaterThan(500));
  const answer = await kit.request('PUT', made.uploadPath, file);
  expect(await answer.json()).toMatchObject({ state: 'DONE', rows: 2_500, recorded: 2_500, duplicates: 0 });
  hanging.breakOff();
  await hanging.ended;
  expect(await statusOf(made.id)).toMatchObject({ rows: 2_500, recorded: 2_500 });
});

test('another tenant that knows the id cannot end an upload', async () => {
  const { import: made } = await create();
  const upload = new OpenUpload(made.uploadPath);
  upload.send(HEADER + rowsOf(1, 1_600));
  await eventually(async () => expect((await statusOf(made.id)).rows).toBeGreaterThanOrEqual(1_000));
  const other = await server.another();
  expect(await other.fault('PUT', made.uploadPath, HEADER)).toMatchObject({ status: 404 });
  upload.send(rowsOf(1_601, 3_200));
  await eventually(async () => expect((await statusOf(made.id)).rows).toBeGreaterThanOrEqual(2_500));
  upload.breakOff();
  await upload.ended;
});

test('the job tells how far it is while the file comes in', async () => {
  const { import: made } = await create();
  const upload = new OpenUpload(made.uploadPath);
  upload.send(HEADER + rowsOf(1, 1_600));
  const ask = `query Job($id: ID!) { job(id: $id) { kind state done ratePerSecond } import(id: $id) { rows recorded } }`;
  await eventually(async () => {
    const { job, import: shown } = await kit.ask(ask, { id: made.id });
    expect(job).toMatchObject({ kind: 'IMPORT', state: 'RUNNING', done: shown.rows });
    expect(job.done).toBeGreaterThanOrEqual(500);
    expect(job.ratePerSecond).toBeGreaterThan(0);
  });
  upload.breakOff();
  await upload.ended;
});

test('live traffic goes on while a file is imported', async () => {
  const { import: made } = await create();
  const file = HEADER + rowsOf(1, 20_000);
  const importing = kit.request('PUT', made.uploadPath, file);
  let answered = 0;
  const record =
    'mutation Live($input: RecordActionInput!) { recordAction(input: $input) { action { id } } }';
  while ((await statusOf(made.id)).state !== 'DONE') {
    await kit.ask(record, { input: { contact: { email: 'live@example.com' }, type: 'login' } });
    answered++;
  }
  expect((await importing).status).toBe(200);
  expect(answered).toBeGreaterThan(5);
});

test('rows that find no room are tried again and not refused', async () => {
  const { recorder } = kit.api.services;
  const record = recorder.record.bind(recorder);
  let refusals = 3;
  recorder.record = async (tenantId, items) => {
    const outcomes = await record(tenantId, items);
    if (refusals-- <= 0) return outcomes;
    const { LeadpulseError } = await import('../../src/errors.js');
    return outcomes.map(() => ({ status: 'REJECTED', error: new LeadpulseError('UNAVAILABLE', 'busy') }));
  };
  try {
    const answer = await kit.import('actions', HEADER + rowsOf(1, 700));
    expect(answer).toMatchObject({ rows: 700, recorded: 700, rejected: 0, duplicates: 0 });
  } finally {
    recorder.record = record;
  }
});

test('a server that stops ends an upload that waits for more, and it goes on at the next one', async () => {
  const stopping = await TransferKit.start();
  const before = kit;
  kit = stopping;
  try {
    const { import: made } = await create();
    const upload = new OpenUpload(made.uploadPath);
    upload.send(HEADER + rowsOf(1, 1_600));
    await eventually(async () => expect((await statusOf(made.id)).rows).toBeGreaterThanOrEqual(1_000));
    await stopping.api.services.imports.stop();
    expect(await upload.ended).toBe(503);
    expect(await statusOf(made.id)).toMatchObject({ state: 'QUEUED', rejected: 0 });
    expect(await kit.fault('PUT', made.uploadPath, HEADER)).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
    });
  } finally {
    kit = before;
    await stopping.api.stop();
  }
});

test('after a week refused rows are forgotten, and an import that nobody goes on with has failed', async () => {
  const done = await kit.import('contacts', 'email\nnobody\n');
  const { import: open } = await create();
  const upkeep = new UpkeepWorker({
    db: kit.api.services.db,
    log: createLog('silent'),
    idempotencyRetentionDays: 7,
    feedRetentionDays: 0,
  });
  await upkeep.runOnce();
  expect(await kit.download(done.faultsPath)).toContain('nobody');
  expect((await statusOf(open.id)).state).toBe('QUEUED');
  await kit.api.services.db.dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('app.tenant', $1, true)`, [kit.tenant.tenantId]);
    await manager.query(`UPDATE imports SET touched_at = now() - interval '8 days' WHERE tenant_id = $1`, [
      kit.tenant.tenantId,
    ]);
  });
  await upkeep.runOnce();
  expect(await kit.download(done.faultsPath)).not.toContain('nobody');
  expect(await statusOf(done.id)).toMatchObject({ state: 'DONE', rejected: 1 });
  expect(await statusOf(open.id)).toMatchObject({ state: 'FAILED', error: expect.stringContaining('again') });
});
