import { isStandardAttribute, type StandardAttribute } from '../store/standard-attributes.js';
import type { ImportKind } from './import-request.js';

/** Columns that name a contact, the strongest first: a row's contact is looked up by the first that it fills. */
export const KEY_TARGETS = ['id', 'externalId', 'email', 'anonymousId'] as const;
export type KeyTarget = (typeof KEY_TARGETS)[number];

/** Where a column goes. */
export type ImportTarget =
  | { to: 'nowhere' }
  | { to: 'key'; key: KeyTarget }
  /** A JSON object of the shape of `ContactKey`. */
  | { to: 'contact' }
  | { to: 'standard'; attribute: StandardAttribute }
  /** One custom attribute, or one property of an action. */
  | { to: 'named'; name: string }
  /** A JSON object of custom attributes, or of properties. */
  | { to: 'all' }
  | { to: 'type' }
  | { to: 'occurredAt' }
  | { to: 'idempotencyKey' };

/** What the custom part of a row is called. */
export const CUSTOM_PART: Record<ImportKind, string> = { CONTACTS: 'attributes', ACTIONS: 'properties' };

/** A target as it is written, to be read by `parseTarget`. */
export function targetText(target: ImportTarget, kind: ImportKind): string {
  switch (target.to) {
    case 'nowhere':
      return '-';
    case 'key':
      return target.key;
    case 'standard':
      return target.attribute;
    case 'named':
      return `${CUSTOM_PART[kind]}.${target.name}`;
    case 'all':
      return CUSTOM_PART[kind];
    default:
      return target.to;
  }
}

/** A target by its text; null when there is none of it for rows of this kind. */
export function parseTarget(text: string, kind: ImportKind): ImportTarget | null {
  const trimmed = text.trim();
  const custom = CUSTOM_PART[kind];
  if (trimmed === '-') return { to: 'nowhere' };
  if (trimmed === 'contact' || trimmed === 'occurredAt') return { to: trimmed };
  if (trimmed === custom) return { to: 'all' };
  const key = KEY_TARGETS.find((candidate) => candidate === trimmed);
  if (key) return { to: 'key', key };
  if (trimmed.startsWith(`${custom}.`)) return namedTarget(trimmed.slice(custom.length + 1), kind);
  if (kind === 'CONTACTS') {
    return isStandardAttribute(trimmed) ? { to: 'standard', attribute: trimmed } : null;
  }
  return trimmed === 'type' || trimmed === 'idempotencyKey' ? { to: trimmed } : null;
}

/** The place of a custom name. Among the attributes of contacts standard names are names like any other. */
export function namedTarget(name: string, kind: ImportKind): ImportTarget | null {
  const trimmed = name.trim();
  if (trimmed === '') return null;
  if (kind === 'CONTACTS' && isStandardAttribute(trimmed)) return parseTarget(trimmed, kind);
  return { to: 'named', name: trimmed };
}

/** All targets, for messages. */
export function targetsText(kind: ImportKind): string {
  const custom = CUSTOM_PART[kind];
  const own =
    kind === 'CONTACTS'
      ? 'firstName, lastName, jobTitle, company, companySize, industry, annualRevenue, country'
      : 'type, idempotencyKey';
  return `${KEY_TARGETS.join(', ')}, contact, ${own}, occurredAt, ${custom}.<name>, ${custom} (a JSON object), or - for nowhere`;
}
