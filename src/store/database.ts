import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const TYPEORM_POOL_MAX = 4;

const OID_TIMESTAMPTZ = 1184;
const OID_FLOAT8_ARRAY = 1022;

/** The open connections of one process. */
export interface Database {
  /** TypeORM: models, keys, jobs, everything that is not a hot path. */
  dataSource: DataSource;
  /** Pipelined connections for reads. timestamptz arrives as ms since 1970, null for -infinity. */
  reads: pg.Pool;
  /** Pipelined connections for batches, with plans pinned to nested loops over indexes. */
  writes: pg.Pool;
  /** Names this database in cursors. */
  installationId: string;
  /** True when the role may bypass row-level security (a superuser): the policies do not back anything up then. */
  bypassesRowSecurity: boolean;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections for reads, for batches. */
  readsMax: number;
  writesMax: number;
  applicationName: string;
}

/** `2026-01-01 00:00:00.123+00` as ms since 1970; null for the infinities. */
export function parseTimestamptzMs(text: string): number | null {
  if (text === '-infinity' || text === 'infinity') return null;
  // The session's time zone is UTC, so the text ends in +00.
  const ms = Date.UTC(
    Number(text.slice(0, 4)),
    Number(text.slice(5, 7)) - 1,
    Number(text.slice(8, 10)),
    Number(text.slice(11, 13)),
    Number(text.slice(14, 16)),
    Number(text.slice(17, 19)),
  );
  if (text.charCodeAt(19) !== 46) return ms;
  return ms + Math.floor(Number(`0.${text.slice(20, text.length - 3)}`) * 1000 + 1e-6);
}

function parseFloatArray(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number);
}

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === OID_TIMESTAMPTZ) return parseTimestamptzMs;
    if (oid === OID_FLOAT8_ARRAY) return parseFloatArray;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

function createPool(options: DatabaseOptions, max: number, name: string, settings: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max,
    pipeline: true,
    types,
    application_name: `${options.applicationName}-${name}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    options: `-c timezone=UTC -c datestyle=ISO ${settings}`,
  } as pg.PoolConfig);
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The same for one that breaks while it is in use and no statement is under way: the next statement is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

// Plans made before the tables had statistics cost 4x; every hot statement is a nested loop over an index.
const NESTED_LOOPS =
  '-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off';

/**
 * Opens the pools on a migrated database.
 * @throws Error when the database cannot be reached within `CONNECT_TIMEOUT_MS` or is not migrated.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const dataSource = createDataSource(options.url, {
    poolMax: TYPEORM_POOL_MAX,
    applicationName: options.applicationName,
  });
  await dataSource.initialize();
  const reads = createPool(options, options.readsMax, 'reads', '-c jit=off');
  const writes = createPool(options, options.writesMax, 'writes', NESTED_LOOPS);
  const close = async () => {
    await Promise.all([reads.end(), writes.end()]);
    if (dataSource.isInitialized) await dataSource.destroy();
  };
  try {
    const { rows } = await reads.query<{ id: string; bypasses: boolean }>(
      'SELECT i.id, r.rolsuper OR r.rolbypassrls AS bypasses FROM installation i, pg_roles r WHERE r.rolname = current_user',
    );
    const row = rows[0];
    if (!row) throw new Error('The database is not migrated: run `leadpulse migrate`.');
    return { dataSource, reads, writes, installationId: row.id, bypassesRowSecurity: row.bypasses, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Brings the schema up to date, one process at a time (an advisory lock keeps others waiting).
 * @returns the names of the migrations that ran.
 */
export async function migrate(url: string): Promise<string[]> {
  const dataSource = createDataSource(url, { poolMax: 2, applicationName: 'leadpulse-migrate' });
  await dataSource.initialize();
  const guard = dataSource.createQueryRunner();
  try {
    await guard.query(`SELECT pg_advisory_lock(hashtext('leadpulse.migrate'))`);
    const done = await dataSource.runMigrations({ transaction: 'all' });
    return done.map((migration) => migration.name);
  } finally {
    await guard.query(`SELECT pg_advisory_unlock(hashtext('leadpulse.migrate'))`).catch(() => undefined);
    await guard.release();
    await dataSource.destroy();
  }
}
