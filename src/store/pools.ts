import pg from 'pg';
import { connectionConfig, FREE_PLANS, NESTED_LOOPS } from './connection-config.js';

/** Pipelined connections to the database. */
export interface DatabasePools {
  /** For reads. timestamptz arrives as ms since 1970, null for -infinity. */
  reads: pg.Pool;
  /** For batches, with plans pinned to nested loops over indexes. */
  writes: pg.Pool;
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
  };
}

function createPool(options: PoolOptions, max: number, name: string, settings: string): pg.Pool {
  const applicationName = `${options.applicationName}-${name}`;
  const pool = new pg.Pool({ ...connectionConfig(options.url, applicationName, settings), max });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The same for one that breaks while it is in use and no statement is under way: the next statement is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
