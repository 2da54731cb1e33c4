import type pg from 'pg';
import { LeadpulseError } from '../../errors.js';
import type { Database } from '../../store/database.js';
import { type FlightStatement, parameterText } from '../../store/flight.js';
import { ANALYTIC_CONNECTIONS_MAX } from '../../store/pools.js';
import type { SqlParameters } from '../../store/sql-parameters.js';
import { isTimeout } from '../../store/sql-state.js';
import { tenantFlight } from '../../store/tenant-scope.js';
import type { AnalyticsScope } from './analytics-scope.js';
import { ReadQueue } from './read-queue.js';

/** Statements that wait, in one process and of one tenant: a request with every report once has room. */
const WAITING_MAX = 120;
const WAITING_PER_TENANT_MAX = 60;
const WAIT_MS_MAX = 20_000;

/** A statement of a report, with the values that its text names; `$1` is the tenant. */
export interface AnalyticsStatement {
  text: string;
  parameters: SqlParameters;
  /**
   * Whether each helper is to count its part of what arrays are unnested to. PostgreSQL does not see how many rows that makes, and
   * would have helpers hand over all of them to one process that counts (movement by day: 2.9 s in place of 2.1). For statements
   * that are grouped by one column.
   */
  countsInHelpers?: boolean;
}

/** What PostgreSQL takes a row to cost that a helper hands over: its default, and what keeps helpers from it. */
const HANDED_OVER_COST = '0.1';
const HANDED_OVER_COST_HIGH = '1';

/**
 * Runs the statements of reports on connections of their own, so that nothing else waits for them: a few at a time, the others
 * in line.
 */
export class AnalyticsReads {
  readonly #pool: pg.Pool;
  readonly #queue = new ReadQueue({
    atOnceMax: ANALYTIC_CONNECTIONS_MAX,
    waitingMax: WAITING_MAX,
    waitingPerTenantMax: WAITING_PER_TENANT_MAX,
    waitMsMax: WAIT_MS_MAX,
  });

  constructor(db: Pick<Database, 'analytics'>) {
    this.#pool = db.analytics;
  }

  /**
   * Runs one statement, planned for its values, on a connection that is scoped to the tenant.
   * @returns its rows: timestamptz as ms since 1970, bigint and numeric as text (cast them to float8 or integer).
   * @throws LeadpulseError UNAVAILABLE when it takes longer than `ANALYTIC_STATEMENT_MS_MAX`, or see `ReadQueue.run`.
   */
  read<Row>(
    { tenantId }: Pick<AnalyticsScope, 'tenantId'>,
    { text, parameters, countsInHelpers = false }: AnalyticsStatement,
  ): Promise<Row[]> {
    const values = parameters.values.map(parameterText);
    const handedOverCost = countsInHelpers ? HANDED_OVER_COST_HIGH : HANDED_OVER_COST;
    return this.#queue.run(tenantId, async () => {
      try {
        return await tenantFlight(
          { reads: this.#pool },
          tenantId,
          (flight) => {
            flight.add(weighHelpers(handedOverCost));
            return flight.add<Row>({ name: '', text, values });
          },
          (answer) => answer().rows,
        );
      } catch (error) {
        throw isTimeout(error) ? tooSlow() : error;
      }
    });
  }
}

function weighHelpers(handedOverCost: string): FlightStatement {
  const text = `SELECT set_config('parallel_tuple_cost', $1, false)`;
  return { name: 'weigh_helpers', text, values: [handedOverCost] };
}

function tooSlow(): LeadpulseError {
  const message =
    'The report took too long and was given up. Ask for fewer days, or for the contacts of some segments or owners alone.';
  return new LeadpulseError('UNAVAILABLE', message);
}
