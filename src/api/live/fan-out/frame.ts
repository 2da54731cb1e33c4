/** One event as it is sent: the same text for everybody who asked for the same. */
export interface Frame {
  /** The result of the execution as JSON, errors masked. */
  readonly payload: string;
  /** Where in its stream a subscriber stands once it has had the frame. */
  readonly position: bigint;
}

/** Some frames that are written together, in order. Shared by many sinks, so that what is made of it can be made once. */
export interface FrameBatch {
  readonly frames: readonly Frame[];
  /** Where a subscriber stands that has had none of them. */
  readonly from: bigint;
  /** Where a subscriber stands that has had all of them; at or after the last frame. */
  readonly position: bigint;
}

/** Takes the frames of one subscription to its client: over a socket, as events of a response, or into an iterator. */
export interface FrameSink {
  /** False while nothing may be written: too much waits already, or the client is gone. */
  hasRoom(): boolean;
  /** Calls `resume` once there is room again; never when the client is gone. One call at a time is asked for. */
  whenRoom(resume: () => void): void;
  /** Takes frames; called only when there is room. */
  write(batch: FrameBatch): void;
  /** Nothing follows. @param error why, when the stream did not come to its end. */
  end(error?: unknown): void;
}

/** One client's subscription, ready to begin. */
export interface LiveSubscription {
  /** Begins to deliver, once. */
  attach(sink: FrameSink): void;
  /** Delivers nothing more and lets go of everything; may come at any time, also before `attach` and more than once. */
  close(): void;
}

/** Characters of the frames that are written together; a socket holds at most about so much beyond its bound. */
const BATCH_CHARS_MAX = 32_768;

/**
 * Divides frames into batches of a bounded size, in order.
 * @param from where a subscriber stands that has had none of them.
 * @param position where one stands that has had all of them.
 */
export function batchesOf(frames: readonly Frame[], from: bigint, position: bigint): FrameBatch[] {
  const batches: { frames: Frame[]; from: bigint; position: bigint }[] = [];
  let chars = BATCH_CHARS_MAX;
  for (const frame of frames) {
    const last = batches.at(-1);
    if (last && chars + frame.payload.length <= BATCH_CHARS_MAX) {
      last.frames.push(frame);
      last.position = frame.position;
    } else {
      batches.push({ frames: [frame], from: last?.position ?? from, position: frame.position });
      chars = 0;
    }
    chars += frame.payload.length;
  }
  const end = batches.at(-1);
  if (end) end.position = position;
  return batches;
}
