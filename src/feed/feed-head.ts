import type { Database } from '../store/database.js';

/** Where a tenant's feed stands. */
export interface FeedHead {
  /** The last committed position; 0 when there is none yet. */
  position: bigint;
  /** Positions up to this one were removed by retention. */
  floor: bigint;
}

/** The heads of several tenants in one statement; a tenant that is gone is missing from the answer. */
export async function readFeedHeads(db: Database, tenantIds: string[]): Promise<Map<string, FeedHead>> {
  // No scope: tenant_feeds holds counters alone and has no row-level security.
  const { rows } = await db.reads.query<{ tenant_id: string; position: string; floor: string }>({
    name: 'feed_heads',
    text: 'SELECT tenant_id, position, floor FROM tenant_feeds WHERE tenant_id = ANY($1::uuid[])',
    values: [tenantIds],
  });
  return new Map(
    rows.map((row) => [row.tenant_id, { position: BigInt(row.position), floor: BigInt(row.floor) }]),
  );
}

/** The head of one tenant's feed; zeros when it has none. */
export async function readFeedHead(db: Database, tenantId: string): Promise<FeedHead> {
  const heads = await readFeedHeads(db, [tenantId]);
  return heads.get(tenantId) ?? { position: 0n, floor: 0n };
}
