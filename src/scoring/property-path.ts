import { isJsonObject, type JsonObject, type JsonValue } from './json-value.js';

/**
 * The value at a path such as `answers.budget`. At every level a key that itself holds the whole remaining path wins
 * over a descent through its first part. Lists are not descended into.
 * @returns undefined when nothing is there.
 */
export function valueAtPath(object: JsonObject, path: string): JsonValue | undefined {
  let level = object;
  let rest = path;
  for (;;) {
    if (Object.hasOwn(level, rest)) return level[rest];
    const split = splitPath(rest);
    if (split === null || !Object.hasOwn(level, split.head)) return undefined;
    const below = level[split.head];
    if (!isJsonObject(below)) return undefined;
    level = below;
    rest = split.rest;
  }
}

/** The first part of a path and what is left; null when the path has one part only. */
export function splitPath(path: string): { head: string; rest: string } | null {
  const dot = path.indexOf('.');
  return dot < 0 ? null : { head: path.slice(0, dot), rest: path.slice(dot + 1) };
}
