import { isDeepStrictEqual } from 'node:util';
import type { ModelChange, ModelSettings } from '../scoring/model-change.js';
import type { ModelDefinition, ScoreSetDefinition } from '../scoring/model-definition.js';
import { normalizeModel } from '../scoring/normalize-model.js';

/**
 * Changes that make one definition the other, but for its key; none when they are equal. Only the sets that differ are put
 * anew, so that what others do to the rest meanwhile can be kept.
 * @param before, after models without faults.
 */
export function changesBetween(before: ModelDefinition, after: ModelDefinition): ModelChange[] {
  const [from, to] = [normalizeModel(before), normalizeModel(after)];
  const settings = settingsBetween(from, to);
  const changes: ModelChange[] = Object.keys(settings).length > 0 ? [{ settings }] : [];
  return [...changes, ...setsBetween(from.scoreSets, to.scoreSets)];
}

function settingsBetween(before: ModelDefinition, after: ModelDefinition): ModelSettings {
  const { key: _key, scoreSets: _scoreSets, ...settings } = after;
  const wanted: ModelSettings = {
    ...settings,
    description: after.description ?? null,
    decay: after.decay ?? null,
  };
  const differing = Object.entries(wanted).filter(
    ([name, value]) => !isDeepStrictEqual(value, before[name as keyof ModelSettings] ?? null),
  );
  return Object.fromEntries(differing);
}

function setsBetween(
  before: readonly ScoreSetDefinition[],
  after: readonly ScoreSetDefinition[],
): ModelChange[] {
  if (!canStay(before, after)) {
    return [
      ...before.map(({ key }): ModelChange => ({ removeScoreSet: key })),
      ...after.map((set): ModelChange => ({ putScoreSet: set })),
    ];
  }
  const former = new Map(before.map((set) => [set.key, set]));
  const kept = new Set(after.map(({ key }) => key));
  return [
    ...before.filter(({ key }) => !kept.has(key)).map(({ key }): ModelChange => ({ removeScoreSet: key })),
    ...after
      .filter((set) => !isDeepStrictEqual(set, former.get(set.key)))
      .map((set): ModelChange => ({ putScoreSet: set })),
  ];
}

/**
 * Whether sets can be put one by one where they stand: those that are in both come first and in the same order, and no rule
 * goes from one set to another (a set cannot be put with a rule that another still has).
 */
function canStay(before: readonly ScoreSetDefinition[], after: readonly ScoreSetDefinition[]): boolean {
  const wanted = new Set(after.map(({ key }) => key));
  const staying = before.filter(({ key }) => wanted.has(key)).map(({ key }) => key);
  if (staying.some((key, index) => after[index]?.key !== key)) return false;
  const owners = new Map(before.flatMap(({ key, rules }) => rules.map((rule) => [rule.key, key] as const)));
  return after.every(({ key, rules }) =>
    rules.every((rule) => {
      const owner = owners.get(rule.key) ?? key;
      return owner === key || !wanted.has(owner);
    }),
  );
}
