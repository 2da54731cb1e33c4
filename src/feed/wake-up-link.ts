/** An open connection that carries wake-ups between processes. */
export interface WakeUpLink {
  /** Sends payloads to every process that listens. @throws Error when the connection is of no use any more. */
  send(payloads: readonly string[]): Promise<unknown>;
  /** Asks the other end for a sign of life. @throws Error when there is none. */
  check(): Promise<unknown>;
  /** Ends the connection; nothing is received any more. */
  close(): Promise<unknown>;
}

/** What a link tells of itself while it is open. */
export interface WakeUpLinkEvents {
  onPayload(payload: string): void;
  /** The connection is gone; may be told more than once. */
  onLost(error: unknown): void;
}

/**
 * Opens a link that listens already when this resolves.
 * @throws Error when that fails or takes too long; nothing stays open then.
 */
export type OpenWakeUpLink = (events: WakeUpLinkEvents) => Promise<WakeUpLink>;
