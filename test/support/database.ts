import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createDataSource } from '../../src/store/data-source.js';
import { openTestCluster, type TestCluster, type TestRun } from './test-cluster.js';

/** A database of one test file, migrated and otherwise empty. */
export interface TestDatabase {
  /** Connects as the service's role, which is no superuser. */
  url: string;
  name: string;
  /**
   * Removes the database; close your own pools first.
   * @throws Error naming the sessions that are still open, after having removed the database all the same.
   */
  drop(): Promise<void>;
}

/** Serialises the workers that want the template at the same time. */
const LOCK_TEMPLATE = 7_301_101;
/** Sessions that are being closed are still listed for a moment. */
const CLOSING_TIMEOUT_MS = 3_000;
const POLL_MS = 10;

let cluster: Promise<TestCluster> | undefined;

/**
 * Makes a database for the calling test file by cloning the migrated template of this run.
 * Call it in `beforeAll` and `drop` in `afterAll`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const run = await findRun();
  cluster ??= openTestCluster(run);
  const { adminUrl, serviceUrl } = await cluster;
  const name = `test_${run.id}_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, async (admin) => {
    await makeTemplate(admin, run, serviceUrl);
    await admin.query(`create database ${name} template ${templateName(run)} owner ${roleOf(serviceUrl)}`);
  });
  return { url: withDatabase(serviceUrl, name), name, drop: () => dropDatabase(adminUrl, name) };
}

/** Removes the run's template from a server that outlives the run. */
export async function dropTemplate(run: TestRun): Promise<void> {
  const { adminUrl } = await openTestCluster(run);
  await asAdmin(adminUrl, (admin) =>
    admin.query(`drop database if exists ${templateName(run)} with (force)`),
  );
}

/** What the global setup provides; imported late, since the setup itself runs outside of a test worker. */
async function findRun(): Promise<TestRun> {
  const { inject } = await import('vitest');
  return inject('testRun');
}

function templateName(run: TestRun): string {
  return `template_${run.id}`;
}

/** Makes and migrates the template unless another worker has: under its name it appears finished. */
async function makeTemplate(admin: pg.Client, run: TestRun, serviceUrl: string): Promise<void> {
  const name = templateName(run);
  const exists = async () =>
    (await admin.query('select from pg_database where datname = $1', [name])).rowCount === 1;
  if (await exists()) return;
  await admin.query('select pg_advisory_lock($1)', [LOCK_TEMPLATE]);
  try {
    if (await exists()) return;
    const draft = `${name}_draft`;
    await admin.query(`drop database if exists ${draft} with (force)`);
    await admin.query(`create database ${draft} owner ${roleOf(serviceUrl)}`);
    await migrate(withDatabase(serviceUrl, draft));
    await waitUntilUnused(admin, draft);
    await admin.query(`alter database ${draft} rename to ${name}`);
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [LOCK_TEMPLATE]);
  }
}

async function migrate(url: string): Promise<void> {
  const source = await createDataSource(url, { poolMax: 2, applicationName: 'leadpulse-test' }).initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}

async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  const leaked = await asAdmin(adminUrl, async (admin) => {
    const sessions = await waitUntilUnused(admin, name);
    await admin.query(`drop database if exists ${name} with (force)`);
    return sessions;
  });
  if (leaked.length > 0) {
    throw new Error(`This file leaves ${leaked.length} database connections open:\n${leaked.join('\n')}`);
  }
}

/** Waits until no session is left in the database; answers with a line about each that stays. */
async function waitUntilUnused(admin: pg.Client, name: string): Promise<string[]> {
  const deadlineMs = Date.now() + CLOSING_TIMEOUT_MS;
  for (;;) {
    const { rows } = await admin.query<{ line: string }>(
      `select format('%s: %s, last statement: %s', application_name, state, left(query, 200)) as line
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || Date.now() > deadlineMs) return rows.map((row) => row.line);
    await delay(POLL_MS);
  }
}

async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl, application_name: 'leadpulse-test-admin' });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function roleOf(url: string): string {
  return pg.escapeIdentifier(decodeURIComponent(new URL(url).username));
}
