import { LeadpulseError } from '../errors.js';
import { joinedTexts } from './column-arrays.js';
import type { FlightStatement } from './flight.js';

/**
 * How the keys of bulk actions begin; the id of the job follows, a colon and the id of the contact. They are kept for as long as
 * the action may go on.
 */
export const BULK_KEY_PREFIX = 'bulk:';

/** Answers stored under idempotency keys. */
export interface StoredKeyRow {
  key: string;
  request_hash: Buffer;
  result: string;
  position: string | null;
}

/** What is stored under keys. */
export function readIdempotencyKeys(tenantId: string, keys: string[]): FlightStatement {
  return {
    name: 'read_idempotency_keys',
    text: `SELECT key, request_hash, result, position FROM idempotency_keys
      WHERE tenant_id = $1 AND key = ANY (string_to_array($2, U&'\\001E'))`,
    values: [tenantId, joinedTexts(keys)],
  };
}

/** Whether two request hashes are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}

/** The fault of a key that was used for something else. */
export function idempotencyMismatch(key: string): LeadpulseError {
  return new LeadpulseError(
    'IDEMPOTENCY_MISMATCH',
    `The idempotency key "${key}" was used for another request. Use a new key for new content.`,
  );
}
