import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { JobWorker } from '../store/jobs/job-worker.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { RescoreRun } from './rescore-run.js';

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
export class RescoreWorker extends JobWorker {
  constructor(options: RescoreWorkerOptions) {
    const { db, log, announce, onIdle } = options;
    super({
      kind: 'RESCORE',
      name: 'rescore',
      db,
      log,
      announce,
      run: (job, signal) => new RescoreRun(options, job).run(signal),
      advice:
        "What was done until then stays. The server's log says more; once the cause is mended, start it again with rescoreScoringModel.",
      onIdle: (idleMs) => {
        if (idleMs >= IDLE_MS_MAX) onIdle?.();
      },
    });
  }
}
