import { createHash } from 'node:crypto';
import { LeadpulseError } from '../errors.js';

/** What a cursor is good for: one tenant's feed in one database. */
export interface CursorScope {
  installationId: string;
  tenantId: string;
}

/** Layout: 1 byte format, 8 bytes digest of the scope, 8 bytes position, big endian; base64url without padding. */
const FORMAT = 1;
const DIGEST_BYTES = 8;
const POSITION_OFFSET = 1 + DIGEST_BYTES;
const CURSOR_BYTES = POSITION_OFFSET + 8;
const CURSOR_CHARS = Math.ceil((CURSOR_BYTES * 4) / 3);
const POSITION_MAX = 2n ** 63n - 1n;
const UINT32_END = 2 ** 32;

/** Digests kept in memory; every acknowledged write encodes a cursor. */
const DIGESTS_CACHED_MAX = 10_000;
/** By tenant; a process has one installation, but for tests. */
const digests = new Map<string, { installationId: string; digest: Buffer }>();

/**
 * A digest and not the two ids: it tells cursors of other feeds apart, keeps them short, and says nothing about the database.
 * It guards against mistakes; a forged cursor only names another position of the forger's own feed.
 */
function scopeDigest({ installationId, tenantId }: CursorScope): Buffer {
  const known = digests.get(tenantId);
  if (known?.installationId === installationId) return known.digest;
  const key = `${installationId}/${tenantId}`;
  const digest = createHash('sha256').update(key).digest().subarray(0, DIGEST_BYTES);
  if (digests.size >= DIGESTS_CACHED_MAX) digests.clear();
  digests.set(tenantId, { installationId, digest });
  return digest;
}

/**
 * The opaque cursor of a position in a tenant's feed; reading goes on after it.
 * @param position 0 (before the first change) or more.
 */
export function encodeCursor(scope: CursorScope, position: string | bigint | number): string {
  const bytes = Buffer.allocUnsafe(CURSOR_BYTES);
  bytes[0] = FORMAT;
  scopeDigest(scope).copy(bytes, 1);
  writePosition(bytes, position);
  return bytes.toString('base64url');
}

/** Two halves: big integers made half of a cursor's price, which was 5 % of a recordAction without a database. */
function writePosition(bytes: Buffer, position: string | bigint | number): void {
  const value = Number(position);
  if (!Number.isSafeInteger(value)) {
    bytes.writeBigUInt64BE(BigInt(position), POSITION_OFFSET);
    return;
  }
  bytes.writeUInt32BE(Math.floor(value / UINT32_END), POSITION_OFFSET);
  bytes.writeUInt32BE(value % UINT32_END, POSITION_OFFSET + 4);
}

/**
 * The position that a cursor names.
 * @throws LeadpulseError BAD_USER_INPUT when it is no cursor, CURSOR_EXPIRED when it belongs to another tenant or database.
 */
export function decodeCursor(scope: CursorScope, cursor: string): bigint {
  const bytes = cursor.length === CURSOR_CHARS ? Buffer.from(cursor, 'base64url') : Buffer.alloc(0);
  // Buffer skips what is not base64url; only the text that encodes back to itself is a cursor.
  const readable =
    bytes.length === CURSOR_BYTES && bytes[0] === FORMAT && bytes.toString('base64url') === cursor;
  const position = readable ? bytes.readBigUInt64BE(POSITION_OFFSET) : POSITION_MAX + 1n;
  if (position > POSITION_MAX) {
    const message = 'This is not a cursor of the feed: pass one exactly as it was received.';
    throw new LeadpulseError('BAD_USER_INPUT', message, { fields: [{ path: 'after', message }] });
  }
  if (!scopeDigest(scope).equals(bytes.subarray(1, POSITION_OFFSET))) {
    throw cursorExpired('it belongs to another tenant or another database');
  }
  return position;
}

/**
 * CURSOR_EXPIRED with what to do about it.
 * @param why the rest of a sentence that begins with "The cursor has expired: ".
 */
export function cursorExpired(why: string): LeadpulseError {
  return new LeadpulseError(
    'CURSOR_EXPIRED',
    `The cursor has expired: ${why}. Read what you need anew and go on after the feedCursor of that answer.`,
  );
}
