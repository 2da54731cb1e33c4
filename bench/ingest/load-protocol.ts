import type { BenchTarget } from './bench-options.js';

/** What the load generator is asked to do: callers that each send the next request when the last one is answered. */
export interface LoadRequest {
  target: BenchTarget;
  /** Ports of the servers on 127.0.0.1, for the target `server`. */
  ports: number[];
  /** For the target `recorder`. */
  databaseUrl: string;
  tenantId: string;
  apiKey: string;
  contacts: number;
  history: number;
  /** Turn of the first action. */
  firstTurn: number;
  /** Connections, or requests in flight. */
  callers: number;
  /** 1: recordAction; more: recordActions of so many. */
  actionsPerRequest: number;
  warmUpMs: number;
  windowMs: number;
}

/** What came of it. */
export interface LoadResult {
  actionsPerSecond: number;
  /** Latencies of requests in the window, in ms. */
  p50Ms: number;
  p99Ms: number;
  /** Actions sent, warm-up included. */
  turns: number;
  /** Processor time of the load generator itself in the window, in cores. */
  ownCores: number;
  /** From the first to the last answer that counts. */
  windowMs: number;
}

/** Messages of the load generator; `window` when the warm-up is over. */
export type LoadMessage =
  | { kind: 'ready' }
  | { kind: 'window' }
  | { kind: 'done'; result: LoadResult }
  | { kind: 'failed'; message: string };
