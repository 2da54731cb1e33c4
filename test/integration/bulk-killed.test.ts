import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { auditScores } from '../../src/rescoring/audit-scores.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { IngestKit } from '../support/ingest-kit.js';
import { ServerProcess } from '../support/server-process.js';

/** Three parts, the last one not full. */
const CONTACTS = 2_200;
const KILLS = 4;
/** Each kill is followed by the start of a server. */
const KILLS_TIMEOUT_MS = 240_000;
const UPSERT = 'mutation ($input: [UpsertContactInput!]!) { upsertContacts(input: $input) { created } }';
const BULK = `mutation ($input: BulkUpdateContactsInput!) {
  bulkUpdateContacts(input: $input) { job { id } } }`;
const JOB = `query ($id: ID!) {
  job(id: $id) { state done total error bulkAction { changed failed faults { message } } } }`;

let database: TestDatabase;
let kit: IngestKit;
let servers: ServerProcess[] = [];
/** Holds the last contact, so that the action is not over before the first kill. */
let holder: pg.Client | null = null;

beforeAll(async () => {
  database = await createTestDatabase();
  const server = await startServer();
  kit = await inspect();
  await server.ask(UPSERT, {
    input: Array.from({ length: CONTACTS }, (_, nth) => ({
      contact: { email: `lead${nth}@example.com` },
      jobTitle: nth % 2 ? 'CTO' : 'Buyer',
    })),
  });
  await killAll();
});

afterEach(async () => {
  await holder?.end();
  holder = null;
  await killAll();
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

async function killAll(): Promise<void> {
  await Promise.all(servers.map((server) => server.kill()));
  servers = [];
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

async function count(sql: string, ...values: unknown[]): Promise<number> {
  const [row] = await kit.query<{ count: number }>(sql, ...values);
  return row?.count ?? 0;
}

async function holdLastContact(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`SELECT set_config('app.tenant', $1, true)`, [kit.tenantId]);
  await client.query('SELECT 1 FROM contacts ORDER BY id DESC LIMIT 1 FOR UPDATE');
  return client;
}

/** Whoever held the job is dead, or so others believe: nobody need wait for its lease to end. */
async function endLeases(): Promise<void> {
  await kit.query(
    `UPDATE jobs SET leased_until = clock_timestamp() WHERE tenant_id = $1 AND finished_at IS NULL`,
  );
}

/**
 * Starts an action and kills both processes with -9 whenever some more contacts have been done. Before that one of them may
 * take the job from the other, which is still at work.
 * @param doneSql counts the contacts that are done.
 */
async function killedAgainAndAgain(action: object, doneSql: string): Promise<void> {
  const reached = (aim: number) =>
    eventually(async () => expect(await count(doneSql)).toBeGreaterThanOrEqual(Math.min(aim, CONTACTS)));
  const [first] = await Promise.all([startServer(), startServer()]);
  holder = await holdLastContact();
  const { bulkUpdateContacts } = await first.ask<{ bulkUpdateContacts: { job: { id: string } } }>(BULK, {
    input: { filter: {}, action },
  });
  const { id } = bulkUpdateContacts.job;
  for (let kill = 0; kill < KILLS; kill++) {
    const begun = await count(doneSql);
    const more = Math.random() * (CONTACTS / KILLS);
    await reached(begun + more / 2);
    await endLeases();
    await reached(begun + more);
    await Promise.all(servers.map((server) => server.kill('SIGKILL')));
    servers = [];
    const [job] = await kit.query<{ state: string }>(
      'SELECT state FROM jobs WHERE tenant_id = $1 AND id = $2',
      id,
    );
    if (kill === 0) expect(job?.state).toBe('RUNNING');
    await holder?.end();
    holder = null;
    await endLeases();
    await Promise.all([startServer(), startServer()]);
  }
  await eventually(async () => {
    const { job } = (await servers[0]?.ask<{ job: { state: string } }>(JOB, { id })) ?? {};
    expect(job).toEqual({
      state: 'DONE',
      done: CONTACTS,
      total: CONTACTS,
      error: null,
      bulkAction: { changed: CONTACTS, failed: 0, faults: [] },
    });
  });
  expect(await count('SELECT count(*)::int FROM bulk_action_parts WHERE tenant_id = $1')).toBe(0);
  const audit = await auditScores(kit.db, kit.registry, kit.tenantId, () => undefined);
  expect(audit).toEqual({ scores: CONTACTS, differences: [] });
}

describe('a bulk action whose processes are killed with -9 again and again, at random points, is finished by others', () => {
  it('adjusts every score exactly once', { timeout: KILLS_TIMEOUT_MS }, async () => {
    await killedAgainAndAgain(
      { adjustScore: { points: 4, reason: 'killed' } },
      `SELECT count(*)::int FROM timeline WHERE tenant_id = $1 AND body LIKE '%"killed"%'`,
    );
    const adjusted = await kit.query<{ entries: number; contacts: number }>(
      `SELECT entries, count(*)::int AS contacts FROM (SELECT count(*)::int AS entries FROM timeline
         WHERE tenant_id = $1 AND body LIKE '%"killed"%' GROUP BY contact_id) AS each GROUP BY entries`,
    );
    expect(adjusted).toEqual([{ entries: 1, contacts: CONTACTS }]);
  });

  it('puts everybody on the list, by one entry each', { timeout: KILLS_TIMEOUT_MS }, async () => {
    const entries = `FROM timeline WHERE tenant_id = $1 AND type = 'killed'`;
    await killedAgainAndAgain({ addToList: 'killed' }, `SELECT count(*)::int ${entries}`);
    const members = `SELECT count(*)::int FROM list_members m
      JOIN contact_lists l ON l.tenant_id = m.tenant_id AND l.id = m.list_id WHERE m.tenant_id = $1 AND l.key = 'killed'`;
    expect(await count(members)).toBe(CONTACTS);
    expect(await count(`SELECT count(*)::int ${entries}`)).toBe(CONTACTS);
    expect(await count(`SELECT count(DISTINCT contact_id)::int ${entries}`)).toBe(CONTACTS);
  });

  it('gives everybody the owner', { timeout: KILLS_TIMEOUT_MS }, async () => {
    const [rep] = await kit.query<{ id: string }>(
      `INSERT INTO sales_reps (tenant_id, id, name, email) VALUES ($1, gen_random_uuid(), 'Rep', 'rep@example.com')
       RETURNING id`,
    );
    const owned = `SELECT count(*)::int FROM contacts WHERE tenant_id = $1 AND owner_id IS NOT NULL`;
    await killedAgainAndAgain({ setOwner: { ownerId: rep?.id } }, owned);
    expect(await count(`${owned} AND owner_id = $2`, rep?.id)).toBe(CONTACTS);
  });
});
