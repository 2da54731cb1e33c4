import { uuidv7 } from 'uuidv7';
import type { Database } from '../../store/database.js';
import { tenantTransaction } from '../../store/tenant-scope.js';

/** A list, as plain JSON. */
export interface ListRow {
  id: string;
  key: string;
  createdAtMs: number;
}

/** The list of this key; made when there is none. */
export function madeList(db: Database, tenantId: string, key: string): Promise<ListRow> {
  return tenantTransaction(db, tenantId, async (manager) => {
    await manager.query(
      'INSERT INTO contact_lists (tenant_id, id, key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [tenantId, uuidv7(), key],
    );
    const [row] = await manager.query<{ id: string; created_at: Date }[]>(
      'SELECT id, created_at FROM contact_lists WHERE tenant_id = $1 AND key = $2',
      [tenantId, key],
    );
    if (!row) throw new Error('a list that was just made is not there');
    return { id: row.id, key, createdAtMs: row.created_at.getTime() };
  });
}
