import type { JsonValue } from '../scoring/json-value.js';
import { emailBase } from './email-base.js';
import {
  isStandardAttribute,
  STANDARD_ATTRIBUTES,
  STANDARD_NAMES,
  type StandardAttribute,
} from './standard-attributes.js';

const INT4_MAX = 2_147_483_647;
/** A longer name sorts by its beginning: a row of the index takes 2.7 KB at most. */
const SORT_NAME_CHARS_MAX = 200;
const SEARCH_TEXT_CHARS_MAX = 2_000;

/** A contact's profile as it stands: the columns of `contacts` that come from profile entries. */
export interface ContactProfile {
  standard: Partial<Record<StandardAttribute, string | number>>;
  /** Custom attributes, and standard ones whose value does not fit their column. */
  attributes: Record<string, JsonValue>;
}

/**
 * The profile after `set`, leaving `profile` as it is.
 * @param overridden names that a later entry of the timeline has set already; they stay.
 */
export function applyProfile(
  profile: ContactProfile,
  set: Record<string, JsonValue | null>,
  overridden: ReadonlySet<string>,
): ContactProfile {
  const standard = { ...profile.standard };
  const attributes = { ...profile.attributes };
  for (const [name, value] of Object.entries(set)) {
    if (overridden.has(name)) continue;
    delete attributes[name];
    if (isStandardAttribute(name)) {
      delete standard[name];
      if (value !== null && fitsColumn(name, value)) standard[name] = value;
      else if (value !== null) attributes[name] = value;
    } else if (value !== null) {
      // Defined, not assigned: `__proto__` is a name like any other.
      Object.defineProperty(attributes, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
  }
  return { standard, attributes };
}

function fitsColumn(name: StandardAttribute, value: JsonValue): value is string | number {
  switch (STANDARD_ATTRIBUTES[name].type) {
    case 'text':
      return typeof value === 'string';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT4_MAX;
    case 'number':
      return typeof value === 'number';
  }
}

/** What lists are ordered by: the name, else the company, else the email, in lower case. */
export function sortNameOf({ standard }: ContactProfile): string {
  const name = `${standard.firstName ?? ''} ${standard.lastName ?? ''}`.trim();
  return String(name || standard.company || standard.email || standard.externalId || '')
    .slice(0, SORT_NAME_CHARS_MAX)
    .toLowerCase()
    .toWellFormed();
}

/** What text filters look through: name, email and company, in lower case. */
export function searchTextOf({ standard }: ContactProfile): string {
  const parts = [standard.firstName, standard.lastName, standard.email, standard.company];
  return parts
    .filter((part) => part !== undefined)
    .join(' ')
    .slice(0, SEARCH_TEXT_CHARS_MAX)
    .toLowerCase()
    .toWellFormed();
}

/** A row of `contacts` as JSON under its column names; null columns may be left out. */
export type ContactColumns = Record<string, JsonValue | undefined>;

/** The profile behind a row. */
export function profileOf(columns: ContactColumns): ContactProfile {
  const standard: ContactProfile['standard'] = {};
  for (const name of STANDARD_NAMES) {
    const value = columns[STANDARD_ATTRIBUTES[name].column];
    if (typeof value === 'string' || typeof value === 'number') standard[name] = value;
  }
  return { standard, attributes: (columns.attributes ?? {}) as Record<string, JsonValue> };
}

/** The row that a profile makes. */
export function columnsOf(id: string, profile: ContactProfile): ContactColumns {
  const columns: ContactColumns = {
    id,
    attributes: profile.attributes,
    sort_name: sortNameOf(profile),
    search_text: searchTextOf(profile),
    email_base: typeof profile.standard.email === 'string' ? emailBase(profile.standard.email) : null,
  };
  for (const name of STANDARD_NAMES) {
    const value = profile.standard[name];
    if (value !== undefined) columns[STANDARD_ATTRIBUTES[name].column] = value;
  }
  return columns;
}
