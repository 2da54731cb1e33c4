import type { EntityManager } from 'typeorm';
import type { Database } from '../store/database.js';
import { tenantTransaction } from '../store/tenant-scope.js';
import { mergePropertyUses, type PropertyUse } from '../store/uses/property-use.js';

/** Rows that one transaction folds: some ten milliseconds. */
const FOLDED_ROWS_MAX = 2_000;

/** What the rows of one type that were taken away say together. */
interface TakenUse {
  type: string;
  /** As text: it may be larger than 2^31. */
  count: string;
  first_at: Date;
  last_at: Date;
  rows: number;
  /** What each row brought, in the order of recording; null when none did. */
  properties: PropertyUse[][] | null;
}

/**
 * Folds rows of `action_type_uses` into `action_types` and deletes them in the same transaction: a count is always in
 * exactly one of the two. One transaction at a time and tenant, under an advisory lock that erasing takes as well: who finds
 * it taken leaves it alone.
 * @returns true when there may be more to fold at once.
 */
export function foldActionTypes(db: Database, tenantId: string): Promise<boolean> {
  return tenantTransaction(db, tenantId, async (manager) => {
    const [lock] = await manager.query<{ held: boolean }[]>(
      `SELECT pg_try_advisory_xact_lock(hashtext('leadpulse.action-types'), hashtext($1)) AS held`,
      [tenantId],
    );
    if (!lock?.held) return false;
    const taken = await takeUses(manager, tenantId);
    if (taken.length === 0) return false;
    await addUses(manager, tenantId, taken);
    return taken.reduce((sum, use) => sum + use.rows, 0) >= FOLDED_ROWS_MAX;
  });
}

/** By row address: a join on the key would go through the whole table when many rows are waiting. */
async function takeUses(manager: EntityManager, tenantId: string): Promise<TakenUse[]> {
  const rows: unknown = await manager.query(
    `WITH taken AS (
       DELETE FROM action_type_uses WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
         SELECT ctid FROM action_type_uses WHERE tenant_id = $1 ORDER BY seq LIMIT ${FOLDED_ROWS_MAX}))
       RETURNING seq, type, count, first_at, last_at, properties)
     SELECT type, sum(count) AS count, min(first_at) AS first_at, max(last_at) AS last_at, count(*)::int AS rows,
       jsonb_agg(properties ORDER BY seq) FILTER (WHERE properties IS NOT NULL) AS properties
     FROM taken GROUP BY type`,
    [tenantId],
  );
  return rows as TakenUse[];
}

async function addUses(manager: EntityManager, tenantId: string, taken: readonly TakenUse[]): Promise<void> {
  const known = await readProperties(manager, tenantId, taken);
  const rows = taken.map(({ type, count, first_at, last_at, properties }) => ({
    type,
    count,
    first_at,
    last_at,
    properties: properties?.reduce(mergePropertyUses, known.get(type) ?? []),
  }));
  await manager.query(
    `INSERT INTO action_types AS t (tenant_id, type, count, first_at, last_at, properties)
     SELECT $1, r.type, r.count, r.first_at, r.last_at, coalesce(r.properties, '[]')
     FROM jsonb_to_recordset($2::jsonb)
       AS r(type text, count bigint, first_at timestamptz, last_at timestamptz, properties jsonb)
     ON CONFLICT (tenant_id, type) DO UPDATE SET count = t.count + excluded.count,
       first_at = least(t.first_at, excluded.first_at), last_at = greatest(t.last_at, excluded.last_at),
       properties = CASE WHEN excluded.properties = '[]' THEN t.properties ELSE excluded.properties END`,
    [tenantId, JSON.stringify(rows)],
  );
}

/** What is known of the types that bring something new. */
async function readProperties(
  manager: EntityManager,
  tenantId: string,
  taken: readonly TakenUse[],
): Promise<Map<string, PropertyUse[]>> {
  const types = taken.filter((use) => use.properties !== null).map((use) => use.type);
  if (types.length === 0) return new Map();
  const rows = await manager.query<{ type: string; properties: PropertyUse[] }[]>(
    'SELECT type, properties FROM action_types WHERE tenant_id = $1 AND type = ANY ($2::text[])',
    [tenantId, types],
  );
  return new Map(rows.map((row) => [row.type, row.properties]));
}
