import { parentPort, workerData } from 'node:worker_threads';
import { createLog } from '../log.js';
import { ModelRegistry } from '../store/model-registry.js';
import { openPools } from '../store/pools.js';
import type { RescoreThreadMessage, RescoreThreadSettings } from './rescore-thread-settings.js';
import { RescoreWorker } from './rescore-worker.js';

/** One to read ahead, one to write; beside them one for the jobs themselves. */
const WRITES_MAX = 2;
const READS_MAX = 1;

/**
 * The entry of the thread that rescores, away from the event loop of the server, over connections of its own. It ends when it
 * is told to, or by itself when there has been nothing to do for a while.
 */
const { databaseUrl: url, applicationName, logLevel } = workerData as RescoreThreadSettings;
const pools = openPools({ url, applicationName, readsMax: READS_MAX, writesMax: WRITES_MAX });
const worker = new RescoreWorker({
  db: pools,
  registry: new ModelRegistry(pools),
  log: createLog(logLevel),
  announce: (tenantId) => parentPort?.postMessage({ announce: tenantId } satisfies RescoreThreadMessage),
  onIdle: () => void end(),
});
let isEnding = false;

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await worker.stop();
  await Promise.all([pools.reads.end(), pools.writes.end()]);
  parentPort?.close();
}

parentPort?.once('message', () => void end());
worker.start();
