import { diffFields, diffKeyed, diffOrder, jsonObjectOf } from './diff-fields.js';
import type { JsonValue } from './json-value.js';
import type { ModelDefinition, RuleDefinition, ScoreSetDefinition } from './model-definition.js';
import { normalizeModel } from './normalize-model.js';

/** What differs between two definitions. Equal ones give empty lists (`isEmptyDiff`). */
export interface ModelDiff {
  /** Key, name, bounds, dimensions, decay, recency, passive action types, stages and the order of the score sets. */
  settings: FieldChange[];
  scoreSets: ScoreSetDiff[];
  rules: RuleDiff[];
}

/** One value that differs. */
export interface FieldChange {
  /** Inside the thing that changed: `action.points`, `table.rows[2].value`, `dimensions[fit].maxPoints`. */
  path: string;
  /** Null when there was none. */
  before: JsonValue | null;
  /** Null when there is none any more. */
  after: JsonValue | null;
}

/** What can become of a score set. */
export const SCORE_SET_DIFF_KINDS = ['ADDED', 'REMOVED', 'CHANGED'] as const;
export type ScoreSetDiffKind = (typeof SCORE_SET_DIFF_KINDS)[number];

/** A score set that differs. Of its rules only their order counts here, as the field `rules`: a list of keys. */
export interface ScoreSetDiff {
  change: ScoreSetDiffKind;
  key: string;
  /** After the change; before it when the set was removed. */
  name: string | null;
  fields: FieldChange[];
}

/** What can become of a rule. */
export const RULE_DIFF_KINDS = ['ADDED', 'REMOVED', 'CHANGED', 'MOVED'] as const;
export type RuleDiffKind = (typeof RULE_DIFF_KINDS)[number];

/** A rule that differs. Rules are matched by key over the whole model. */
export interface RuleDiff {
  /** MOVED: to another score set; `fields` then says what else is new. */
  change: RuleDiffKind;
  key: string;
  /** After the change; before it when the rule was removed. */
  name: string | null;
  /** Key of its score set after the change; of the one it was in when it was removed. */
  scoreSet: string;
  /** Key of its score set before the change; null when it was added. */
  scoreSetBefore: string | null;
  fields: FieldChange[];
}

/** Whether two definitions were equal. */
export function isEmptyDiff({ settings, scoreSets, rules }: ModelDiff): boolean {
  return settings.length === 0 && scoreSets.length === 0 && rules.length === 0;
}

/**
 * Compares two definitions as they count, defaults filled in. Score sets, dimensions, stages and rules are matched by
 * key. The other way round gives the same differences with `before` and `after` exchanged. Sets and rules come in the
 * order of `after`, those that were removed last.
 * @param before a model without faults
 * @param after a model without faults
 */
export function diffModels(before: ModelDefinition, after: ModelDefinition): ModelDiff {
  const [from, to] = [normalizeModel(before), normalizeModel(after)];
  return { settings: diffSettings(from, to), scoreSets: diffScoreSets(from, to), rules: diffRules(from, to) };
}

function diffSettings(from: ModelDefinition, to: ModelDefinition): FieldChange[] {
  const [before, after] = [from, to].map(({ dimensions, stages, scoreSets, ...rest }) => jsonObjectOf(rest));
  return [
    ...diffFields(before ?? {}, after ?? {}),
    ...diffKeyed(from.dimensions, to.dimensions, 'dimensions'),
    ...diffKeyed(from.stages, to.stages, 'stages'),
    ...diffOrder(from.scoreSets, to.scoreSets, 'scoreSets'),
  ];
}

function diffScoreSets(from: ModelDefinition, to: ModelDefinition): ScoreSetDiff[] {
  return pairByKey(from.scoreSets, to.scoreSets)
    .map(([before, after]) => diffScoreSet(before, after))
    .filter(({ change, fields }) => change !== 'CHANGED' || fields.length > 0);
}

function diffScoreSet(
  before: ScoreSetDefinition | undefined,
  after: ScoreSetDefinition | undefined,
): ScoreSetDiff {
  return {
    change: before === undefined ? 'ADDED' : after === undefined ? 'REMOVED' : 'CHANGED',
    key: (after ?? before)?.key ?? '',
    name: (after ?? before)?.name ?? null,
    fields: [
      ...diffFields(fieldsOf(before), fieldsOf(after)),
      ...diffOrder(before?.rules ?? [], after?.rules ?? [], 'rules'),
    ],
  };
}

function fieldsOf(part: ScoreSetDefinition | RuleDefinition | undefined) {
  if (part === undefined) return {};
  const { key, rules, ...fields } = { rules: [], ...part };
  return jsonObjectOf(fields);
}

interface PlacedRule {
  key: string;
  scoreSet: string;
  rule: RuleDefinition;
}

function placedRules({ scoreSets }: ModelDefinition): PlacedRule[] {
  return scoreSets.flatMap((set) => set.rules.map((rule) => ({ key: rule.key, scoreSet: set.key, rule })));
}

function diffRules(from: ModelDefinition, to: ModelDefinition): RuleDiff[] {
  return pairByKey(placedRules(from), placedRules(to))
    .map(([before, after]) => diffRule(before, after))
    .filter(({ change, fields }) => change !== 'CHANGED' || fields.length > 0);
}

function diffRule(before: PlacedRule | undefined, after: PlacedRule | undefined): RuleDiff {
  const shown = after ?? before;
  return {
    change: ruleChange(before, after),
    key: shown?.key ?? '',
    name: shown?.rule.name ?? null,
    scoreSet: shown?.scoreSet ?? '',
    scoreSetBefore: before?.scoreSet ?? null,
    fields: diffFields(fieldsOf(before?.rule), fieldsOf(after?.rule)),
  };
}

function ruleChange(before: PlacedRule | undefined, after: PlacedRule | undefined): RuleDiffKind {
  if (before === undefined) return 'ADDED';
  if (after === undefined) return 'REMOVED';
  return before.scoreSet === after.scoreSet ? 'CHANGED' : 'MOVED';
}

/** What there is under each key: those after the change in their order, then those that are gone. */
function pairByKey<T extends { key: string }>(
  before: readonly T[],
  after: readonly T[],
): [T | undefined, T | undefined][] {
  const earlier = new Map(before.map((one) => [one.key, one]));
  const kept = new Set(after.map(({ key }) => key));
  return [
    ...after.map((one): [T | undefined, T] => [earlier.get(one.key), one]),
    ...before.filter(({ key }) => !kept.has(key)).map((one): [T, undefined] => [one, undefined]),
  ];
}
