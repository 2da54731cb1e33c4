import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { hasClaimableJob } from '../store/jobs/job-claims.js';
import { WorkerLoop } from '../worker-loop.js';
import {
  END_OF_RESCORING,
  type RescoreThreadMessage,
  type RescoreThreadSettings,
} from './rescore-thread-settings.js';

/** Between two looks for jobs. */
const LOOK_EVERY_MS = 200;
const ERROR_DELAY_MS = 1_000;
/** What the thread may hold, garbage included; one that needs more ends, and the server does not. */
const HEAP_MB_MAX = 128;
const YOUNG_MB_MAX = 24;
/** How long the thread may take to finish its chunk when it is told to end. */
const GOODBYE_MS_MAX = 5_000;

export interface RescoreHostOptions {
  db: Pick<Database, 'reads'>;
  settings: RescoreThreadSettings;
  log: Log;
  /** Called whenever a job has moved on, and its scores with it. */
  announce(tenantId: string): void;
}

/** Starts a thread that rescores when there is a job for it; the thread ends by itself when there is none any more. */
export class RescoreHost {
  readonly #options: RescoreHostOptions;
  readonly #loop: WorkerLoop;
  #thread: Worker | null = null;

  constructor(options: RescoreHostOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'rescore-host',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: () => this.#turn(),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Lets the thread finish its chunk and give its job back. Resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const thread = this.#thread;
    if (!thread) return;
    const gone = once(thread, 'exit');
    thread.postMessage(END_OF_RESCORING);
    const goodbye = setTimeout(() => void thread.terminate(), GOODBYE_MS_MAX);
    await gone;
    clearTimeout(goodbye);
  }

  async #turn(): Promise<number> {
    if (!this.#thread && (await hasClaimableJob(this.#options.db.reads, 'RESCORE'))) this.#begin();
    return LOOK_EVERY_MS;
  }

  #begin(): void {
    const { settings, log, announce } = this.#options;
    const thread = new Worker(new URL('./rescore-thread.js', import.meta.url), {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: YOUNG_MB_MAX },
      // What this process was started with is not for threads.
      execArgv: [],
    });
    this.#thread = thread;
    thread.on('message', ({ announce: tenantId }: RescoreThreadMessage) => announce(tenantId));
    // Its job is taken up again, by whichever process comes first, when the lease is over.
    thread.on('error', (error) => log.error({ err: error }, 'the rescoring thread failed'));
    thread.once('exit', () => {
      this.#thread = null;
    });
  }
}
