import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import { type DatabasePools, openPools, type PoolOptions } from './pools.js';

const TYPEORM_POOL_MAX = 4;

/** The open connections of one process. */
export interface Database extends DatabasePools {
  /** TypeORM: models, keys, jobs, everything that is not a hot path. */
  dataSource: DataSource;
  /** Names this database in cursors. */
  installationId: string;
  /** True when the role may bypass row-level security (a superuser): the policies do not back anything up then. */
  bypassesRowSecurity: boolean;
  close(): Promise<void>;
}

/**
 * Opens the pools on a migrated database.
 * @throws Error when the database cannot be reached within `CONNECT_TIMEOUT_MS` or is not migrated.
 */
export async function openDatabase(options: PoolOptions): Promise<Database> {
  const dataSource = createDataSource(options.url, {
    poolMax: TYPEORM_POOL_MAX,
    applicationName: options.applicationName,
  });
  await dataSource.initialize();
  const { reads, writes, analytics } = openPools(options);
  const close = async () => {
    await Promise.all([reads.end(), writes.end(), analytics.end()]);
    if (dataSource.isInitialized) await dataSource.destroy();
  };
  try {
    const { rows } = await reads.query<{ id: string; bypasses: boolean }>(
      'SELECT i.id, r.rolsuper OR r.rolbypassrls AS bypasses FROM installation i, pg_roles r WHERE r.rolname = current_user',
    );
    const row = rows[0];
    if (!row) throw new Error('The database is not migrated: run `leadpulse migrate`.');
    return {
      dataSource,
      reads,
      writes,
      analytics,
      installationId: row.id,
      bypassesRowSecurity: row.bypasses,
      close,
    };
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
