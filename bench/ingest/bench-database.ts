import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { placeCluster } from '../../src/embedded/cluster-placement.js';
import { startEmbeddedDatabase } from '../../src/embedded/embedded-database.js';
import { createLog } from '../../src/log.js';
import { migrate } from '../../src/store/database.js';

/** A migrated, empty database on a PostgreSQL whose settings are known. */
export interface BenchDatabase {
  /** Connects as the service's role. */
  url: string;
  /** Connects as a role that may CHECKPOINT and VACUUM, to the same database. */
  adminUrl: string;
  /** The server's version and the settings that matter, as lines for the report. */
  description: string[];
  /** Process id of the server when it runs on this machine. */
  postmasterPid: number | null;
  close(): Promise<void>;
}

/** Durable as in production; large enough that no checkpoint falls into a measurement. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  max_connections: '200',
};
const SHOWN = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'shared_buffers',
  'max_wal_size',
  'max_connections',
];

/** What a measurement asks of a PostgreSQL of its own. */
export interface BenchDatabaseOptions {
  /** Collect statements; false by default. */
  statistics?: boolean;
  /** Instead of `SETTINGS`. */
  sharedBuffers?: string;
}

/** Opens the database of a run: `BENCH_DATABASE_URL`, whose settings stay as they are, or a PostgreSQL of its own. */
export async function openBenchDatabase(options: BenchDatabaseOptions = {}): Promise<BenchDatabase> {
  const given = process.env.BENCH_DATABASE_URL;
  return given ? openGiven(given) : openOwn(options);
}

async function openOwn({ statistics = false, sharedBuffers }: BenchDatabaseOptions): Promise<BenchDatabase> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'leadpulse-bench-'));
  // As root PostgreSQL runs as another user, who has to pass through.
  await chmod(dataDir, 0o711);
  const collected = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all' };
  const settings = {
    ...SETTINGS,
    ...(sharedBuffers && { shared_buffers: sharedBuffers }),
    ...(statistics && collected),
  };
  const { dataPath } = await placeCluster(dataDir);
  const remove = async () => {
    await rm(dataPath, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const cluster = await startEmbeddedDatabase({ dataDir, log: createLog('error'), settings });
    const adminUrl = withDatabase(cluster.adminUrl, new URL(cluster.url).pathname.slice(1));
    await migrate(cluster.url);
    if (statistics) await run(adminUrl, 'CREATE EXTENSION pg_stat_statements');
    const close = async () => {
      await cluster.stop();
      await remove();
    };
    return { url: cluster.url, adminUrl, ...(await describe(adminUrl, true)), close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function openGiven(given: string): Promise<BenchDatabase> {
  const name = `leadpulse_bench_${process.pid}`;
  await run(given, `CREATE DATABASE ${name}`);
  const url = withDatabase(given, name);
  await migrate(url);
  const close = async () => {
    await run(given, `DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { url, adminUrl: url, ...(await describe(url, false)), close };
}

async function describe(
  url: string,
  isLocal: boolean,
): Promise<{ description: string[]; postmasterPid: number | null }> {
  const version = await run(url, 'SELECT version() AS value');
  const settings = await run(
    url,
    `SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name) AS value FROM pg_settings
     WHERE name = ANY ('{${SHOWN.join(',')}}')`,
  );
  const text = (rows: Record<string, unknown>[]) => String(rows[0]?.value);
  const postmaster = isLocal
    ? await run(url, `SELECT (string_to_array(pg_read_file('postmaster.pid'), E'\\n'))[1] AS value`)
    : [];
  return {
    description: [text(version).split(',', 1)[0] ?? '', text(settings)],
    postmasterPid: isLocal ? Number(text(postmaster)) : null,
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Runs one statement on a connection of its own. @returns its rows. */
export async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'leadpulse-bench' });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}
