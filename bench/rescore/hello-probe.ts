import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './graphql.js';

const EVERY_MS = 50;

/** Latencies of a query that asks for nothing, one after the other: what everybody else notices of a rescoring. */
export class HelloProbe {
  readonly #latenciesMs: number[] = [];
  readonly #done: Promise<void>;
  #isOver = false;

  constructor(port: number, apiKey: string) {
    this.#done = this.#run(port, apiKey);
  }

  async #run(port: number, apiKey: string): Promise<void> {
    while (!this.#isOver) {
      const sentAtMs = performance.now();
      await ask(port, apiKey, '{ __typename }');
      this.#latenciesMs.push(performance.now() - sentAtMs);
      await delay(EVERY_MS);
    }
  }

  /** Ends it. @returns the latency that 99 of 100 requests stayed below. */
  async stop(): Promise<number> {
    this.#isOver = true;
    await this.#done;
    const sorted = this.#latenciesMs.sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }
}
