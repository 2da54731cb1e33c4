import type { BenchAction } from './bench-actions.js';

/** Where the load generator sends actions: one caller, who waits for each answer. */
export interface ActionSink {
  /**
   * Sends actions as one request.
   * @throws Error when the answer is anything but that all of them were recorded.
   */
  send(actions: readonly BenchAction[]): Promise<void>;
  close(): Promise<void> | void;
}
