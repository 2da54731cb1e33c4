import type { FieldChange } from './diff-model.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.js';

/** A part of a normalised definition as plain JSON. */
export function jsonObjectOf(part: object): JsonObject {
  return JSON.parse(JSON.stringify(part));
}

/**
 * What differs between two objects, value by value: objects are descended into, and lists of objects entry by entry; a
 * list of anything else counts as one value. A part that only one side has is spelt out when it stands directly in the
 * object, and given whole below that.
 */
export function diffFields(before: JsonObject, after: JsonObject): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const key of keysOf(before, after)) {
    const [from, to] = [before[key], after[key]];
    if (isJsonObject(from ?? {}) && isJsonObject(to ?? {})) {
      collectObject((from ?? {}) as JsonObject, (to ?? {}) as JsonObject, key, changes);
    } else collect(from, to, key, changes);
  }
  return changes;
}

/**
 * What differs between two lists of parts that are matched by key: those that came, went or changed, and the keys in
 * their order when parts that stayed changed places.
 * @param path of the list; a part is `path[key]`
 */
export function diffKeyed<T extends { key: string }>(
  before: readonly T[],
  after: readonly T[],
  path: string,
): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const key of new Set([...after, ...before].map((part) => part.key))) {
    const [from, to] = [before, after].map((parts) => {
      const part = parts.find((one) => one.key === key);
      return part && jsonObjectOf(part);
    });
    collect(from, to, `${path}[${key}]`, changes);
  }
  return [...changes, ...diffOrder(before, after, path)];
}

/** The keys of both lists when those they share are not in the same order, nothing otherwise. */
export function diffOrder(
  before: readonly { key: string }[],
  after: readonly { key: string }[],
  path: string,
): FieldChange[] {
  const [from, to] = [before.map(({ key }) => key), after.map(({ key }) => key)];
  const [earlier, later] = [new Set(from), new Set(to)];
  const shared = to.filter((key) => earlier.has(key));
  const isSame = from.filter((key) => later.has(key)).every((key, index) => key === shared[index]);
  return isSame ? [] : [{ path, before: from, after: to }];
}

function collect(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
  changes: FieldChange[],
): void {
  if (isSame(before, after)) return;
  if (isJsonObject(before) && isJsonObject(after) && Object.keys(after).some((key) => key in before)) {
    collectObject(before, after, path, changes);
  } else if (isListOfObjects(before) && isListOfObjects(after)) collectList(before, after, path, changes);
  else changes.push({ path, before: before ?? null, after: after ?? null });
}

function collectObject(before: JsonObject, after: JsonObject, path: string, changes: FieldChange[]): void {
  for (const key of keysOf(before, after)) collect(before[key], after[key], `${path}.${key}`, changes);
}

/** Entries between the first and the last that differ are compared in pairs; what one side has more came or went. */
function collectList(before: JsonObject[], after: JsonObject[], path: string, changes: FieldChange[]): void {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSame(before[start], after[start])) start++;
  let same = 0;
  while (same < shorter - start && isSame(before.at(-1 - same), after.at(-1 - same))) same++;
  const [from, to] = [before.slice(start, before.length - same), after.slice(start, after.length - same)];
  for (let i = 0; i < Math.max(from.length, to.length); i++) {
    collect(from[i], to[i], `${path}[${start + i}]`, changes);
  }
}

function isListOfObjects(value: JsonValue | undefined): value is JsonObject[] {
  return Array.isArray(value) && value.every(isJsonObject);
}

/** Normalised parts have their keys in the same order, so their texts can be compared. */
function isSame(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

function keysOf(before: JsonObject, after: JsonObject): Set<string> {
  return new Set([...Object.keys(after), ...Object.keys(before)]);
}
