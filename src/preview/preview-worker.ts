import type { Log } from '../log.js';
import { claimJob, failJob, finishJob, releaseJob, retryJob } from '../store/jobs/job-claims.js';
import { WorkerLoop } from '../worker-loop.js';
import { PreviewGone, PreviewRun, type PreviewRunOptions } from './preview-run.js';

const IDLE_DELAY_MS = 500;
const ERROR_DELAY_MS = 500;

export interface PreviewWorkerOptions extends PreviewRunOptions {
  log: Log;
}

/** Does previews that run as jobs, one at a time in a process; any process can go on where another one ended. */
export class PreviewWorker {
  readonly #options: PreviewWorkerOptions;
  readonly #loop: WorkerLoop;

  constructor(options: PreviewWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'preview',
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
    const job = await claimJob(db.reads, 'PREVIEW');
    if (!job) return IDLE_DELAY_MS;
    announce(job.tenantId);
    try {
      const end = await new PreviewRun(this.#options, job).run(signal);
      if (end === 'complete') await finishJob(db.reads, job);
      else if (end === 'stopped') await releaseJob(db.reads, job);
    } catch (error) {
      if (error instanceof PreviewGone) await failJob(db.reads, job, error.message);
      else {
        await retryJob(db.reads, job, reasonOf(error));
        throw error;
      }
    } finally {
      announce(job.tenantId);
    }
    return 0;
  }
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `${reason} The server's log says more; once the cause is mended, start the preview again with startModelPreview.`;
}
