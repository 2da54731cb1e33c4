import { createHmac } from 'node:crypto';
import type { FlightStatement } from './flight.js';

/** For how long the identities of a person who was erased are refused. */
export const ERASED_IDENTITIES_DAYS = 30;

/**
 * What is kept of an identity of a person who was erased: enough to know it when it comes again, and nothing to read.
 * @param installationId keys the hash.
 * @param identity `kind/value` as stored.
 */
export function erasedHash(installationId: string, tenantId: string, identity: string): string {
  return createHmac('sha256', installationId).update(`${tenantId}/${identity}`).digest('hex');
}

/** Which of the hashes belong to people who were erased within `ERASED_IDENTITIES_DAYS`. */
export function readErasedHashes(tenantId: string, hashes: readonly string[]): FlightStatement {
  return {
    name: 'read_erased_hashes',
    text: `SELECT encode(hash, 'hex') AS hash FROM erased_identities
      WHERE tenant_id = $1 AND hash = ANY (SELECT decode(h, 'hex') FROM unnest(string_to_array($2, ',')) AS h)
        AND erased_at > clock_timestamp() - interval '${ERASED_IDENTITIES_DAYS} days'`,
    values: [tenantId, hashes.join(',')],
  };
}
