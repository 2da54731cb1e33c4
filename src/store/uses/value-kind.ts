import { isJsonObject, type JsonObject, type JsonValue } from '../../scoring/json-value.js';

/** What kind of value a property or an attribute holds. */
export const VALUE_KINDS = ['TEXT', 'NUMBER', 'BOOLEAN', 'LIST', 'OTHER'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** The kind of a value; null for null, which counts as missing. */
export function valueKindOf(value: JsonValue): ValueKind | null {
  if (value === null) return null;
  switch (typeof value) {
    case 'string':
      return 'TEXT';
    case 'number':
      return 'NUMBER';
    case 'boolean':
      return 'BOOLEAN';
    case 'object':
      return Array.isArray(value) ? 'LIST' : 'OTHER';
  }
}

/** Paths with more characters are left out: cut, they would name something else. */
export const PATH_CHARS_MAX = 256;
/** Parts of a path at most. */
const PATH_PARTS_MAX = 3;

/**
 * Visits the values of an object under the paths by which rules name them (`answers`, `answers.budget`), down to
 * `PATH_PARTS_MAX` levels; nulls and paths of more than `PATH_CHARS_MAX` characters are left out.
 * @param valuesMax values that are looked at; the others are not visited.
 */
export function visitValues(
  object: JsonObject,
  valuesMax: number,
  visit: (path: string, kind: ValueKind, value: JsonValue) => void,
): void {
  visitLevel({ visit, left: valuesMax }, object, '', 1);
}

interface Visit {
  visit(path: string, kind: ValueKind, value: JsonValue): void;
  /** Values that may still be looked at. */
  left: number;
}

function visitLevel(state: Visit, object: JsonObject, prefix: string, depth: number): void {
  for (const name in object) {
    if (state.left <= 0) return;
    state.left--;
    const value = object[name] ?? null;
    const kind = valueKindOf(value);
    const path = prefix + name;
    if (kind === null || path.length > PATH_CHARS_MAX) continue;
    state.visit(path, kind, value);
    if (isJsonObject(value) && depth < PATH_PARTS_MAX) visitLevel(state, value, `${path}.`, depth + 1);
  }
}
