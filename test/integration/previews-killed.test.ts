import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { IngestKit } from '../support/ingest-kit.js';
import { LiveClient } from '../support/live-client.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

const CONTACTS = 20_000;
const ROUNDS = 3;
const WAIT_MS = 60_000;
/** Servers start four times, on a machine that may be busy. */
const TIMEOUT_MS = 240_000;

const CHANGES = [
  {
    putRule: {
      scoreSet: 'email',
      rule: { key: 'email_opened', action: { actionType: 'email_opened', points: 30 } },
    },
  },
];
const SHOWN = `contacts before { contacts } after { from contacts } stageMoves { from { key } to { key } contacts }
  newlyHot { count } biggestMovers(first: 50) { contact { id } points }`;

let database: TestDatabase;
let servers: ServerProcess[] = [];
let kit: IngestKit | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  servers = [];
  await kit?.close();
  kit = undefined;
});

afterAll(async () => {
  await database.drop();
});

async function startServer(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ DATABASE_URL: database.url });
  servers.push(server);
  return server;
}

/** A look at the database from outside, as the tenant that the servers made. */
async function lookInside(): Promise<IngestKit> {
  const outside = await IngestKit.open(database.url);
  const [row] = await outside.db.dataSource.query<{ id: string }[]>(
    'SELECT id FROM tenants ORDER BY created_at LIMIT 1',
  );
  Object.defineProperty(outside, 'tenantId', { value: row?.id });
  return outside;
}

it('previews whose processes are killed with -9 at random points are finished by others, with the same answer', {
  timeout: TIMEOUT_MS,
}, async () => {
  let keeper = await startServer();
  const inside = await lookInside();
  kit = inside;
  await inside.query(
    'INSERT INTO contacts (tenant_id, id) SELECT $1, gen_random_uuid() FROM generate_series(1, $2)',
    CONTACTS,
  );
  await inside.query(
    `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, recorded_at)
     SELECT $1, c.id, date_trunc('second', now()) - i * interval '1 hour', i, gen_random_uuid(), 1,
       (ARRAY['email_opened', 'clicked_link', 'replied_to_email'])[abs(i + hashtext(c.id::text) % 1000) % 3 + 1], now()
     FROM contacts c CROSS JOIN generate_series(1, 6) AS i WHERE c.tenant_id = $1`,
  );
  const { scoringModel } = await keeper.ask<{ scoringModel: { id: string } }>(
    '{ scoringModel(key: "starter") { id } }',
  );
  const wish = { id: scoringModel.id, changes: CHANGES };
  const jobs: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = await keeper.ask<{ startModelPreview: { job: { id: string } } }>(
      'mutation ($input: StartModelPreviewInput!) { startModelPreview(input: $input) { job { id } } }',
      { input: wish },
    );
    jobs.push(started.startModelPreview.job.id);
    await delay(Math.random() * 1_000);
    await keeper.kill('SIGKILL');
    // Nobody is believed to hold a job any more; one that does all the same is told so at its next note.
    await inside.query('UPDATE jobs SET leased_until = now() WHERE tenant_id = $1 AND finished_at IS NULL');
    keeper = await startServer();
  }
  const read = (id: string) =>
    keeper.ask<{ job: { state: string; done: number; preview: object | null } }>(
      `query ($id: ID!) { job(id: $id) { state done preview { ${SHOWN} } } }`,
      { id },
    );
  const { previewScoringModel: now } = await keeper.ask<{ previewScoringModel: object }>(
    `query ($id: ID!, $changes: [ModelChange!]!) { previewScoringModel(id: $id, changes: $changes) { ${SHOWN} } }`,
    wish,
  );
  expect(now).toMatchObject({ contacts: expect.any(Number) });
  for (const id of jobs) {
    await vi.waitFor(async () => expect((await read(id)).job.state).toBe('DONE'), {
      timeout: WAIT_MS,
      interval: 100,
    });
    const { job } = await read(id);
    expect(job.preview).toEqual(now);
    expect(job.done).toBeGreaterThanOrEqual(CONTACTS);
  }
});

it('the progress of a preview can be followed from another process, up to the answer', async () => {
  const [one, other] = [await startServer(), await startServer()];
  const { scoringModel } = await one.ask<{ scoringModel: { id: string } }>(
    '{ scoringModel(key: "starter") { id } }',
  );
  const client = await LiveClient.connect(other.webSocketUrl, TEST_KEY);
  const started = await one.ask<{ startModelPreview: { job: { id: string } } }>(
    'mutation ($input: StartModelPreviewInput!) { startModelPreview(input: $input) { job { id } } }',
    { input: { id: scoringModel.id, changes: CHANGES } },
  );
  const progress = client.subscribe(
    'subscription ($id: ID!) { jobProgress(id: $id) { kind state done total preview { contacts newlyHot { count } } } }',
    started.startModelPreview.job,
  );
  const seen = await progress.until(({ jobProgress }) => jobProgress?.state === 'DONE');
  const done = seen.map(({ jobProgress }) => Number(jobProgress?.done));
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(seen.slice(0, -1).every(({ jobProgress }) => jobProgress?.preview === null)).toBe(true);
  expect(seen.at(-1)?.jobProgress).toEqual({
    kind: 'PREVIEW',
    state: 'DONE',
    done: CONTACTS,
    total: CONTACTS,
    preview: { contacts: CONTACTS, newlyHot: { count: expect.any(Number) } },
  });
  expect((await progress.next()).type).toBe('complete');
  await client.close();
});
