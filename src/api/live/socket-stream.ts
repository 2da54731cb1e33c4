import type { AbortableStream } from './abortable-stream.js';
import type { FrameBatch, FrameSink, LiveSubscription } from './fan-out/frame.js';
import type { LiveSocket } from './live-socket.js';
import { FrameEncoder } from './socket-frames.js';

/** Writes the events of one subscription to its socket. */
class SocketSink implements FrameSink {
  readonly #socket: LiveSocket;
  readonly #encoder: FrameEncoder;
  readonly #onEnd: (error: unknown) => void;

  constructor(socket: LiveSocket, id: string, onEnd: (error: unknown) => void) {
    this.#socket = socket;
    this.#encoder = new FrameEncoder(id);
    this.#onEnd = onEnd;
  }

  hasRoom(): boolean {
    return this.#socket.hasRoom;
  }

  whenRoom(resume: () => void): void {
    this.#socket.whenRoom(resume);
  }

  write(batch: FrameBatch): void {
    this.#encoder.encode(batch, (frames) => this.#socket.writeFrames(frames));
  }

  end(error?: unknown): void {
    this.#onEnd(error);
  }
}

/**
 * A subscription for graphql-ws, which ends and reports it: no event passes through the iterator, each is written to the socket
 * as it comes. `next` waits for the end and rejects with what ended it.
 * @param id the client's name for the subscription.
 */
export function socketStream(
  subscription: LiveSubscription,
  socket: LiveSocket,
  id: string,
): AbortableStream<never> {
  const ended = Promise.withResolvers<IteratorResult<never>>();
  const done: IteratorResult<never> = { done: true, value: undefined };
  const sink = new SocketSink(socket, id, (error) => {
    if (error === undefined) ended.resolve(done);
    else ended.reject(error);
  });
  let isAttached = false;
  const close = async () => {
    subscription.close();
    ended.resolve(done);
    return done;
  };
  const stream: AbortableStream<never> = {
    next: () => {
      if (!isAttached) subscription.attach(sink);
      isAttached = true;
      return ended.promise;
    },
    return: close,
    throw: close,
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
