import { createHash } from 'node:crypto';
import { badInput } from '../errors.js';
import { isUuid } from '../uuid.js';
import type { OrderSegment, SortType } from './contact-order.js';

/** A place in an ordered list of contacts: that of one contact as it stood when its page was read. */
export interface Place {
  segment: OrderSegment['code'];
  /** See `sortValueSql`; null where the id alone orders. */
  value: string | null;
  id: string;
}

/** What makes a list: a cursor is good for the same tenant, order and model. */
export interface ListIdentity {
  tenantId: string;
  field: string;
  direction: string;
  /** Null for orders that depend on no model. */
  modelId: string | null;
  /** What an order by closeness is about; absent for the others. */
  text?: string;
}

const DIGEST_CHARS = 11;
const INTEGER = /^-?\d{1,10}$/;
const INTEGER_MAX = 2 ** 31 - 1;
/** Microseconds since 1970 within the years that PostgreSQL and Date both know. */
const INSTANT = /^-?\d{1,17}$/;
const INSTANT_US_MAX = 253_402_300_800_000_000;
/** `last_activity_at` of a contact without any activity. */
const NEVER = '-infinity';

/** A digest and not the parts themselves: it is short, and tells lists apart. */
function digestOf(list: ListIdentity): string {
  const parts = [list.tenantId, list.field, list.direction, list.modelId];
  if (list.text !== undefined) parts.push(list.text);
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, DIGEST_CHARS);
}

/** Makes the cursors of one list; opaque to callers. */
export function cursorEncoder(list: ListIdentity): (place: Place) => string {
  const digest = digestOf(list);
  return (place) =>
    Buffer.from(JSON.stringify([digest, place.segment, place.value, place.id])).toString('base64url');
}

/**
 * The place that a cursor names.
 * @param path of the cursor in the caller's input: `after` or `before`.
 * @throws LeadpulseError BAD_USER_INPUT when it is no cursor, or one of another tenant, order or model.
 */
export function decodePlace(
  cursor: string,
  list: ListIdentity,
  segments: readonly OrderSegment[],
  path: string,
): Place {
  const parts = parseParts(cursor);
  if (parts === null) {
    throw badInput([
      { path, message: 'This is not a cursor of contacts: pass one exactly as it was received.' },
    ]);
  }
  const [digest, code, value, id] = parts;
  const segment = segments.find((candidate) => candidate.code === code);
  if (digest !== digestOf(list) || !segment || !isValueOf(segment.sortType, value)) {
    const message =
      'This cursor belongs to another list: keep orderBy and the model the same from page to page, or begin anew.';
    throw badInput([{ path, message }]);
  }
  return { segment: segment.code, value, id };
}

function parseParts(cursor: string): [string, string, string | null, string] | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 4) return null;
  const [digest, code, value, id] = parts as unknown[];
  if (typeof digest !== 'string' || typeof code !== 'string' || typeof id !== 'string') return null;
  if ((value !== null && typeof value !== 'string') || !isUuid(id)) return null;
  return [digest, code, value, id];
}

/** A forged value must not reach PostgreSQL as something that it cannot read. */
function isValueOf(type: SortType, value: string | null): boolean {
  if (type === 'none') return value === null;
  if (value === null) return false;
  if (type === 'text') return value.isWellFormed() && !value.includes('\0');
  if (type === 'integer') return INTEGER.test(value) && Math.abs(Number(value)) <= INTEGER_MAX;
  return value === NEVER || (INSTANT.test(value) && Math.abs(Number(value)) <= INSTANT_US_MAX);
}

/** SQL that gives the sort value as the text that cursors hold, exactly. */
export function sortValueSql(segment: OrderSegment): string {
  if (segment.sort === null) return 'NULL::text';
  if (segment.sortType !== 'instant') return `${segment.sort}::text`;
  return `CASE WHEN isfinite(${segment.sort}) THEN (extract(epoch FROM ${segment.sort}) * 1000000)::bigint::text ELSE '${NEVER}' END`;
}

/** The value of a place as a parameter of its column's type. */
export function sortParameter(type: SortType, value: string): { value: string | number; type: string } {
  if (type === 'text') return { value, type: 'text' };
  if (type === 'integer') return { value: Number(value), type: 'integer' };
  return { value: value === NEVER ? value : isoMicroseconds(BigInt(value)), type: 'timestamptz' };
}

function isoMicroseconds(us: bigint): string {
  const belowMs = ((us % 1_000n) + 1_000n) % 1_000n;
  const iso = new Date(Number((us - belowMs) / 1_000n)).toISOString();
  return iso.replace('Z', `${String(belowMs).padStart(3, '0')}Z`);
}
