import { type ActionTypeUse, insertActionTypeUses } from '../../src/ingest/action-type-uses.js';
import { tenantRead } from '../../src/store/tenant-scope.js';
import type { IngestKit } from '../support/ingest-kit.js';

let seq = 1;

/** A row as a batch makes it. */
export function use(type: string, count: number, rest: Partial<ActionTypeUse> = {}): ActionTypeUse {
  return { seq: seq++, type, count, firstAtMs: 1_000, lastAtMs: 1_000, looked: 0, properties: [], ...rest };
}

/** Appends rows as a batch does: each call is a transaction. */
export async function appendUses(kit: IngestKit, ...uses: ActionTypeUse[]): Promise<void> {
  await tenantRead(kit.db, kit.tenantId, (client) => client.query(insertActionTypeUses(kit.tenantId, uses)));
  // As the last statement of every batch does.
  await kit.query('UPDATE tenant_feeds SET position = position WHERE tenant_id = $1');
}
