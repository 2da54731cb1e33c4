import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { dropTemplate } from './database.js';
import {
  makeTestDataDir,
  removeAbandonedTestDataDirs,
  removeTestDataDir,
  type TestRun,
} from './test-cluster.js';

/** Runs once before all files: prepares a place for the run's PostgreSQL, which the first test that wants it starts. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandonedTestDataDirs();
  const run: TestRun = {
    id: randomBytes(4).toString('hex'),
    dataDir: process.env.TEST_DATABASE_URL ? null : await makeTestDataDir(),
  };
  project.provide('testRun', run);
  return async () => {
    if (run.dataDir === null) await dropTemplate(run);
    else await removeTestDataDir(run.dataDir);
  };
}
