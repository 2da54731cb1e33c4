import type { ModelDefinition, RuleDefinition, ScoreSetDefinition } from '../model-definition.js';
import type { ModelWarning, ModelWarningCode } from './model-warning.js';

/** An active rule of an active score set, and where it stands. */
export interface ActiveRule {
  rule: RuleDefinition;
  set: ScoreSetDefinition;
  /** `scoreSets.0.rules.2` */
  path: string;
}

/** The rules that count, in the order of the model. */
export function activeRulesOf({ scoreSets }: ModelDefinition): ActiveRule[] {
  return scoreSets.flatMap((set, s) => {
    const rules = set.rules.map((rule, r) => ({ rule, set, path: `scoreSets.${s}.rules.${r}` }));
    return set.active === false ? [] : rules.filter(({ rule }) => rule.active !== false);
  });
}

/** A warning about a rule. @param below the path from the rule on: `criteria.when`. */
export function ruleWarning(
  code: ModelWarningCode,
  { rule, set, path }: ActiveRule,
  below: string,
  message: string,
  suggestion: string | null = null,
): ModelWarning {
  return {
    code,
    message,
    path: below === '' ? path : `${path}.${below}`,
    ruleKey: rule.key,
    scoreSet: set.key,
    stage: null,
    suggestion,
  };
}
