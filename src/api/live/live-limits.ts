/** Bounds of the WebSocket server in one process. */
export interface LiveLimits {
  /** Open sockets; an upgrade beyond is answered with 503. */
  socketsMax: number;
  /** Subscriptions under way on one socket; one more is answered with RATE_LIMITED. */
  subscriptionsPerSocketMax: number;
  /** Bytes of one message from a client; more closes the socket with 1009. */
  messageBytesMax: number;
  /** Bytes written to a socket and not yet taken by the network; above, its subscriptions pause. */
  bufferedBytesMax: number;
  /** How long a socket may take nothing at all before it is closed with 1013, in ms. */
  stalledMsMax: number;
  /** How long a client may take to introduce itself (`connection_init`), in ms; else 4408. */
  initMsMax: number;
  /** Between two pings, in ms; a client that has not answered by the next one is cut off. */
  keepAliveMs: number;
  /** Between two checks of the keys that sockets were opened with, in ms. */
  keyCheckMs: number;
  /** How long a closing handshake may take before the socket is cut off, in ms. */
  closeMsMax: number;
}

/** What holds unless the configuration says otherwise. */
export const DEFAULT_LIVE_LIMITS: LiveLimits = {
  socketsMax: 5_000,
  subscriptionsPerSocketMax: 50,
  messageBytesMax: 64 * 1024,
  bufferedBytesMax: 1024 * 1024,
  stalledMsMax: 10_000,
  initMsMax: 5_000,
  keepAliveMs: 15_000,
  keyCheckMs: 3_000,
  closeMsMax: 2_000,
};

/** Codes with which the server closes a socket; see docs/live.md. */
export const CLOSE_CODES = {
  /** The server restarts; connect again. */
  restart: 1012,
  /** The client takes too little, or the server cannot check the key right now; connect again later. */
  tryAgainLater: 1013,
  badRequest: 4400,
  /** No key was presented. */
  unauthorized: 4401,
  /** The key is unknown, revoked or expired; connect again with another. */
  forbidden: 4403,
  internal: 4500,
} as const;
