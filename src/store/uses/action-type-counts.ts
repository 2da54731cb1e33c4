import type pg from 'pg';

/** Types of a tenant that are told apart in lists: the most frequent ones. */
export const ACTION_TYPES_MAX = 5_000;

/** How often a type was recorded, and when. */
export interface ActionTypeCount {
  type: string;
  count: number;
  /** Ms since 1970; null when it never was. */
  firstAtMs: number | null;
  lastAtMs: number | null;
}

/** A row of `ACTION_TYPE_COUNTS`. */
export interface ActionTypeCountDbRow {
  type: string;
  count: number;
  first_at: number;
  last_at: number;
}

/**
 * What the tenant `$1` has recorded, the most frequent types first: what is folded and what was appended since, in one
 * snapshot. Types of which every action was taken back are left out.
 */
export const ACTION_TYPE_COUNTS = `SELECT type, sum(count)::float8 AS count, min(first_at) AS first_at, max(last_at) AS last_at
      FROM (SELECT type, count, first_at, last_at FROM action_types WHERE tenant_id = $1
        UNION ALL SELECT type, count, first_at, last_at FROM action_type_uses WHERE tenant_id = $1) AS uses
      GROUP BY type HAVING sum(count) > 0 ORDER BY 2 DESC, type LIMIT ${ACTION_TYPES_MAX}`;

export function actionTypeCountOf({ type, count, first_at, last_at }: ActionTypeCountDbRow): ActionTypeCount {
  return { type, count, firstAtMs: first_at, lastAtMs: last_at };
}

/** See `ACTION_TYPE_COUNTS`. @param client a connection, scoped to the tenant. */
export async function readActionTypeCounts(
  client: pg.ClientBase,
  tenantId: string,
): Promise<ActionTypeCount[]> {
  const { rows } = await client.query<ActionTypeCountDbRow>({
    name: 'action_type_counts',
    text: ACTION_TYPE_COUNTS,
    values: [tenantId],
  });
  return rows.map(actionTypeCountOf);
}
