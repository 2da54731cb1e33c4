import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { LoadMessage, LoadRequest, LoadResult } from './load-protocol.js';

const STOP_TIMEOUT_MS = 5_000;

/** The load generator's process, driven from here. */
export class LoadRunner {
  readonly #child: ChildProcess;
  #onMessage: ((message: LoadMessage) => void) | null = null;
  #onEnd: ((error: Error) => void) | null = null;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: LoadMessage) => this.#onMessage?.(message));
    child.on('exit', (code) => this.#onEnd?.(new Error(`the load generator ended with code ${code}`)));
  }

  static async start(): Promise<LoadRunner> {
    const runner = new LoadRunner(fork(path.resolve(import.meta.dirname, 'load-generator.js')));
    await runner.#until((message) => (message.kind === 'ready' ? true : undefined));
    return runner;
  }

  /**
   * Runs one measurement.
   * @param onWindow called when the warm-up is over.
   * @throws Error when a request failed: figures of a faulty server are none.
   */
  async run(request: LoadRequest, onWindow: () => void): Promise<LoadResult> {
    this.#child.send(request);
    return this.#until((message) => {
      if (message.kind === 'window') onWindow();
      if (message.kind === 'failed')
        throw new Error(`load of ${request.callers} callers: ${message.message}`);
      return message.kind === 'done' ? message.result : undefined;
    });
  }

  async stop(): Promise<void> {
    this.#onEnd = null;
    if (!this.#child.connected) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killing);
  }

  #until<T>(look: (message: LoadMessage) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onEnd = reject;
      this.#onMessage = (message) => {
        try {
          const found = look(message);
          if (found !== undefined) resolve(found);
        } catch (error) {
          reject(error);
        }
      };
    });
  }
}
