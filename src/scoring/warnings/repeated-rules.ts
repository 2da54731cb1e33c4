import type {
  ActionRuleDefinition,
  ActivityCondition,
  Criterion,
  PropertyCondition,
  RuleDefinition,
  TableRuleDefinition,
} from '../model-definition.js';
import { type ActiveRule, ruleWarning } from './active-rules.js';
import type { ModelWarning } from './model-warning.js';
import { literalIdentity, readLiteral } from './value-test.js';

/** Warns of every rule that has the condition of one before it, by the path of the rule. */
export function warnOfRepeated(rules: readonly ActiveRule[]): Map<string, ModelWarning> {
  const first = new Map<string, ActiveRule>();
  const warnings = new Map<string, ModelWarning>();
  for (const active of rules) {
    const identity = conditionIdentity(active.rule);
    const earlier = first.get(identity);
    if (earlier === undefined) first.set(identity, active);
    else warnings.set(active.path, repeats(active, earlier));
  }
  return warnings;
}

function repeats(active: ActiveRule, { rule, set }: ActiveRule): ModelWarning {
  const message =
    `This rule has the same condition as "${rule.key}" in score set "${set.key}": whoever meets one meets both. ` +
    'Put the points together in one rule, or change one of them.';
  return ruleWarning('RULE_REPEATS_ANOTHER', active, '', message, rule.key);
}

/** The same text for rules that count on the same occasions, whatever their points. @param rule normalised */
function conditionIdentity({ action, criteria, table }: RuleDefinition): string {
  if (action) return JSON.stringify(['action', ...actionIdentity(action)]);
  if (criteria) return JSON.stringify(['criteria', render(shapeOf(criteria.when, true))]);
  return JSON.stringify(['table', ...(table ? tableIdentity(table) : [])]);
}

/** When the same action is to be worth something else by its limit, its repeats or its end, the rules differ. */
function actionIdentity(action: ActionRuleDefinition): unknown[] {
  const { actionType, where, pointsBy, repeat, limit, decays, recency, expiresAfterDays, setScoreTo } =
    action;
  return [
    actionType,
    whereIdentity(where ?? []),
    pointsBy ? [pointsBy.property, pointsBy.cases.map((one) => literalIdentity(readLiteral(one)))] : null,
    repeat ?? null,
    limit ?? null,
    decays ?? null,
    recency ?? null,
    expiresAfterDays ?? null,
    typeof setScoreTo === 'number',
  ];
}

function whereIdentity(where: readonly PropertyCondition[]): string[] {
  return sortedSet(where.map((one) => JSON.stringify([one.property, literalIdentity(readLiteral(one))])));
}

function tableIdentity({ attribute, match, rows }: TableRuleDefinition): unknown[] {
  const identities = rows.map((row) => literalIdentity(readLiteral(row)));
  return [attribute, match, match === 'FIRST' ? identities : identities.sort()];
}

/** A criterion without its `not`s: they have gone down into the leaves. */
type Shape = { kind: 'all' | 'any'; parts: Shape[] } | { kind: 'leaf'; text: string };

function shapeOf(criterion: Criterion, holds: boolean): Shape {
  const { all, any, not } = criterion;
  if (not) return shapeOf(not, !holds);
  if (!all && !any) return { kind: 'leaf', text: leafIdentity(criterion, holds) };
  const kind = Boolean(all) === holds ? 'all' : 'any';
  const parts = (all ?? any ?? [])
    .map((part) => shapeOf(part, holds))
    .flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

function render(shape: Shape): string {
  if (shape.kind === 'leaf') return shape.text;
  const parts = sortedSet(shape.parts.map(render));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : JSON.stringify([shape.kind, ...parts]);
}

function leafIdentity({ attribute, activity, inactivity, list }: Criterion, holds: boolean): string {
  if (attribute) {
    const literal = readLiteral(attribute);
    const identity = literalIdentity({ test: literal.test, holds: literal.holds === holds });
    return JSON.stringify(['attribute', attribute.attribute, identity]);
  }
  if (activity) return JSON.stringify(['activity', holds, ...activityIdentity(activity)]);
  if (inactivity) return JSON.stringify(['inactivity', holds, inactivity.days]);
  return JSON.stringify(['list', holds, list?.key]);
}

function activityIdentity({ actionType, where, atLeast, withinDays }: ActivityCondition): unknown[] {
  return [actionType, whereIdentity(where ?? []), atLeast ?? 1, withinDays ?? null];
}

function sortedSet(texts: string[]): string[] {
  return [...new Set(texts)].sort();
}
