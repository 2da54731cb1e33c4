import { arrayLiteral } from './column-arrays.js';
import type { FlightStatement } from './flight.js';

/** A contact that was asked for, and the one that stands for it now: itself unless it was merged. */
export interface StandingRow {
  asked: string;
  id: string;
}

/** Which of the ids are contacts, and who stands for them. */
export function readStandingIds(tenantId: string, ids: readonly string[]): FlightStatement {
  return {
    name: 'read_standing_ids',
    text: `SELECT id AS asked, coalesce(merged_into, id) AS id FROM contacts
      WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`,
    values: [tenantId, arrayLiteral(ids)],
  };
}
