import { arrayLiteral } from './column-arrays.js';
import type { FlightStatement } from './flight.js';

/**
 * Says that entries were added to the timelines of these contacts, so that what reports count of them is derived again. A
 * statement of its own: a trigger would copy the entries first.
 */
export function touchFacts(tenantId: string, contactIds: readonly string[]): FlightStatement {
  return {
    name: 'touch_facts',
    text: 'INSERT INTO fact_touches (tenant_id, contact_ids) VALUES ($1, $2::uuid[])',
    values: [tenantId, arrayLiteral(contactIds)],
  };
}
