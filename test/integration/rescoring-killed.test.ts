import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditScores } from '../../src/rescoring/audit-scores.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { IngestKit } from '../support/ingest-kit.js';
import { LiveClient } from '../support/live-client.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

const CONTACTS = 3_000;
const BATCH = 1_000;
/** Each kill is followed by the start of a server. */
const KILLS_TIMEOUT_MS = 240_000;
const KILLS = 4;
const RECORD = `mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded } }`;
const CHANGE = `mutation ($input: ChangeScoringModelInput!) {
  changeScoringModel(input: $input) { model { version } recalculation { id } } }`;
const MODEL = '{ scoringModel(key: "starter") { id version recalculation { id state done total } } }';
const PROGRESS = 'subscription ($id: ID!) { jobProgress(id: $id) { state done total } }';

let database: TestDatabase;
let servers: ServerProcess[] = [];
let kit: IngestKit;
/** Holds a contact's lock, as a slow batch does. */
let holder: pg.Client | null = null;

beforeAll(async () => {
  database = await createTestDatabase();
  const server = await startServer();
  kit = await inspect();
  for (let from = 0; from < CONTACTS; from += BATCH) {
    const actions = Array.from({ length: BATCH }, (_, index) => ({
      contact: { email: `lead${from + index}@example.com` },
      type: index % 3 === 0 ? 'clicked_link' : 'email_opened',
    }));
    await server.ask(RECORD, { input: actions });
  }
  await server.kill();
});

beforeEach(() => {
  servers = [];
});

afterEach(async () => {
  await holder?.end();
  holder = null;
  await Promise.all(servers.map((server) => server.kill()));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

async function startServer(): Promise<ServerProcess> {
  const server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'off' });
  servers.push(server);
  return server;
}

/** A look at the database from outside, as the tenant that the servers made. */
async function inspect(): Promise<IngestKit> {
  const opened = await IngestKit.open(database.url);
  const [row] = await opened.db.dataSource.query<{ id: string }[]>(
    'SELECT id FROM tenants ORDER BY created_at LIMIT 1',
  );
  Object.defineProperty(opened, 'tenantId', { value: row?.id });
  return opened;
}

/** Publishes a version in which everybody's score is another. @returns the version, and the job that it queues. */
async function publish(server: ServerProcess): Promise<{ version: number; jobId: string }> {
  const { scoringModel } = await server.ask<{ scoringModel: { id: string; version: number } }>(MODEL);
  const next = scoringModel.version + 1;
  const rules = ['email_opened', 'clicked_link'].map((actionType) => ({
    key: `kill_${actionType}`,
    action: { actionType, points: next },
  }));
  const scoreSet = { key: 'kills', name: 'Kills', rules };
  const { changeScoringModel } = await server.ask<{
    changeScoringModel: { model: { version: number }; recalculation: { id: string } };
  }>(CHANGE, {
    input: {
      id: scoringModel.id,
      expectedVersion: scoringModel.version,
      changes: [{ putScoreSet: scoreSet }],
    },
  });
  return { version: changeScoringModel.model.version, jobId: changeScoringModel.recalculation.id };
}

async function job(id: string): Promise<{ state: string; done: number; total: number | null }> {
  const [row] = await kit.query<{ state: string; done: number; total: number | null }>(
    'SELECT state, done, total FROM jobs WHERE tenant_id = $1 AND id = $2',
    id,
  );
  if (!row) throw new Error('the job is gone');
  return row;
}

/** Whoever held a job is dead: nobody need wait for its lease to end. */
async function endLeases(): Promise<void> {
  await kit.query('UPDATE jobs SET leased_until = NULL WHERE tenant_id = $1 AND finished_at IS NULL');
}

/** Every score is that of its replay at this version, and the feed tells of every change exactly once. */
async function expectAllAt(version: number): Promise<void> {
  const audit = await auditScores(kit.db, kit.registry, kit.tenantId, () => undefined);
  expect(audit).toEqual({ scores: CONTACTS, differences: [] });
  expect(
    await kit.query('SELECT 1 FROM contact_scores WHERE tenant_id = $1 AND version <> $2', version),
  ).toEqual([]);
  const [rules] = await kit.query<{ changes: string; contacts: string }>(
    `SELECT count(*) AS changes, count(DISTINCT contact_id) AS contacts FROM score_events
     WHERE tenant_id = $1 AND version = $2 AND cause = 'RULES'`,
    version,
  );
  expect(rules?.changes).toBe(rules?.contacts);
  const broken = await kit.query(
    `SELECT contact_id FROM (SELECT contact_id, total_before,
         lag(total_after, 1, 0) OVER (PARTITION BY contact_id ORDER BY position) AS before
       FROM score_events WHERE tenant_id = $1) AS chain WHERE before <> total_before`,
  );
  expect(broken).toEqual([]);
  const [feed] = await kit.query<{ position: string; events: string }>(
    `SELECT position, (SELECT count(*) FROM score_events WHERE tenant_id = $1) AS events
     FROM tenant_feeds WHERE tenant_id = $1`,
  );
  expect(feed?.position).toBe(feed?.events);
}

describe('a rescoring', () => {
  it('whose process is killed with -9 again and again, at random points, is finished by others: each score its replay, each change once', {
    timeout: KILLS_TIMEOUT_MS,
  }, async () => {
    const first = await startServer();
    const { version, jobId } = await publish(first);
    let server = first;
    for (let kill = 0; kill < KILLS; kill++) {
      const until = Math.floor(Math.random() * (CONTACTS / KILLS));
      const begun = (await job(jobId)).done;
      await eventually(async () => {
        const { done, state } = await job(jobId);
        expect(state === 'DONE' || done >= begun + until).toBe(true);
      });
      await server.kill('SIGKILL');
      if (kill === 0) expect(await job(jobId)).toMatchObject({ state: 'RUNNING' });
      await endLeases();
      server = await startServer();
    }
    await eventually(async () => expect(await job(jobId)).toMatchObject({ state: 'DONE' }));
    expect(await job(jobId)).toMatchObject({ done: CONTACTS, total: CONTACTS });
    await expectAllAt(version);
  });

  it('of a server that is stopped is given back at once, and goes on where it stands', async () => {
    const first = await startServer();
    const { version, jobId } = await publish(first);
    await eventually(async () => expect((await job(jobId)).done).toBeGreaterThan(0));
    expect(await first.kill('SIGTERM')).toBe(0);
    const left = await job(jobId);
    expect(left).toMatchObject({ state: 'QUEUED' });
    expect(left.done).toBeLessThan(CONTACTS);
    await startServer();
    await eventually(async () => expect(await job(jobId)).toMatchObject({ state: 'DONE', done: CONTACTS }));
    await expectAllAt(version);
  });

  it('is followed from any process; meanwhile every read names the version it shows, and whoever is touched moves on', async () => {
    const [one, two] = [await startServer(), await startServer()];
    const ids = await kit.query<{ id: string }>('SELECT id FROM contacts WHERE tenant_id = $1 ORDER BY id');
    const [done, held, behind] = [ids[0]?.id, ids[CONTACTS / 2]?.id, ids.at(-1)?.id];
    holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(`SELECT set_config('app.tenant', $1, true)`, [kit.tenantId]);
    await holder.query('SELECT 1 FROM contacts WHERE id = $1 FOR UPDATE', [held]);

    const { version, jobId } = await publish(one);
    const clients = await Promise.all(
      [one, two].map((server) => LiveClient.connect(server.webSocketUrl, TEST_KEY)),
    );
    const following = clients.map((client) => client.subscribe(PROGRESS, { id: jobId }));
    await Promise.all(
      following.map((progress) => progress.until(({ jobProgress }) => Number(jobProgress?.done) > 0)),
    );

    // It stands still in the middle now.
    const versionOf = async (id: string | undefined): Promise<number> => {
      const { contact } = await two.ask<{ contact: { score: { modelVersion: number } } }>(
        'query ($key: ContactKey!) { contact(key: $key) { score { modelVersion } } }',
        { key: { id } },
      );
      return contact.score.modelVersion;
    };
    expect([await versionOf(done), await versionOf(behind)]).toEqual([version, version - 1]);
    const touched = await two.ask<{ recordAction: { scores: { modelVersion: number }[] } }>(
      'mutation ($input: RecordActionInput!) { recordAction(input: $input) { scores { modelVersion } } }',
      { input: { contact: { id: behind }, type: 'email_opened' } },
    );
    expect(touched.recordAction.scores).toEqual([{ modelVersion: version }]);
    expect(await versionOf(behind)).toBe(version);

    await holder.query('COMMIT');
    for (const progress of following) {
      const seen = await progress.until(({ jobProgress }) => jobProgress?.state === 'DONE');
      expect(seen.at(-1)?.jobProgress).toMatchObject({ done: CONTACTS, total: CONTACTS });
    }
    await Promise.all(clients.map((client) => client.close()));
    await expectAllAt(version);
  });

  it('that is cancelled ends in whatever process it runs, and is started again', async () => {
    const [one, two] = [await startServer(), await startServer()];
    const { version, jobId } = await publish(one);
    await two.ask('mutation ($id: ID!) { cancelJob(input: { id: $id }) { job { state } } }', { id: jobId });
    expect(await job(jobId)).toMatchObject({ state: 'CANCELLED' });
    const { scoringModel } = await two.ask<{ scoringModel: { id: string } }>(MODEL);
    const { rescoreScoringModel } = await two.ask<{ rescoreScoringModel: { job: { id: string } } }>(
      'mutation ($id: ID!) { rescoreScoringModel(input: { id: $id }) { job { id } } }',
      { id: scoringModel.id },
    );
    expect(rescoreScoringModel.job.id).not.toBe(jobId);
    await eventually(async () =>
      expect(await job(rescoreScoringModel.job.id)).toMatchObject({ state: 'DONE', done: CONTACTS }),
    );
    await expectAllAt(version);
  });
});
