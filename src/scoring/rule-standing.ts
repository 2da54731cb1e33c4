import type { CompiledActionRule, CompiledModel, CompiledRule } from './compile-model.js';
import { countAwards } from './counting-awards.js';
import { ruleSums } from './frame.js';
import { layOutState } from './lay-out-state.js';
import { roundPoints } from './points.js';
import type { ScoreState } from './score-state.js';

/** How one contact stands on one rule that it holds. */
export interface RuleStanding {
  /** Index among the model's active rules. */
  ordinal: number;
  /** Awards that still count; 0 for criteria, tables and resets. */
  awards: number;
  /** Points of the rule, or of its reset, as an explanation has them: times the weight, before any cap. */
  points: number;
  /** The latest of the awards, or the reset, ms since 1970; null where there is none. */
  lastAwardAtMs: number | null;
}

/**
 * The rules that a contact holds at `atMs`: action rules by awards that have not expired, or by the reset in force;
 * criteria while they hold; tables that give or take points.
 * @param atMs ms since 1970, not before the last entry folded
 * @param visit told of each rule once
 */
export function visitRuleStandings(
  model: CompiledModel,
  state: ScoreState,
  atMs: number,
  visit: (standing: RuleStanding) => void,
): void {
  layOutState(model, state, atMs, model.frame);
  visitActionRules(model, state, atMs, visit);
  for (const rule of model.criteriaRules) {
    if (rule.holds(state, atMs)) visit(standing(model, rule, rule.points));
  }
  for (const rule of model.tableRules) {
    const points = rule.pointsOf(state);
    if (points !== 0) visit(standing(model, rule, points));
  }
}

function visitActionRules(
  model: CompiledModel,
  { rules, reset }: ScoreState,
  atMs: number,
  visit: (standing: RuleStanding) => void,
): void {
  for (let index = 0; index < rules.length; index++) {
    const held = rules[index];
    if (held === undefined) continue;
    const rule = model.actionRules[index] as CompiledActionRule;
    const { awards, lastAtMs } = countAwards(rule, held, atMs);
    if (awards === 0) continue;
    const { positive, negative } = ruleSums(model.frame, rule.ordinal);
    visit({ ...standing(model, rule, positive + negative), awards, lastAwardAtMs: lastAtMs });
  }
  const resetBy = reset === null ? undefined : model.actionRules[reset.rule];
  if (reset === null || resetBy === undefined) return;
  // It holds no awards: each of its matches is a reset, which drops them.
  const points = roundPoints(reset.offset);
  visit({ ordinal: resetBy.ordinal, awards: 0, points, lastAwardAtMs: reset.atMs });
}

function standing(model: CompiledModel, { ordinal, set }: CompiledRule, points: number): RuleStanding {
  const axis = model.axes[model.sets[set]?.dimension ?? -1];
  return { ordinal, awards: 0, points: roundPoints((axis?.weight ?? 1) * points), lastAwardAtMs: null };
}
