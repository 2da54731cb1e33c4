import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 5_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

const OID_TIMESTAMPTZ = 1184;
const OID_FLOAT8_ARRAY = 1022;

/** Settings of connections whose statements are planned freely. */
export const FREE_PLANS = '-c jit=off';

/** Settings of connections for reports over all contacts: hash tables in memory, and two helpers beside the one that leads. */
export const ANALYTIC_PLANS = '-c jit=off -c work_mem=64MB -c max_parallel_workers_per_gather=2';

/** Settings of connections for hot statements: each is a nested loop over an index; plans made before the tables had statistics cost 4x. */
export const NESTED_LOOPS =
  '-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off';

/** `2026-01-01 00:00:00.123+00` as ms since 1970; null for the infinities. */
export function parseTimestamptzMs(text: string): number | null {
  if (text === '-infinity' || text === 'infinity') return null;
  // The session's time zone is UTC, so the text ends in +00.
  const ms = Date.UTC(
    twoDigits(text, 0) * 100 + twoDigits(text, 2),
    twoDigits(text, 5) - 1,
    twoDigits(text, 8),
    twoDigits(text, 11),
    twoDigits(text, 14),
    twoDigits(text, 17),
  );
  if (text.charCodeAt(19) !== FULL_STOP) return ms;
  // Digits below a millisecond are cut off; those that are not there are zeros.
  const digits = text.length - FRACTION_START - ZONE_CHARS;
  const tens = digits > 1 ? twoDigits(text, 20) * 10 : (text.charCodeAt(20) - ZERO) * 100;
  return ms + tens + (digits > 2 ? text.charCodeAt(22) - ZERO : 0);
}

const ZERO = 48;
const FULL_STOP = 46;
const FRACTION_START = 20;
const ZONE_CHARS = 3;

/** Without slices: a page of contacts has hundreds of instants. */
function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function parseFloatArray(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number);
}

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === OID_TIMESTAMPTZ) return parseTimestamptzMs;
    if (oid === OID_FLOAT8_ARRAY) return parseFloatArray;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * What every pipelined connection is made with: bounded waits, UTC, timestamptz as ms since 1970.
 * @param settings `FREE_PLANS`, `ANALYTIC_PLANS` or `NESTED_LOOPS`.
 * @param statementMsMax how long PostgreSQL works on one statement before it gives it up.
 */
export function connectionConfig(
  url: string,
  applicationName: string,
  settings: string,
  statementMsMax = STATEMENT_TIMEOUT_MS,
): pg.ClientConfig {
  return {
    connectionString: url,
    pipeline: true,
    types,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementMsMax,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    options: `-c timezone=UTC -c datestyle=ISO ${settings}`,
  } as pg.ClientConfig;
}
