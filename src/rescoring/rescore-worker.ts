import { describeError, type Log } from '../log.js';
import type { Database } from '../store/database.js';
import { claimJob, finishJob, releaseJob, retryJob } from '../store/jobs/job-claims.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { WorkerLoop } from '../worker-loop.js';
import { RescoreRun } from './rescore-run.js';

const IDLE_DELAY_MS = 500;
const ERROR_DELAY_MS = 500;
const IDLE_MS_MAX = 10_000;

export interface RescoreWorkerOptions {
  db: Pick<Database, 'reads' | 'writes'>;
  registry: ModelRegistry;
  log: Log;
  /** Called whenever a job has moved on, and its scores with it. */
  announce(tenantId: string): void;
  /** Called at each look for jobs after there has been none for `IDLE_MS_MAX`. */
  onIdle?(): void;
}

/**
 * Brings every contact to the newest version of a published model: job by job, chunk by chunk in the order of contact
 * ids. Each chunk commits together with the job's cursor, so that any process can go on after a crash. Contacts that
 * are written to meanwhile are brought to the new version on the spot and only passed here.
 */
export class RescoreWorker {
  readonly #options: RescoreWorkerOptions;
  readonly #loop: WorkerLoop;
  /** When it last had a job, or began. */
  #busyAtMs = performance.now();

  constructor(options: RescoreWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'rescore',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: (signal) => this.#turn(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Looks for jobs at once instead of at the next turn. */
  nudge(): void {
    this.#loop.nudge();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #turn(signal: AbortSignal): Promise<number> {
    const { db, announce } = this.#options;
    const job = await claimJob(db.reads, 'RESCORE');
    if (!job) {
      if (performance.now() - this.#busyAtMs >= IDLE_MS_MAX) this.#options.onIdle?.();
      return IDLE_DELAY_MS;
    }
    announce(job.tenantId);
    try {
      const end = await new RescoreRun(this.#options, job).run(signal);
      if (end === 'complete') await finishJob(db.reads, job);
      else if (end === 'stopped') await releaseJob(db.reads, job);
    } catch (error) {
      await retryJob(db.reads, job, reasonOf(error));
      throw error;
    } finally {
      this.#busyAtMs = performance.now();
      announce(job.tenantId);
    }
    return 0;
  }
}

/** What people are told, as free of personal data as the log, which has the rest. */
function reasonOf(error: unknown): string {
  const reason = describeError(error).message.replace(/\.*$/, '.');
  return `${reason} What was done until then stays. The server's log says more; once the cause is mended, start it again with rescoreScoringModel.`;
}
