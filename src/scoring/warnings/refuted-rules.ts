import type { Condition, RuleDefinition } from '../model-definition.js';
import { type ActiveRule, ruleWarning } from './active-rules.js';
import { readWhere, refuteWhere } from './asked-activity.js';
import { CasesBefore } from './cases-before.js';
import type { ModelWarning } from './model-warning.js';
import { Effort, type ProofContext } from './proof-context.js';
import { refuteCriterion } from './refute-criterion.js';
import { refuteValue } from './refute-value.js';
import { readLiteral } from './value-test.js';

/** Comparisons for one rule: enough for a table of a thousand rows with one value each. */
const RULE_COMPARISONS_MAX = 1_000_000;

/** A proof that a rule gives nothing to anybody. */
interface Refutation {
  /** The path from the rule on. */
  below: string;
  reason: string;
}

/** What is proved about the conditions of a rule. */
export interface RuleProof {
  /** Whether the rule gives nothing to anybody. */
  neverHolds: boolean;
  warnings: ModelWarning[];
}

/**
 * Looks for proofs that a rule can never hold, that it holds for nothing but lists, or that cases or rows in it never
 * count.
 * @param context `lists` is chosen here.
 */
export function proveRule(active: ActiveRule, context: Omit<ProofContext, 'lists'>): RuleProof {
  const effort = new Effort(RULE_COMPARISONS_MAX, context.effort);
  const never = refuteRule(active.rule, { ...context, effort, lists: true });
  if (never !== null) {
    const message = `This rule can never hold: ${never.reason}. Change its conditions, or remove the rule.`;
    return { neverHolds: true, warnings: [ruleWarning('RULE_NEVER_HOLDS', active, never.below, message)] };
  }
  const forSingles = refuteRule(active.rule, { ...context, effort, lists: false });
  const ofLists = forSingles === null ? [] : [warnOfListsOnly(active, forSingles)];
  return { neverHolds: false, warnings: [...ofLists, ...warnOfIdleCases(active, effort)] };
}

function warnOfListsOnly(active: ActiveRule, { below, reason }: Refutation): ModelWarning {
  const message =
    `With a single value this rule never holds: ${reason}. Only a list with several values can meet it. ` +
    'If one of the values is enough, ask for any of them.';
  return ruleWarning('RULE_HOLDS_ONLY_FOR_LISTS', active, below, message);
}

function refuteRule({ action, criteria, table }: RuleDefinition, context: ProofContext): Refutation | null {
  if (action) {
    const reason = refuteWhere(readWhere(action.where ?? []), context);
    return reason === null ? null : { below: 'action.where', reason };
  }
  if (criteria) {
    const reason = refuteCriterion(criteria.when, context);
    return reason === null ? null : { below: 'criteria.when', reason };
  }
  const rows = table?.rows.map(readLiteral) ?? [];
  const domain = { missing: false, lists: context.lists };
  const isIdle = rows.every((row) => refuteValue([row], domain, context.effort));
  return isIdle ? { below: 'table.rows', reason: 'no value meets any of its rows' } : null;
}

/** Cases of `pointsBy` and rows of a table that no value comes to. */
function warnOfIdleCases(active: ActiveRule, effort: Effort): ModelWarning[] {
  const { action, table } = active.rule;
  if (action?.pointsBy) {
    const list = { below: 'action.pointsBy.cases', noun: 'case', missing: true, isFirst: true };
    return warnOfCovered(active, action.pointsBy.cases, list, effort);
  }
  if (!table) return [];
  const list = { below: 'table.rows', noun: 'row', missing: false, isFirst: table.match === 'FIRST' };
  return warnOfCovered(active, table.rows, list, effort);
}

/** A list of conditions that are asked in their order. */
interface CaseList {
  /** The path from the rule on. */
  below: string;
  /** What one of them is called. */
  noun: string;
  /** Whether the value that is looked at may be missing. */
  missing: boolean;
  /** Whether only the first that holds counts. */
  isFirst: boolean;
}

function warnOfCovered(
  active: ActiveRule,
  cases: readonly Condition[],
  { below, noun, missing, isFirst }: CaseList,
  effort: Effort,
): ModelWarning[] {
  const before = new CasesBefore({ missing, lists: true }, effort);
  return cases.flatMap((one, index) => {
    const literal = readLiteral(one);
    const reason = before.whyCovered(literal, noun);
    if (isFirst) before.add(literal);
    if (reason === null) return [];
    const message = `Number ${index + 1} of the ${noun}s never counts: ${reason}. Move it up, change it or remove it.`;
    return [ruleWarning('RULE_NEVER_HOLDS', active, `${below}.${index}`, message)];
  });
}
