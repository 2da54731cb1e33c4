import type pg from 'pg';
import { BEGIN, COMMIT, Flight, type FlightStatement } from '../store/flight.js';
import { isTimeout } from '../store/sql-state.js';

/** With these off a list is read along the index of its order, and only as far as the page needs. */
export const IN_ORDER = [
  'enable_sort',
  'enable_incremental_sort',
  'enable_hashjoin',
  'enable_mergejoin',
  'enable_bitmapscan',
];

/**
 * Runs one statement, but not for longer than so many ms: one flight, with a transaction around the limit.
 * @param off settings of the planner, such as `enable_sort`, that are off for it.
 * @returns its rows, or null when it was not done in time.
 */
export async function readWithin<Row>(
  client: pg.PoolClient,
  statement: FlightStatement,
  msMax: number,
  off: readonly string[],
): Promise<Row[] | null> {
  const flight = new Flight();
  flight.add(BEGIN);
  flight.add(settingsOf(msMax, off));
  const answer = flight.add<Row>(statement);
  flight.add(COMMIT);
  try {
    await flight.send(client);
    return answer().rows;
  } catch (error) {
    await client.query('ROLLBACK');
    if (isTimeout(error)) return null;
    throw error;
  }
}

function settingsOf(msMax: number, off: readonly string[]): FlightStatement {
  return {
    name: 'contacts_settings',
    text: `SELECT set_config('statement_timeout', $1, true),
      (SELECT count(set_config(s.name, 'off', true)) FROM unnest($2::text[]) AS s(name))`,
    values: [`${msMax}`, `{${off.join(',')}}`],
  };
}
