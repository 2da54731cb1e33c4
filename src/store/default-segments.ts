import type { EntityManager } from 'typeorm';
import { uuidv7 } from 'uuidv7';

/** A segment that every tenant begins with; it can be changed and deleted like any other. */
export interface DefaultSegment {
  key: string;
  name: string;
  /** A ContactFilter on the primary model. */
  filter: { minTotal: number; maxTotal: number };
}

/** Hot, warm and cold on a score of 0 to 100. */
export const DEFAULT_SEGMENTS: readonly DefaultSegment[] = [
  { key: 'hot', name: 'Hot', filter: { minTotal: 76, maxTotal: 100 } },
  { key: 'warm', name: 'Warm', filter: { minTotal: 51, maxTotal: 75 } },
  { key: 'cold', name: 'Cold', filter: { minTotal: 0, maxTotal: 50 } },
];

const CREATED_BY = 'leadpulse';

/**
 * Gives a new tenant its default segments.
 * @param manager of a transaction scoped to the tenant.
 */
export async function insertDefaultSegments(manager: EntityManager, tenantId: string): Promise<void> {
  const rows = DEFAULT_SEGMENTS.map((segment) => ({ id: uuidv7(), ...segment }));
  await manager.query(
    `INSERT INTO segments (tenant_id, id, key, name, filter, created_by, changed_by)
     SELECT $1, r.id, r.key, r.name, r.filter, $3, $3
     FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, key text, name text, filter jsonb)`,
    [tenantId, JSON.stringify(rows), CREATED_BY],
  );
  await manager.query('INSERT INTO segment_feeds (tenant_id, sweep_at) VALUES ($1, now())', [tenantId]);
}
