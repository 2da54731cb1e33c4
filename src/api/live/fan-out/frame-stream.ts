import { SignalWait } from '../../../feed/signal-wait.js';
import { type AbortableStream, abortableStream } from '../abortable-stream.js';
import type { Frame, FrameBatch, FrameSink, LiveSubscription } from './frame.js';

/** Holds one batch until it is taken. */
class TakenSink implements FrameSink {
  readonly changed = new SignalWait();
  held: FrameBatch | null = null;
  isOver = false;
  error: unknown;
  #resume: (() => void) | null = null;

  hasRoom(): boolean {
    return this.held === null;
  }

  whenRoom(resume: () => void): void {
    this.#resume = resume;
  }

  write(batch: FrameBatch): void {
    this.held = batch;
    this.changed.wake();
  }

  end(error?: unknown): void {
    this.isOver = true;
    this.error = error;
    this.changed.wake();
  }

  take(): FrameBatch | null {
    const batch = this.held;
    this.held = null;
    const resume = this.#resume;
    this.#resume = null;
    if (batch) resume?.();
    return batch;
  }
}

/**
 * A subscription as an iterator of frames, for transports that pull: what is not taken is not kept, and a slow one is treated like
 * a slow socket. Throws what ended the subscription.
 */
export function frameStream(subscription: LiveSubscription): AbortableStream<Frame> {
  return abortableStream((signal) => {
    signal.addEventListener('abort', () => subscription.close(), { once: true });
    return framesOf(subscription, signal);
  });
}

async function* framesOf(subscription: LiveSubscription, signal: AbortSignal): AsyncGenerator<Frame, void> {
  const sink = new TakenSink();
  subscription.attach(sink);
  try {
    while (!signal.aborted) {
      const batch = sink.take();
      if (batch) yield* batch.frames;
      else if (sink.isOver) break;
      else await sink.changed.wait(signal, Number.POSITIVE_INFINITY);
    }
    if (sink.error !== undefined) throw sink.error;
  } finally {
    subscription.close();
  }
}
