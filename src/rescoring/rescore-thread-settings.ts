import type { LogLevel } from '../log.js';

/** What the rescoring thread is started with. */
export interface RescoreThreadSettings {
  databaseUrl: string;
  applicationName: string;
  logLevel: LogLevel;
}

/** What the thread tells the server. */
export interface RescoreThreadMessage {
  /** Tenant whose job has moved on, and its scores with it. */
  announce: string;
}

/** What the server tells the thread, once: to end. */
export const END_OF_RESCORING = null;
