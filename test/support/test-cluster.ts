import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { placeCluster } from '../../src/embedded/cluster-placement.js';
import { startEmbeddedDatabase } from '../../src/embedded/embedded-database.js';
import { stopPostmaster } from '../../src/embedded/postmaster.js';
import { isProcessAlive } from '../../src/embedded/postmaster-file.js';
import { createLog } from '../../src/log.js';

/** The PostgreSQL of one test run. */
export interface TestCluster {
  /** May create databases. */
  adminUrl: string;
  /** The role that the service runs as; the database in it is not used. */
  serviceUrl: string;
}

/** What the global setup tells the workers: where the run's PostgreSQL lives. */
export interface TestRun {
  /** Distinguishes this run's databases on a server that is shared. */
  id: string;
  /** The folder of the run's own PostgreSQL; null when TEST_DATABASE_URL names a server. */
  dataDir: string | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    testRun: TestRun;
  }
}

const DIR_PREFIX = 'leadpulse-test-';

/** Tests are about what is written and not about whether it survives the loss of power. */
const TEST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '128MB',
};

/** Joins the run's PostgreSQL; whoever comes first starts it, so that runs without database tests need none. */
export async function openTestCluster(run: TestRun): Promise<TestCluster> {
  const given = process.env.TEST_DATABASE_URL;
  if (run.dataDir === null) {
    if (!given) throw new Error('TEST_DATABASE_URL was set when the run began and is not any more.');
    return { adminUrl: given, serviceUrl: given };
  }
  const started = await startEmbeddedDatabase({
    dataDir: run.dataDir,
    log: createLog('error'),
    settings: TEST_SETTINGS,
  });
  // Not stopped here: the next file needs it, and the global teardown stops it.
  return { adminUrl: started.adminUrl, serviceUrl: started.url };
}

/** Makes the folder of a run's PostgreSQL, named after this process. */
export async function makeTestDataDir(): Promise<string> {
  const dataDir = await mkdtemp(path.join(tmpdir(), `${DIR_PREFIX}${process.pid}-`));
  // As root PostgreSQL runs as another user, who has to pass through.
  await chmod(dataDir, 0o711);
  return dataDir;
}

/** Stops the run's PostgreSQL, if it was started, and removes its data. */
export async function removeTestDataDir(dataDir: string): Promise<void> {
  const { dataPath } = await placeCluster(dataDir);
  await stopPostmaster(dataPath);
  await rm(dataPath, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

/** Clears up after runs that were killed before they could. */
export async function removeAbandonedTestDataDirs(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${DIR_PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (pid > 0 && !isProcessAlive(pid))
      await removeTestDataDir(path.join(tmpdir(), name)).catch(() => undefined);
  }
}
