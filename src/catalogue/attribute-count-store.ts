import type { Database } from '../store/database.js';
import { tenantRead } from '../store/tenant-scope.js';
import type { AttributeCount, AttributeCounts } from './attribute-count.js';

/** How long a process may count before another one may begin; far longer than it takes. */
const LEASE_MINUTES = 2;

interface StoredRow {
  counted_at: number | null;
  contacts: number;
  complete: boolean;
  attributes: AttributeCount[] | null;
}

/** What was counted last; null when nothing was yet. */
export function readStoredCounts(db: Database, tenantId: string): Promise<AttributeCounts | null> {
  return tenantRead(db, tenantId, async (client) => {
    const { rows } = await client.query<StoredRow>({
      name: 'attribute_counts',
      text: `SELECT counted_at, contacts::float8 AS contacts, complete, attributes FROM contact_attribute_counts
        WHERE tenant_id = $1`,
      values: [tenantId],
    });
    const [row] = rows;
    if (!row?.attributes || row.counted_at === null) return null;
    const { counted_at: countedAtMs, contacts, complete, attributes } = row;
    return { countedAtMs, contacts, complete, attributes };
  });
}

/** Takes the right to count: one process at a time has it. @returns false when another one has. */
export function claimCounting(db: Database, tenantId: string): Promise<boolean> {
  return tenantRead(db, tenantId, async (client) => {
    const { rowCount } = await client.query({
      name: 'claim_attribute_count',
      text: `INSERT INTO contact_attribute_counts AS c (tenant_id, leased_until)
        VALUES ($1, clock_timestamp() + interval '${LEASE_MINUTES} minutes')
        ON CONFLICT (tenant_id) DO UPDATE SET leased_until = excluded.leased_until
        WHERE c.leased_until IS NULL OR c.leased_until < clock_timestamp()`,
      values: [tenantId],
    });
    return rowCount === 1;
  });
}

/** Gives the right to count back without a result. */
export function releaseCounting(db: Database, tenantId: string): Promise<void> {
  return tenantRead(db, tenantId, async (client) => {
    await client.query({
      name: 'release_attribute_count',
      text: 'UPDATE contact_attribute_counts SET leased_until = NULL WHERE tenant_id = $1',
      values: [tenantId],
    });
  });
}

/** Stores what was counted, and gives the right to count back. */
export function storeCounts(db: Database, tenantId: string, counts: AttributeCounts): Promise<void> {
  const { countedAtMs, contacts, complete, attributes } = counts;
  return tenantRead(db, tenantId, async (client) => {
    await client.query({
      name: 'store_attribute_count',
      text: `INSERT INTO contact_attribute_counts AS c (tenant_id, counted_at, contacts, complete, attributes)
        VALUES ($1, to_timestamp($2::float8 / 1000), $3, $4, $5)
        ON CONFLICT (tenant_id) DO UPDATE SET counted_at = excluded.counted_at, contacts = excluded.contacts,
          complete = excluded.complete, attributes = excluded.attributes, leased_until = NULL`,
      values: [tenantId, countedAtMs, contacts, complete, JSON.stringify(attributes)],
    });
  });
}
