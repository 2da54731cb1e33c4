import type { Log } from './log.js';

export interface WorkerLoopOptions {
  name: string;
  log: Log;
  /** Pause after a turn that failed. */
  errorDelayMs: number;
  /** One turn of work. @returns ms to pause before the next. */
  turn(signal: AbortSignal): Promise<number>;
}

/** Runs turns of work one after another until stopped; a turn that fails is logged and followed by a pause. */
export class WorkerLoop {
  readonly #options: WorkerLoopOptions;
  readonly #abort = new AbortController();
  #done: Promise<void> | null = null;
  #wake: (() => void) | null = null;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#done ??= this.#run();
  }

  /** Ends the pause before the next turn. */
  nudge(): void {
    this.#wake?.();
  }

  /** Ends the loop; resolves when the turn under way is over. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.nudge();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      let pauseMs = this.#options.errorDelayMs;
      try {
        pauseMs = await this.#options.turn(signal);
      } catch (error) {
        if (!signal.aborted)
          this.#options.log.warn({ err: error, worker: this.#options.name }, 'a turn failed');
      }
      if (!signal.aborted && pauseMs > 0) await this.#pause(pauseMs);
    }
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
