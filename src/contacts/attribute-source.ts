import { splitPath } from '../scoring/property-path.js';
import type { SqlParameters } from '../store/sql-parameters.js';

/** Where an attribute lives in a row of `contacts c`. */
export interface AttributeSource {
  /** A standard attribute's column; null for a custom one. */
  column: { type: 'text' | 'number'; sql: string } | null;
  /** The jsonb that holds a custom attribute, and a standard one whose value does not fit its column. */
  json: string;
  /** Cheap SQL that is true whenever `json` is not null; null where there is none. */
  isPresent: string | null;
}

/** Parts of a path at most: each is another level of SQL. */
export const PATH_PARTS_MAX = 16;

/** The standard attributes by the names that rules and filters use. */
const COLUMNS: Readonly<Record<string, NonNullable<AttributeSource['column']>>> = {
  email: { type: 'text', sql: 'c.email' },
  externalId: { type: 'text', sql: 'c.external_id' },
  firstName: { type: 'text', sql: 'c.first_name' },
  lastName: { type: 'text', sql: 'c.last_name' },
  jobTitle: { type: 'text', sql: 'c.job_title' },
  company: { type: 'text', sql: 'c.company' },
  companySize: { type: 'number', sql: 'c.company_size' },
  industry: { type: 'text', sql: 'c.industry' },
  annualRevenue: { type: 'number', sql: 'c.annual_revenue' },
  country: { type: 'text', sql: 'c.country' },
};

/**
 * The place of a standard attribute, or of a custom one by its path. As in the scoring core, at every level of an object a
 * key that itself holds the whole remaining path wins over a descent, and lists are not descended into.
 */
export function attributeSource(path: string, parameters: SqlParameters): AttributeSource {
  const column = Object.hasOwn(COLUMNS, path) ? (COLUMNS[path] ?? null) : null;
  const split = splitPath(path);
  const keys = split === null ? [path] : [path, split.head];
  const isPresent = `c.attributes ?| ${parameters.add(keys, 'text[]')}`;
  return { column, json: atPath('c.attributes', path, parameters), isPresent };
}

/** The place of a property by its path in a jsonb object. */
export function propertySource(object: string, path: string, parameters: SqlParameters): AttributeSource {
  return { column: null, json: atPath(object, path, parameters), isPresent: null };
}

function atPath(object: string, path: string, parameters: SqlParameters): string {
  const split = splitPath(path);
  const own = parameters.add(path, 'text');
  if (split === null) return ofObject(object, `${object} -> ${own}`);
  const below = `(${object} -> ${parameters.add(split.head, 'text')})`;
  const deeper = atPath(below, split.rest, parameters);
  return ofObject(object, `CASE WHEN ${object} ? ${own} THEN ${object} -> ${own} ELSE ${deeper} END`);
}

/** Beside objects, lists answer to `?` and texts to neither: nothing but an object has keys here. */
function ofObject(object: string, value: string): string {
  return `(CASE WHEN jsonb_typeof(${object}) = 'object' THEN ${value} END)`;
}
