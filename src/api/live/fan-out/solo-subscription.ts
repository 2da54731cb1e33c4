import type { FrameSink, LiveSubscription } from './frame.js';
import type { FrameMaker } from './frame-maker.js';

/**
 * A subscription whose events are its own; the next one is taken when the client has room for it. So `jobProgress` is served: a job is
 * read once for all who follow it (`JobWatch`), has an event each quarter of a second at most, and few look on until it is over.
 */
export class SoloSubscription implements LiveSubscription {
  readonly #events: AsyncIterator<unknown>;
  readonly #maker: FrameMaker;
  #isClosed = false;

  constructor(events: AsyncIterator<unknown>, maker: FrameMaker) {
    this.#events = events;
    this.#maker = maker;
  }

  attach(sink: FrameSink): void {
    void this.#run(sink);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // It may reject with what ended it; nobody is left to be told.
    this.#events.return?.().catch(() => undefined);
  }

  async #run(sink: FrameSink): Promise<void> {
    try {
      while (!this.#isClosed) {
        if (!sink.hasRoom()) {
          sink.whenRoom(() => void this.#run(sink));
          return;
        }
        const step = await this.#events.next();
        if (step.done || this.#isClosed) break;
        const context = this.#maker.context(null);
        const frame = await this.#maker.make({ root: step.value, position: 0n }, context);
        if (!this.#isClosed) sink.write({ frames: [frame], from: 0n, position: 0n });
      }
      if (!this.#isClosed) sink.end();
    } catch (error) {
      if (!this.#isClosed) sink.end(error);
    }
    this.close();
  }
}
