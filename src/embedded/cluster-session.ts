import pg from 'pg';
import { ADMIN_ROLE, type ClusterSecrets, SERVICE_DATABASE, SERVICE_ROLE } from './cluster.js';

/** Advisory locks of the database `postgres`: who uses the cluster, and who sets it up. */
const LOCK_USERS = 7_301_001;
const LOCK_SETUP = 7_301_002;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** One process's membership in an embedded cluster: a session of its own that lasts as long as the process. */
export interface ClusterSession {
  port: number;
  /** Called once when the session ends before `leave`. */
  onLost(handler: () => void): void;
  /**
   * Ends the membership.
   * @param ifLast runs when no other process is a member, before anybody can become one.
   * @returns whether this was the last.
   */
  leave(ifLast: () => Promise<void>): Promise<boolean>;
}

/** What came of trying: a session, or why not, as PostgreSQL's or the network's error code. */
export type JoinResult = { session: ClusterSession } | { refusal: string };

/**
 * Joins the cluster that answers on `port`. PostgreSQL itself keeps the list of members, as shared advisory locks: a process
 * that is killed has left in the same moment, and of several that leave at once exactly one is the last.
 */
export async function joinCluster(port: number, secrets: ClusterSecrets): Promise<JoinResult> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: ADMIN_ROLE,
    password: secrets.adminPassword,
    database: 'postgres',
    application_name: 'leadpulse-embedded',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  });
  let lost = false;
  let onLost: (() => void) | undefined;
  const lose = () => {
    if (lost) return;
    lost = true;
    onLost?.();
  };
  client.on('error', lose);
  client.on('end', lose);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [LOCK_USERS]);
    await createServiceDatabase(client, secrets);
  } catch (error) {
    await client.end().catch(() => undefined);
    return { refusal: (error as { code?: string }).code ?? (error as Error).message };
  }
  return {
    session: {
      port,
      onLost: (handler) => {
        if (lost) handler();
        else onLost = handler;
      },
      leave: async (ifLast) => {
        onLost = undefined;
        return leaveCluster(client, ifLast);
      },
    },
  };
}

async function leaveCluster(client: pg.Client, ifLast: () => Promise<void>): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [LOCK_USERS]);
    const { rows } = await client.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [
      LOCK_USERS,
    ]);
    const last = rows[0]?.last === true;
    if (last) await ifLast();
    return last;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes the service's role and database unless they exist. The role is an ordinary one: row-level security binds it. */
async function createServiceDatabase(client: pg.Client, secrets: ClusterSecrets): Promise<void> {
  if ((await findMissing(client)).length === 0) return;
  await client.query('select pg_advisory_lock($1)', [LOCK_SETUP]);
  try {
    const missing = await findMissing(client);
    if (missing.includes('role')) {
      const password = client.escapeLiteral(secrets.servicePassword);
      await client.query(`create role ${SERVICE_ROLE} login password ${password}`);
    }
    if (missing.includes('database')) {
      await client.query(`create database ${SERVICE_DATABASE} owner ${SERVICE_ROLE}`);
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK_SETUP]);
  }
}

async function findMissing(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ kind: string }>(
    `select kind from (values
       ('role', exists (select from pg_roles where rolname = $1)),
       ('database', exists (select from pg_database where datname = $2))) as found (kind, present)
     where not present`,
    [SERVICE_ROLE, SERVICE_DATABASE],
  );
  return rows.map((row) => row.kind);
}
