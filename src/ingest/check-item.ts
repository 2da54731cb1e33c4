import { badInput, type FieldFault } from '../errors.js';
import { isJsonObject } from '../scoring/json-value.js';
import type { ContactKey } from '../store/identity.js';
import { isUuid } from '../uuid.js';
import type { IngestItem, ItemIdentities } from './ingest-item.js';

export const KEY_BYTES_MAX = 256;
export const TEXT_BYTES_MAX = 2_048;
export const JSON_BYTES_MAX = 65_536;
export const JSON_DEPTH_MAX = 32;
export const ATTRIBUTES_MAX = 500;
export const POINTS_MAX = 1e9;
/** The first instant and the first after the last that an entry may have: years 1970 to 9999. */
export const OCCURRED_AT_MS_MIN = 0;
export const OCCURRED_AT_MS_END = Date.UTC(10_000, 0, 1);

const EMAIL = /^[^\s@]+@[^\s@]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Refuses what PostgreSQL would refuse, and what no timeline should hold, before a transaction is opened for it.
 * @throws LeadpulseError BAD_USER_INPUT with the path of each fault, relative to the item.
 */
export function checkItem(item: IngestItem): void {
  const faults: FieldFault[] = [];
  const report = (path: string, message: string | null) => {
    if (message) faults.push({ path, message });
  };
  checkKey(item.contact, report);
  const at = item.occurredAtMs;
  if (at !== undefined && !(at >= OCCURRED_AT_MS_MIN && at < OCCURRED_AT_MS_END)) {
    report('occurredAt', 'must lie in the years 1970 to 9999');
  }
  if (item.idempotencyKey !== undefined) report('idempotencyKey', nameFault(item.idempotencyKey));
  checkContent(item, report);
  if (faults.length > 0) throw badInput(faults);
}

type Report = (path: string, message: string | null) => void;

function checkContent(item: IngestItem, report: Report): void {
  switch (item.kind) {
    case 'action':
      report('type', nameFault(item.type));
      if (item.identities) checkIdentities(item.identities, report);
      report(
        'properties',
        isJsonObject(item.properties) ? jsonFault(item.properties) : 'must be a JSON object',
      );
      return;
    case 'profile':
      checkIdentities(item.identities, report);
      if (Object.keys(item.set).length > ATTRIBUTES_MAX) {
        report('attributes', `must not name more than ${ATTRIBUTES_MAX} attributes`);
      }
      for (const name of Object.keys(item.set)) report(`attributes.${name}`, nameFault(name));
      report('attributes', jsonFault(item.set));
      return;
    case 'list':
      report('list', nameFault(item.list));
      return;
    case 'adjustment':
      if (!(Math.abs(item.points) <= POINTS_MAX))
        report('points', `must be a number between -${POINTS_MAX} and ${POINTS_MAX}`);
      report('reason', textFault(item.reason));
      if (
        item.expiresAfterDays !== undefined &&
        !(item.expiresAfterDays > 0 && item.expiresAfterDays <= 36_500)
      ) {
        report('expiresAfterDays', 'must be more than 0 and at most 36500');
      }
  }
}

function checkKey(key: ContactKey, report: Report): void {
  if (key.kind === 'id') report('contact.id', isUuid(key.value.trim()) ? null : 'must be a UUID');
  else report(`contact.${key.kind}`, identityFault(key.kind, key.value));
}

function checkIdentities(identities: ItemIdentities, report: Report): void {
  for (const kind of ['email', 'externalId', 'anonymousId'] as const) {
    const value = identities[kind];
    if (value !== undefined) report(kind, identityFault(kind, value));
  }
}

function identityFault(kind: ContactKey['kind'], value: string): string | null {
  const fault = nameFault(value);
  if (fault) return fault;
  return kind === 'email' && !EMAIL.test(value.trim()) ? 'must be an email address' : null;
}

/** Names and keys: not blank, at most `KEY_BYTES_MAX` bytes, no control characters, no broken Unicode. */
function nameFault(value: string): string | null {
  if (value.trim() === '') return 'must not be empty';
  if (value.length > KEY_BYTES_MAX || Buffer.byteLength(value) > KEY_BYTES_MAX) {
    return `must not be longer than ${KEY_BYTES_MAX} bytes`;
  }
  if (CONTROL.test(value)) return 'must not contain control characters';
  return value.isWellFormed() ? null : 'must be valid Unicode (it holds half of a surrogate pair)';
}

function textFault(value: string): string | null {
  if (value.trim() === '') return 'must not be empty';
  if (Buffer.byteLength(value) > TEXT_BYTES_MAX) return `must not be longer than ${TEXT_BYTES_MAX} bytes`;
  return stringFault(value);
}

function stringFault(value: string): string | null {
  if (value.includes('\0')) return 'must not contain the character NUL';
  return value.isWellFormed() ? null : 'must be valid Unicode (it holds half of a surrogate pair)';
}

function jsonFault(value: unknown): string | null {
  const fault = valueFault(value, 0);
  if (fault) return fault;
  const text = JSON.stringify(value);
  if (
    text.length > JSON_BYTES_MAX ||
    (text.length * 3 > JSON_BYTES_MAX && Buffer.byteLength(text) > JSON_BYTES_MAX)
  ) {
    return `must not be larger than ${JSON_BYTES_MAX} bytes of JSON`;
  }
  return null;
}

function valueFault(value: unknown, depth: number): string | null {
  switch (typeof value) {
    case 'string':
      return stringFault(value);
    case 'number':
      return Number.isFinite(value) ? null : 'must hold finite numbers only';
    case 'boolean':
      return null;
    case 'object':
      return value === null ? null : partsFault(value, depth);
    default:
      return 'must be plain JSON';
  }
}

function partsFault(value: object, depth: number): string | null {
  if (depth >= JSON_DEPTH_MAX) return `must not be nested deeper than ${JSON_DEPTH_MAX} levels`;
  if (Array.isArray(value)) {
    for (const part of value) {
      const fault = valueFault(part, depth + 1);
      if (fault) return fault;
    }
    return null;
  }
  for (const [name, part] of Object.entries(value)) {
    const fault = stringFault(name) ?? valueFault(part, depth + 1);
    if (fault) return fault;
  }
  return null;
}
