import type { BenchDatabase } from '../ingest/bench-database.js';
import { run } from '../ingest/bench-database.js';
import type { ReadCase } from './read-case.js';
import type { Side } from './sides.js';

const REQUESTS = 50;
/** A statement of fewer calls belongs to what the server does besides. */
const CALLS_MIN = REQUESTS * 0.9;

/**
 * Switches the counting of statements on or off; off it costs the measurements nothing.
 * @returns whether the database can count them.
 */
export async function countStatements(
  { adminUrl, postmasterPid }: BenchDatabase,
  isOn: boolean,
): Promise<boolean> {
  // A server that others use keeps its settings.
  if (postmasterPid === null) return false;
  await run(adminUrl, `ALTER SYSTEM SET pg_stat_statements.track = '${isOn ? 'top' : 'none'}'`);
  await run(adminUrl, 'SELECT pg_reload_conf()');
  return true;
}

/** How many statements a request of a case sends to the database, those that begin and end a transaction included. */
export async function statementsOf(side: Side, one: ReadCase, { adminUrl }: BenchDatabase): Promise<number> {
  const caller = await side.open(one);
  if (!caller) return 0;
  try {
    await caller.send(0);
    await run(adminUrl, 'SELECT pg_stat_statements_reset()');
    for (let turn = 0; turn < REQUESTS; turn++) await caller.send(turn);
  } finally {
    caller.close();
  }
  const [row] = await run(
    adminUrl,
    `SELECT coalesce(sum(round(calls / ${REQUESTS}.0)), 0) AS statements FROM pg_stat_statements WHERE calls >= ${CALLS_MIN}`,
  );
  return Number(row?.statements);
}
