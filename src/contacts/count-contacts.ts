import type pg from 'pg';
import { LeadpulseError } from '../errors.js';
import type { Database } from '../store/database.js';
import { SqlParameters } from '../store/sql-parameters.js';
import { isTimeout } from '../store/sql-state.js';
import { tenantRead } from '../store/tenant-scope.js';
import { filterSql } from './filter-sql.js';
import type { PreparedFilter } from './prepare-filter.js';

/** How long counting may take; what is not counted by then is estimated. */
export const COUNT_MS_MAX = 2_000;
/** Contacts that an estimate looks at. */
const SAMPLE_ROWS = 10_000;

/** How many contacts a filter holds for. */
export interface ContactCount {
  count: number;
  /** False when counting would have taken too long: `count` is estimated by a sample then. */
  exact: boolean;
}

interface Plan {
  'QUERY PLAN': { Plan: { 'Plan Rows': number } }[];
}

/** Counts within `countMsMax`, and estimates when that is not enough. */
export async function countContacts(
  db: Database,
  tenantId: string,
  prepared: PreparedFilter,
  countMsMax = COUNT_MS_MAX,
): Promise<ContactCount> {
  const parameters = new SqlParameters();
  parameters.add(tenantId, 'uuid');
  const condition = filterSql(prepared.filter, prepared.scope, parameters);
  const from = `FROM contacts c WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND ${condition}`;
  return tenantRead(db, tenantId, async (client) => {
    const count = await countWithin(client, `SELECT count(*) ${from}`, parameters.values, countMsMax);
    if (count !== null) return { count, exact: true };
    return { count: await estimate(client, tenantId, condition, parameters.values), exact: false };
  });
}

/** By a sample of pages of the table; how many contacts there are in all is PostgreSQL's guess. */
async function estimate(
  client: pg.ClientBase,
  tenantId: string,
  condition: string,
  values: unknown[],
): Promise<number> {
  const { rows: plans } = await client.query<Plan>(
    'EXPLAIN (FORMAT JSON) SELECT FROM contacts c WHERE c.tenant_id = $1 AND c.merged_into IS NULL',
    [tenantId],
  );
  const total = plans[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
  // The part of the table that holds so many of this tenant's rows, spread as they are among those of others.
  const percent = Math.min(100, (100 * SAMPLE_ROWS) / Math.max(total, 1));
  const { rows } = await client.query<{ held: number; seen: number }>(
    `SELECT (count(*) FILTER (WHERE ${condition}))::int AS held, count(*)::int AS seen
     FROM contacts c TABLESAMPLE SYSTEM (${percent}) WHERE c.tenant_id = $1 AND c.merged_into IS NULL`,
    values,
  );
  const { held, seen } = rows[0] ?? { held: 0, seen: 0 };
  // All were looked at, whatever PostgreSQL believes: it knows little of a table before its first ANALYZE.
  if (percent === 100) return held;
  return seen === 0 ? 0 : Math.round((total * held) / seen);
}

/** @returns null when it was not done in time. */
async function countWithin(
  client: pg.ClientBase,
  text: string,
  values: unknown[],
  countMsMax: number,
): Promise<number | null> {
  const counted = await within(client, countMsMax, () => client.query<{ count: string }>(text, values));
  return counted && Number(counted.rows[0]?.count ?? 0);
}

/**
 * Runs one statement, but not for longer than so many ms.
 * @returns null when it was not done in time.
 */
export async function within<T>(
  client: pg.ClientBase,
  msMax: number,
  work: () => Promise<T>,
): Promise<T | null> {
  const begun = client.query('BEGIN');
  const limited = client.query(`SET LOCAL statement_timeout = ${msMax}`);
  const worked = work();
  // Behind a statement that failed it rolls back, which is as good here.
  const [, , result] = await Promise.allSettled([begun, limited, worked]);
  await client.query('COMMIT');
  if (result.status === 'fulfilled') return result.value;
  if (isTimeout(result.reason)) return null;
  throw result.reason;
}

/** What the caller is told about a filter that takes too long. */
export function tooSlow(): LeadpulseError {
  return new LeadpulseError(
    'TOO_COMPLEX',
    'Looking for contacts took too long and was given up. Narrow the filter with a list, a segment, a stage, a range of totals or a text, or shorten withinDays.',
  );
}
