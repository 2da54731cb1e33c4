import { Worker } from 'node:worker_threads';
import { LeadpulseError } from '../../errors.js';
import type { FitAsk, RuleFit } from './fit-rules.js';

/** Fits at a time in one process; a processor each. */
const FITS_MAX = 2;
const FIT_MS_MAX = 30_000;
const HEAP_MB_MAX = 512;

/** The entry of the thread when this file has been compiled: beside it. */
export function fitThreadEntry(): URL {
  return new URL('./fit-thread.js', import.meta.url);
}

/** Fits rules away from the event loop, in a thread each. */
export class RuleFitter {
  readonly #entry: () => URL;
  #running = 0;

  /** @param entry where the compiled entry of a thread is: `fitThreadEntry`, unless this file runs uncompiled. */
  constructor(entry: () => URL = fitThreadEntry) {
    this.#entry = entry;
  }

  /** @throws LeadpulseError UNAVAILABLE when `FITS_MAX` are under way, or it takes longer than `FIT_MS_MAX`. */
  async fit(ask: FitAsk): Promise<RuleFit> {
    if (this.#running >= FITS_MAX) {
      const message = `${FITS_MAX} fits of rules are being made. Ask again in some seconds.`;
      throw new LeadpulseError('UNAVAILABLE', message);
    }
    this.#running++;
    try {
      return await this.#fit(ask);
    } finally {
      this.#running--;
    }
  }

  async #fit(ask: FitAsk): Promise<RuleFit> {
    const worker = new Worker(this.#entry(), {
      workerData: ask,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
      // What this process was started with is not for threads.
      execArgv: [],
    });
    const timer = setTimeout(() => void worker.terminate(), FIT_MS_MAX);
    try {
      return await new Promise<RuleFit>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', () => reject(tooSlow()));
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function tooSlow(): LeadpulseError {
  const message =
    'Fitting the rules took too long and was given up. Ask for fewer leads: a shorter range, a segment, or some owners.';
  return new LeadpulseError('UNAVAILABLE', message);
}
