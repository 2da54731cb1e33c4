import type pg from 'pg';
import { SqlParameters } from '../store/sql-parameters.js';
import { isTimeout } from '../store/sql-state.js';
import { tooSlow } from './count-contacts.js';
import { filterSql } from './filter-sql.js';
import type { PreparedFilter } from './prepare-filter.js';

/**
 * The ids that a filter holds for, in ascending order, a stretch at a time.
 * @param client a connection scoped to the tenant.
 * @param afterId the last id of the stretch before; null for the first one.
 * @param idsMax how many at most; fewer mean that there are no more.
 * @throws LeadpulseError TOO_COMPLEX when it takes too long.
 */
export async function readMatchingIds(
  client: pg.ClientBase,
  tenantId: string,
  { filter, scope }: PreparedFilter,
  afterId: string | null,
  idsMax: number,
): Promise<string[]> {
  const parameters = new SqlParameters();
  parameters.add(tenantId, 'uuid');
  const condition = filterSql(filter, scope, parameters);
  const after = afterId === null ? 'TRUE' : `c.id > ${parameters.add(afterId, 'uuid')}`;
  const text = `SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND ${after} AND ${condition}
    ORDER BY c.id LIMIT ${parameters.add(idsMax, 'bigint')}`;
  try {
    const { rows } = await client.query<{ id: string }>(text, parameters.values);
    return rows.map((row) => row.id);
  } catch (error) {
    throw isTimeout(error) ? tooSlow() : error;
  }
}
