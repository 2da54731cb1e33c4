import { describeError, type Log } from '../../log.js';
import { WorkerLoop } from '../../worker-loop.js';
import type { Database } from '../database.js';
import { type ClaimedJob, claimJob, failJob, finishJob, releaseJob, retryJob } from './job-claims.js';
import type { JobKind } from './job-row.js';

const IDLE_DELAY_MS = 500;
const ERROR_DELAY_MS = 500;

/** How one process's work on a job ended: all is done, the job is over or somebody else's, or it was asked to stop. */
export type JobRunEnd = 'complete' | 'lost' | 'stopped';

export interface JobWorkerOptions {
  kind: JobKind;
  /** In the log. */
  name: string;
  db: Pick<Database, 'reads'>;
  log: Log;
  /** Called whenever a job has moved on. */
  announce(tenantId: string): void;
  /**
   * Works on a job from where it stands.
   * @throws what the job is to be tried again for, or, when `isFinal` says so, has failed for.
   */
  run(job: ClaimedJob, signal: AbortSignal): Promise<JobRunEnd>;
  /** Whether no further try mends an error; its message is then what people are told. None, when left out. */
  isFinal?(error: unknown): error is Error;
  /** What to do about a job that has failed; told behind the reason. */
  advice: string;
  /** Called when there was no job to do. @param idleMs since it last had one, or began. */
  onIdle?(idleMs: number): Promise<void> | void;
}

/** Does jobs of one kind, one at a time in a process; any process can go on where another one ended. */
export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #loop: WorkerLoop;
  #busyAtMs = performance.now();

  constructor(options: JobWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: options.name,
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

  /** Gives the job under way back as soon as its work can be left; resolves then. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #turn(signal: AbortSignal): Promise<number> {
    const { db, kind, advice, announce, onIdle } = this.#options;
    const job = await claimJob(db.reads, kind, advice);
    if (!job) {
      await onIdle?.(performance.now() - this.#busyAtMs);
      return IDLE_DELAY_MS;
    }
    announce(job.tenantId);
    try {
      await this.#work(job, signal);
    } finally {
      this.#busyAtMs = performance.now();
      announce(job.tenantId);
    }
    return 0;
  }

  async #work(job: ClaimedJob, signal: AbortSignal): Promise<void> {
    const { db, run, isFinal, advice } = this.#options;
    try {
      const end = await run(job, signal);
      if (end === 'complete') await finishJob(db.reads, job);
      else if (end === 'stopped') await releaseJob(db.reads, job);
    } catch (error) {
      if (isFinal?.(error)) {
        await failJob(db.reads, job, error.message);
        return;
      }
      await retryJob(db.reads, job, `${reasonOf(error)} ${advice}`);
      throw error;
    }
  }
}

/** What people are told, as free of personal data as the log, which has the rest. */
function reasonOf(error: unknown): string {
  return describeError(error).message.replace(/\.*$/, '.');
}
