import { isRecorded } from '../../scoring/action-type.js';
import { activeRulesOf } from '../../scoring/warnings/active-rules.js';
import { namesInRule } from '../../scoring/warnings/names-in-rule.js';
import type { ActiveModel } from '../../store/model-registry.js';
import { RuleUses } from '../../store/uses/rule-uses.js';

/** A rule that waits for something that never happened. */
export interface WaitingRule {
  modelId: string;
  modelKey: string;
  ruleKey: string;
  ruleName: string;
  /** What it names and nobody ever recorded: types, or beginnings with a star. */
  actionTypes: string[];
}

/** What the active rules of active models name. */
export function ruleUsesOf(models: readonly ActiveModel[]): RuleUses {
  const rules = models.flatMap(({ definition }) => activeRulesOf(definition));
  return new RuleUses(rules.map(({ rule }) => ({ patterns: actionTypesOf(rule), rules: 1 })));
}

/**
 * The active rules of active models that name action types of which none was recorded, in the order of models and rules.
 * @param recorded every type that was.
 */
export function waitingRules(models: readonly ActiveModel[], recorded: ReadonlySet<string>): WaitingRule[] {
  return models.flatMap(({ modelId, key, definition }) =>
    activeRulesOf(definition).flatMap(({ rule }): WaitingRule[] => {
      const actionTypes = actionTypesOf(rule).filter((type) => !isRecorded(type, recorded));
      if (actionTypes.length === 0) return [];
      return [{ modelId, modelKey: key, ruleKey: rule.key, ruleName: rule.name ?? rule.key, actionTypes }];
    }),
  );
}

function actionTypesOf(rule: Parameters<typeof namesInRule>[0]): string[] {
  return [...new Set(namesInRule(rule).actionTypes.map(({ name }) => name))];
}
