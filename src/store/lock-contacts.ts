import { arrayLiteral } from './column-arrays.js';
import type { FlightStatement } from './flight.js';

/** A contact this transaction holds the lock of. */
export interface LockedRow {
  id: string;
  merged_into: string | null;
}

/**
 * Locks contacts in the order of their ids. Those that another transaction holds are left out (`wait` false), or waited
 * for up to the connection's lock timeout.
 */
export function lockContacts(tenantId: string, ids: readonly string[], wait: boolean): FlightStatement {
  return {
    name: wait ? 'lock_contacts_wait' : 'lock_contacts',
    text: `SELECT id, merged_into FROM contacts WHERE tenant_id = $1 AND id = ANY ($2::uuid[])
      ORDER BY id FOR NO KEY UPDATE ${wait ? '' : 'SKIP LOCKED'}`,
    values: [tenantId, arrayLiteral(ids)],
  };
}
