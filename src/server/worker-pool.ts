import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Log } from '../log.js';
import type { Bootstrapped } from './bootstrap.js';

/** Workers that may end unexpectedly within `RESTART_WINDOW_MS` before the server gives up. */
const RESTARTS_MAX = 10;
const RESTART_WINDOW_MS = 60_000;

/** What a worker tells the process that started it. */
export interface WorkerReady {
  ready: true;
  url: string;
  bootstrapped: Bootstrapped | null;
}

/** Several server processes behind one port. */
export interface WorkerPool {
  url: string;
  bootstrapped: Bootstrapped | null;
  /** Lets every worker answer what is under way and end. */
  stop(): Promise<void>;
}

/** Whether this process is one of several workers. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** Says, from a worker, that it serves. */
export function announceReady(url: string, bootstrapped: Bootstrapped | null): void {
  process.send?.({ ready: true, url, bootstrapped } satisfies WorkerReady);
}

/**
 * Starts workers that share one port: the first one alone, since it furnishes an empty database, then the others. One that
 * ends unexpectedly is replaced.
 * @param env what the workers get beside the environment of this process.
 * @param onGivenUp called when workers end again and again.
 * @throws Error when a worker does not start; it has said why.
 */
export async function startWorkers(
  count: number,
  env: Record<string, string>,
  log: Log,
  onGivenUp: () => void,
): Promise<WorkerPool> {
  let stopping = false;
  const endedAtMs: number[] = [];
  const first = await startWorker(env);
  await Promise.all(Array.from({ length: count - 1 }, () => startWorker(env)));
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) return;
    const nowMs = Date.now();
    endedAtMs.push(nowMs);
    while ((endedAtMs[0] ?? nowMs) < nowMs - RESTART_WINDOW_MS) endedAtMs.shift();
    log.error({ worker: worker.process.pid, code, signal }, 'a worker ended unexpectedly');
    if (endedAtMs.length > RESTARTS_MAX) onGivenUp();
    else cluster.fork(env);
  });
  return {
    url: first.url,
    bootstrapped: first.bootstrapped,
    stop: async () => {
      stopping = true;
      const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
      const gone = workers.filter((worker) => !worker.isDead()).map((worker) => once(worker, 'exit'));
      for (const worker of workers) worker.process.kill('SIGTERM');
      await Promise.all(gone);
    },
  };
}

async function startWorker(env: Record<string, string>): Promise<WorkerReady> {
  const worker: Worker = cluster.fork(env);
  const ready = once(worker, 'message').then(([message]) => message as WorkerReady);
  const ended = once(worker, 'exit').then(() => {
    throw new Error('A worker did not start; it says why above.');
  });
  ended.catch(() => undefined);
  return Promise.race([ready, ended]);
}
