import type { EntityManager } from 'typeorm';
import { bumpEpoch } from '../store/bump-epoch.js';
import type { Database } from '../store/database.js';
import { tenantTransaction } from '../store/tenant-scope.js';

/** Who changes models, in which tenant. */
export interface Publisher {
  tenantId: string;
  /** Kept with versions and in the log of changes: the name of the key, or the subject of the token. */
  name: string;
}

/** A transaction in which nobody else changes a model of the tenant. */
export interface ModelTransaction {
  manager: EntityManager;
  tenantId: string;
  /** Name of the publisher. */
  by: string;
  /** To be called when the transaction changes which model versions are active, or which model is primary. */
  scoringChanges(): void;
}

/**
 * Runs one change of a tenant's models at a time. The epoch is raised last, as the feed's row is locked last everywhere.
 */
export function changeModels<T>(
  db: Database,
  { tenantId, name }: Publisher,
  work: (transaction: ModelTransaction) => Promise<T>,
): Promise<T> {
  return tenantTransaction(db, tenantId, async (manager) => {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('leadpulse.models.' || $1, 0))`, [
      tenantId,
    ]);
    let scoring = false;
    const scoringChanges = () => {
      scoring = true;
    };
    const result = await work({ manager, tenantId, by: name, scoringChanges });
    if (scoring) await bumpEpoch(manager, tenantId);
    return result;
  });
}
