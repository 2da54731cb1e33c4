import type pg from 'pg';
import type { Database } from '../store/database.js';
import { scopeTransaction } from '../store/tenant-scope.js';
import { isEpochMoved } from '../store/write-scores.js';

/**
 * A transaction on a connection for batches, scoped to a tenant.
 * @throws whatever `work` throws, after ROLLBACK; Error when COMMIT did not go through.
 */
export async function chunkTransaction<T>(
  db: Database,
  tenantId: string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const client = await db.writes.connect();
  try {
    await Promise.all([client.query('BEGIN'), client.query(scopeTransaction(tenantId))]);
    const result = await work(client);
    const committed = await client.query('COMMIT');
    if (committed.command !== 'COMMIT') throw new Error('the transaction was rolled back at COMMIT');
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
