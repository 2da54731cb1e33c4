import type { ModelDefinition } from '../model-definition.js';
import { normalizeModel } from '../normalize-model.js';
import { type ActiveRule, activeRulesOf } from './active-rules.js';
import type { ModelWarning } from './model-warning.js';
import { Effort } from './proof-context.js';
import { type RangedRule, rangedRules, reachOf } from './reach.js';
import { proveRule, type RuleProof } from './refuted-rules.js';
import { warnOfStages } from './stage-warnings.js';

/** Comparisons for all proofs about one model: a fraction of a second at most. */
const MODEL_COMPARISONS_MAX = 2_000_000;

/** What can be said of a model from its definition alone. */
export interface ModelAnalysis {
  /** Normalised. */
  model: ModelDefinition;
  /** The rules that count, with what they can give. */
  rules: readonly RangedRule[];
  proofOf: (rule: ActiveRule) => RuleProof;
  stageWarnings: ModelWarning[];
}

/** @param definition a model without faults, normalised or not */
export function analyseModel(definition: ModelDefinition): ModelAnalysis {
  const model = normalizeModel(definition);
  const active = activeRulesOf(model);
  const context = { passive: new Set(model.passiveActionTypes), effort: new Effort(MODEL_COMPARISONS_MAX) };
  const proofs = new Map(active.map((rule) => [rule.path, proveRule(rule, context)]));
  const proofOf = ({ path }: ActiveRule) => proofs.get(path) ?? { neverHolds: false, warnings: [] };
  const rules = rangedRules(model, active, (rule) => proofOf(rule).neverHolds);
  return { model, rules, proofOf, stageWarnings: warnOfStages(model, reachOf(model, rules)) };
}
