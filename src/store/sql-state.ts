const QUERY_CANCELED = '57014';

/** The SQLSTATE of an error of the server; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** Whether the connection is gone, so that the fate of what was sent is unknown. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  // 08: connection exception. 57P01 to 57P03: shut down, crashed, starting up.
  if (state !== undefined) return state.startsWith('08') || /^57P0[1-3]$/.test(state) || state === 'EPIPE';
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOENT'].includes(code) ||
    /connection (terminated|error)|timeout exceeded when trying to connect|not queryable|read timeout/i.test(
      error.message,
    )
  );
}

/** Whether PostgreSQL gave a statement up because it took too long. */
export function isTimeout(error: unknown): boolean {
  return sqlStateOf(error) === QUERY_CANCELED;
}
