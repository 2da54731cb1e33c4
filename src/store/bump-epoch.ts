import type { EntityManager } from 'typeorm';
import type { FlightStatement } from './flight.js';

/**
 * Raises the tenant's epoch. Called last in every transaction that changes which model versions are active, or to whom
 * identities lead: batches that computed with the old ones then match no feed row and are done again.
 * @returns the new epoch.
 */
export async function bumpEpoch(manager: EntityManager, tenantId: string): Promise<number> {
  const [rows] = (await manager.query(
    'UPDATE tenant_feeds SET epoch = epoch + 1 WHERE tenant_id = $1 RETURNING epoch',
    [tenantId],
  )) as [{ epoch: number }[], number];
  const row = rows[0];
  if (!row) throw new Error(`tenant ${tenantId} has no feed`);
  return row.epoch;
}

/** The same as the last statement before COMMIT on a pipelined connection. */
export function epochRaise(tenantId: string): FlightStatement {
  return {
    name: 'raise_epoch',
    text: 'UPDATE tenant_feeds SET epoch = epoch + 1 WHERE tenant_id = $1',
    values: [tenantId],
  };
}
