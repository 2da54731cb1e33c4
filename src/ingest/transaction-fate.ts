import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../store/database.js';
import { sqlStateOf } from '../store/sql-state.js';
import { tenantRead } from '../store/tenant-scope.js';
import type { TimelineInsert } from './batch-statements.js';
import type { BatchReport, PreparedBatch } from './run-batch.js';

/** How often the fate of a transaction is asked for while the server comes back or still works on it. */
const FATE_TRIES_MAX = 20;
const FATE_DELAY_MS = 250;

/**
 * The connection died before COMMIT was answered: asks on another one what became of the transaction. Whether it still
 * runs is told by its id; whether it was committed only by what it wrote: after a crash of the server the ids of
 * transactions that had not reached the log are given out again, and "committed" may be said of another one.
 * @returns its report when it was committed; null when it was not, so that the batch can be done again.
 * @throws Error when the server does not say within the bounds: to do it again could count twice.
 */
export async function findCommitted(
  db: Database,
  tenantId: string,
  prepared: PreparedBatch,
): Promise<BatchReport | null> {
  let lastError: unknown = new Error('the transaction is still in progress');
  for (let tries = 0; tries < FATE_TRIES_MAX; tries++) {
    try {
      if (!(await isInProgress(db, prepared.xid))) {
        if (!(await isStored(db, tenantId, prepared.firstEntry))) return null;
        return prepared.finish(await basePosition(db, tenantId, prepared));
      }
    } catch (error) {
      lastError = error;
    }
    await delay(FATE_DELAY_MS);
  }
  throw lastError;
}

/** What `pg_xact_status` says of an id that a restarted server has not given out again yet. */
const ID_IN_THE_FUTURE = '22023';

async function isInProgress(db: Database, xid: string): Promise<boolean> {
  try {
    const { rows } = await db.reads.query<{ fate: string | null }>(
      'SELECT pg_xact_status($1::xid8) AS fate',
      [xid],
    );
    return rows[0]?.fate === 'in progress';
  } catch (error) {
    if (sqlStateOf(error) === ID_IN_THE_FUTURE) return false;
    throw error;
  }
}

async function isStored(db: Database, tenantId: string, entry: TimelineInsert | null): Promise<boolean> {
  if (!entry) return false;
  const { rowCount } = await tenantRead(db, tenantId, (client) =>
    client.query(
      `SELECT 1 FROM timeline WHERE tenant_id = $1 AND contact_id = $2
       AND occurred_at = to_timestamp($3::float8 / 1000) AND seq = $4 AND id = $5`,
      [tenantId, entry.contactId, entry.occurredAtMs, entry.seq, entry.id],
    ),
  );
  return rowCount === 1;
}

/** The feed's position before the batch's first change. */
async function basePosition(db: Database, tenantId: string, prepared: PreparedBatch): Promise<number> {
  const { firstChange, recordedAtMs } = prepared;
  if (!firstChange) return 0;
  const rows = await tenantRead(db, tenantId, async (client) => {
    const result = await client.query<{ position: string }>(
      `SELECT min(position) AS position FROM score_events
       WHERE tenant_id = $1 AND contact_id = $2 AND recorded_at = to_timestamp($3::float8 / 1000)`,
      [tenantId, firstChange.contactId, recordedAtMs],
    );
    return result.rows;
  });
  return Number(rows[0]?.position ?? 1) - 1;
}
