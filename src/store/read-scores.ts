import { arrayLiteral } from './column-arrays.js';
import type { FlightStatement } from './flight.js';
import { SCORE_COLUMNS } from './score-row.js';

/** The scores of contacts on every model. Sent behind the lock, so that it sees what that waited for. */
export function readScores(tenantId: string, ids: readonly string[]): FlightStatement {
  return {
    name: 'read_scores',
    text: `SELECT ${SCORE_COLUMNS} FROM contact_scores s WHERE s.tenant_id = $1 AND s.contact_id = ANY ($2::uuid[])`,
    values: [tenantId, arrayLiteral(ids)],
  };
}
