import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import { claimJob, failJob, finishJob, releaseJob, retryJob } from '../store/jobs/job-claims.js';
import { WorkerLoop } from '../worker-loop.js';
import { BulkRun, type BulkRunOptions } from './bulk-run.js';

const IDLE_DELAY_MS = 500;
const ERROR_DELAY_MS = 500;
/** How often parts of actions that were cancelled or have failed are removed. */
const CLEAR_EVERY_MS = 60_000;
const CLEARED_PARTS_MAX = 5_000;

export interface BulkWorkerOptions extends BulkRunOptions {
  log: Log;
}

/** Does bulk actions, one at a time in a process; any process can go on where another one ended. */
export class BulkWorker {
  readonly #options: BulkWorkerOptions;
  readonly #loop: WorkerLoop;
  #clearedAtMs = 0;

  constructor(options: BulkWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'bulk',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: (signal) => this.#turn(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #turn(signal: AbortSignal): Promise<number> {
    const { db, announce } = this.#options;
    const job = await claimJob(db.reads, 'BULK_ACTION');
    if (!job) {
      await this.#clear();
      return IDLE_DELAY_MS;
    }
    announce(job.tenantId);
    try {
      const end = await new BulkRun(this.#options, job).run(signal);
      if (end === 'complete') await finishJob(db.reads, job);
      else if (end === 'stopped') await releaseJob(db.reads, job);
    } catch (error) {
      if (error instanceof LeadpulseError) {
        await failJob(db.reads, job, error.message);
        return 0;
      }
      await retryJob(db.reads, job, reasonOf(error));
      throw error;
    } finally {
      announce(job.tenantId);
    }
    return 0;
  }

  /** The table holds ids only, and belongs to all tenants. */
  async #clear(): Promise<void> {
    const nowMs = Date.now();
    if (nowMs - this.#clearedAtMs < CLEAR_EVERY_MS) return;
    this.#clearedAtMs = nowMs;
    await this.#options.db.reads.query(
      `DELETE FROM bulk_action_parts WHERE ctid = ANY (ARRAY(SELECT p.ctid FROM bulk_action_parts p
         JOIN jobs j ON j.tenant_id = p.tenant_id AND j.id = p.job_id
         WHERE j.finished_at IS NOT NULL LIMIT ${CLEARED_PARTS_MAX}))`,
    );
  }
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `${reason} What was done until then stays. bulkAction of the job says how much that is, and the server's log what went wrong.`;
}
