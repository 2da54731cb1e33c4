import type { Config } from '../../config.js';

/** Bounds of the live connections (WebSockets and event streams) of one process. */
export interface LiveLimits {
  /** Open connections; one more is answered with 503. */
  connectionsMax: number;
  /** Open connections of one key; one more is closed with 1013, or answered with 429. */
  connectionsPerKeyMax: number;
  /** Subscriptions under way; one more is answered with RATE_LIMITED. */
  subscriptionsMax: number;
  /** Subscriptions under way of one key; one more is answered with RATE_LIMITED. */
  subscriptionsPerKeyMax: number;
  /** Subscriptions under way on one socket; one more is answered with RATE_LIMITED. */
  subscriptionsPerSocketMax: number;
  /** Bytes of one message from a client; more closes the socket with 1009. */
  messageBytesMax: number;
  /** Bytes written to a connection and not yet taken by the network; above, its subscriptions pause. */
  bufferedBytesMax: number;
  /** The same for all sockets above their own bound together; one that exceeds it is closed with 1013. */
  allBufferedBytesMax: number;
  /** How long a connection may need for what waits in it before it is ended (a socket with 1013), in ms; noticed within twice that. */
  stalledMsMax: number;
  /** How long a client may take to introduce itself (`connection_init`), in ms; else 4408. */
  initMsMax: number;
  /** How long a socket may stay without a subscription before it is closed with 1000, in ms; checked at every ping. */
  idleMsMax: number;
  /** Between two pings, in ms; a socket's client that has not answered by the next one is cut off. */
  keepAliveMs: number;
  /** Between two checks of the keys that connections were opened with, in ms. */
  keyCheckMs: number;
  /** How long a closing handshake may take before the socket is cut off, in ms. */
  closeMsMax: number;
}

/** What the configuration does not set. */
const FIXED = {
  bufferedBytesMax: 128 * 1024,
  allBufferedBytesMax: 256 * 1024 * 1024,
  stalledMsMax: 10_000,
  keyCheckMs: 3_000,
  closeMsMax: 2_000,
};

/** The bounds that a configuration sets, with those that are always the same. */
export function liveLimitsOf(config: Config): LiveLimits {
  return {
    ...FIXED,
    connectionsMax: config.wsConnectionsMax,
    connectionsPerKeyMax: config.wsConnectionsPerKeyMax,
    subscriptionsMax: config.wsSubscriptionsMax,
    subscriptionsPerKeyMax: config.wsSubscriptionsPerKeyMax,
    subscriptionsPerSocketMax: config.wsSubscriptionsPerSocketMax,
    messageBytesMax: config.wsMessageBytesMax,
    initMsMax: config.wsInitTimeoutMs,
    idleMsMax: config.wsIdleTimeoutMs,
    keepAliveMs: config.wsKeepAliveMs,
  };
}

/** Codes with which the server closes a socket; see docs/live.md. */
export const CLOSE_CODES = {
  /** Nothing was subscribed to for long; connect again when there is. */
  idle: 1000,
  /** The server restarts; connect again. */
  restart: 1012,
  /** The client takes too little, its key has too many connections, or keys cannot be checked; connect again later. */
  tryAgainLater: 1013,
  badRequest: 4400,
  /** No key was presented. */
  unauthorized: 4401,
  /** The key is unknown, revoked or expired; connect again with another. */
  forbidden: 4403,
  internal: 4500,
} as const;
