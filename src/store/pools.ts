import pg from 'pg';
import { ANALYTIC_PLANS, connectionConfig, FREE_PLANS, NESTED_LOOPS } from './connection-config.js';

/** Reports at a time: they share the database's cores, and never take a connection that anything else waits for. */
export const ANALYTIC_CONNECTIONS_MAX = 2;
/** How long one statement of a report may take. */
export const ANALYTIC_STATEMENT_MS_MAX = 20_000;

/** Pipelined connections to the database. */
export interface DatabasePools {
  /** For reads. timestamptz arrives as ms since 1970, null for -infinity. */
  reads: pg.Pool;
  /** For batches, with plans pinned to nested loops over indexes. */
  writes: pg.Pool;
  /** For reports over all contacts: see `ANALYTIC_PLANS`. */
  analytics: pg.Pool;
}

export interface PoolOptions {
  url: string;
  /** Connections for reads, for batches. */
  readsMax: number;
  writesMax: number;
  applicationName: string;
}

/** Makes the pools; they connect when a connection is first asked for. */
export function openPools(options: PoolOptions): DatabasePools {
  return {
    reads: createPool(options, options.readsMax, 'reads', FREE_PLANS),
    writes: createPool(options, options.writesMax, 'writes', NESTED_LOOPS),
    analytics: createPool(
      options,
      ANALYTIC_CONNECTIONS_MAX,
      'analytics',
      ANALYTIC_PLANS,
      ANALYTIC_STATEMENT_MS_MAX,
    ),
  };
}

function createPool(
  options: PoolOptions,
  max: number,
  name: string,
  settings: string,
  statementMsMax?: number,
): pg.Pool {
  const applicationName = `${options.applicationName}-${name}`;
  const pool = new pg.Pool({
    ...connectionConfig(options.url, applicationName, settings, statementMsMax),
    max,
  });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The same for one that breaks while it is in use and no statement is under way: the next statement is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
