import type { Log } from '../log.js';
import { JobWorker } from '../store/jobs/job-worker.js';
import { PreviewGone, PreviewRun, type PreviewRunOptions } from './preview-run.js';

export interface PreviewWorkerOptions extends PreviewRunOptions {
  log: Log;
}

/** Does previews that run as jobs. */
export class PreviewWorker extends JobWorker {
  constructor(options: PreviewWorkerOptions) {
    const { db, log, announce } = options;
    super({
      kind: 'PREVIEW',
      name: 'preview',
      db,
      log,
      announce,
      run: (job, signal) => new PreviewRun(options, job).run(signal),
      isFinal: (error) => error instanceof PreviewGone,
      advice:
        "The server's log says more; once the cause is mended, start the preview again with startModelPreview.",
    });
  }
}
