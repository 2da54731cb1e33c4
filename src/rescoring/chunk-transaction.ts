import type pg from 'pg';
import type { Database } from '../store/database.js';
import { COMMIT, Flight } from '../store/flight.js';
import { scopeTransaction } from '../store/tenant-scope.js';
import { isEpochMoved } from '../store/write-scores.js';

/** What the work of a transaction is given. */
export interface ChunkTransaction {
  /** A pipelined connection, scoped to the tenant. */
  client: pg.ClientBase;
  /** Statements that travel with COMMIT when the work is done, which spares a round trip under locks. */
  closing: Flight;
}

/**
 * A transaction on a connection for batches, scoped to a tenant.
 * @throws whatever `work` or a closing statement throws, after ROLLBACK; Error when COMMIT did not go through.
 */
export async function chunkTransaction<T>(
  db: Pick<Database, 'writes'>,
  tenantId: string,
  work: (transaction: ChunkTransaction) => Promise<T>,
): Promise<T> {
  const client = await db.writes.connect();
  try {
    // Not waited for: the first statements of the work follow right behind them.
    const opened = Promise.all([client.query('BEGIN'), client.query(scopeTransaction(tenantId))]);
    const closing = new Flight();
    const [result] = await Promise.all([work({ client, closing }), opened]);
    const committed = closing.add(COMMIT);
    await closing.send(client);
    if (committed().command !== 'COMMIT') throw new Error('the transaction was rolled back at COMMIT');
    client.release();
    return result;
  } catch (error) {
    const clean = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    client.release(!clean);
    throw error;
  }
}

/**
 * What a worker does about a chunk that failed: the same again when a model was published meanwhile.
 * @returns `from`, where to go on.
 * @throws the error, when it is any other.
 */
export function againIfEpochMoved<T>(error: unknown, from: T): T {
  if (isEpochMoved(error)) return from;
  throw error;
}
