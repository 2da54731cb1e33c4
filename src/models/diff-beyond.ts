import { isDeepStrictEqual } from 'node:util';
import type { FieldChange, ModelDiff } from '../scoring/diff-model.js';

/**
 * What of a diff is not in another: fields are the same when their values before and after are.
 * @param actual what differs.
 * @param intended what was meant to differ.
 */
export function diffBeyond(actual: ModelDiff, intended: ModelDiff): ModelDiff {
  return {
    settings: fieldsBeyond(actual.settings, intended.settings),
    scoreSets: partsBeyond(actual.scoreSets, intended.scoreSets),
    rules: partsBeyond(actual.rules, intended.rules),
  };
}

function partsBeyond<T extends { change: string; key: string; fields: FieldChange[] }>(
  actual: readonly T[],
  intended: readonly T[],
): T[] {
  const meant = new Map(intended.map((part) => [part.key, part]));
  return actual.flatMap((part) => {
    const same = meant.get(part.key);
    if (same?.change !== part.change) return [part];
    const fields = fieldsBeyond(part.fields, same.fields);
    return fields.length > 0 ? [{ ...part, fields }] : [];
  });
}

function fieldsBeyond(actual: readonly FieldChange[], intended: readonly FieldChange[]): FieldChange[] {
  const meant = new Map(intended.map((field) => [field.path, field]));
  return actual.filter((field) => !isDeepStrictEqual(field, meant.get(field.path)));
}
