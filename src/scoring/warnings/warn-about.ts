import type { ModelDefinition } from '../model-definition.js';
import { analyseModel } from './model-analysis.js';
import { type ModelWarning, type SeenUse, WARNINGS_MAX } from './model-warning.js';
import { warnOfRepeated } from './repeated-rules.js';
import { warnOfSwallowed } from './swallowed-rules.js';
import { UnknownNames } from './unknown-names.js';

/**
 * What in a model is most likely not meant: rules that can never hold, that repeat another or whose points a cap always
 * takes, action types and attributes that no data has, stages that overlap or that no score can reach. Score sets and
 * rules that are switched off are left out.
 * @param definition a model without faults, normalised or not; paths are those of this definition
 * @param seen what the tenant's data has; null when it is not known: nothing is said about unknown names then
 * @returns at most `WARNINGS_MAX`, in the order of the model
 */
export function warnAbout(definition: ModelDefinition, seen: SeenUse | null): ModelWarning[] {
  const { model, rules, proofOf, stageWarnings } = analyseModel(definition);
  const repeated = warnOfRepeated(rules);
  const swallowed = warnOfSwallowed(model, rules);
  const names = seen === null ? null : new UnknownNames(seen);
  const warnings = [...stageWarnings];
  for (const active of rules) {
    if (warnings.length >= WARNINGS_MAX) break;
    const others = [repeated.get(active.path), swallowed.get(active.path)];
    warnings.push(
      ...proofOf(active).warnings,
      ...others.filter((warning) => warning !== undefined),
      ...(names?.warningsOf(active) ?? []),
    );
  }
  return warnings.slice(0, WARNINGS_MAX);
}
