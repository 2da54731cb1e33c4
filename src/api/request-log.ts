import type { Log } from '../log.js';
import type { ApiContext } from './context.js';

const SLOW_MS = 1_000;

/** What the log says of a request: nothing that a caller sent but the operation's name. */
export interface RequestSummary {
  operation: string | null;
  operationName: string | null;
  startedAtMs: number;
  /** Codes of the errors in the answer, without repeats. */
  codes: readonly unknown[];
}

/**
 * Logs a request: faults at `info`, slow ones (over `SLOW_MS`) at `warn`, all others at `debug`, since a line for each of ten
 * thousand actions a second costs more than the action.
 * @param startedAtMs and the clock here are `performance.now()`.
 */
export function logRequest(log: Log, context: ApiContext, summary: RequestSummary): void {
  const ms = performance.now() - summary.startedAtMs;
  const level = ms > SLOW_MS ? 'warn' : summary.codes.length > 0 ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const { viewer, requestId } = context;
  const { operation, operationName, codes } = summary;
  const fields = {
    requestId,
    operation,
    operationName,
    tenantId: viewer.tenantId,
    role: viewer.role,
    ms: Math.round(ms),
  };
  log[level](codes.length > 0 ? { ...fields, codes: [...new Set(codes)] } : fields, 'request');
}
