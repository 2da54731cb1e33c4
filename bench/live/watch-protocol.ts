/** What a client process is asked for, one after the other. */
export type WatchRequest =
  | {
      kind: 'open';
      port: number;
      sockets: number;
      /** Null for sockets that are sent to without asking. */
      subscribe: { apiKey: string; query: string } | null;
    }
  | { kind: 'measure'; windowMs: number };

/** What the sockets of one process were sent in a window. */
export interface WatchResult {
  windowMs: number;
  frames: number;
  bytes: number;
  /** From `recordedAt` of a change to its arrival, in ms, at some of the sockets; empty when frames tell of none. */
  latenciesMs: number[];
  /** Frames at those sockets, and changes that they said they stand for. */
  lookedAt: number;
  skipped: number;
  /** Sockets that were never sent a frame. */
  silent: number;
  /** Sockets that were closed by the server. */
  closed: number;
  /** Processor time of the process, in cores. */
  ownCores: number;
}

/** `open` when every socket has subscribed. */
export type WatchMessage =
  | { kind: 'ready' }
  | { kind: 'open' }
  | { kind: 'measured'; result: WatchResult }
  | { kind: 'failed'; message: string };
