import type { DimensionDefinition, ModelDefinition } from '../model-definition.js';
import { ruleWarning } from './active-rules.js';
import type { ModelWarning } from './model-warning.js';
import type { RangedRule } from './reach.js';

/** What becomes of the points of a rule: why the positive and the negative ones never count; null when they can. */
interface Loss {
  positive: string | null;
  negative: string | null;
}

/** Warns of rules all of whose points a cap, a bound or a weight of 0 always takes, by the path of the rule. */
export function warnOfSwallowed(
  model: ModelDefinition,
  rules: readonly RangedRule[],
): Map<string, ModelWarning> {
  const warnings = new Map<string, ModelWarning>();
  for (const active of rules) {
    const reason = whySwallowed(active, rules, model);
    if (reason === null) continue;
    const message = `The points of this rule never count: ${reason}. Change that, or remove the rule.`;
    warnings.set(active.path, ruleWarning('RULE_SWALLOWED_BY_CAP', active, '', message));
  }
  return warnings;
}

/** A rule that sets the score does something whatever its points. */
function whySwallowed(
  active: RangedRule,
  rules: readonly RangedRule[],
  model: ModelDefinition,
): string | null {
  const { positiveMax, takesOff } = active.range;
  if (typeof active.rule.action?.setScoreTo === 'number') return null;
  const { positive, negative } = lossOf(active, rules, model);
  if (positiveMax > 0 && positive === null) return null;
  if (takesOff && negative === null) return null;
  return (positiveMax > 0 ? positive : null) ?? (takesOff ? negative : null);
}

function lossOf(active: RangedRule, rules: readonly RangedRule[], { dimensions }: ModelDefinition): Loss {
  const capped = cappedAtZero(active);
  const dimension = dimensions.find(({ key }) => key === active.set.dimension);
  if (dimension === undefined) return { positive: capped, negative: null };
  const constant = whyConstant(dimension);
  const [min, max] = [dimension.minPoints ?? 0, dimension.maxPoints];
  const bound = max <= 0 ? `the dimension "${dimension.key}" has a maxPoints of ${max}` : null;
  const isFloor = min >= 0 && !rules.some((other) => givesTo(other, dimension));
  const floor = isFloor
    ? `no rule gives points in the dimension "${dimension.key}", and it never goes below its minPoints of ${min}`
    : null;
  return { positive: capped ?? constant ?? bound, negative: constant ?? floor };
}

function cappedAtZero({ rule, set }: RangedRule): string | null {
  if (rule.maxPoints === 0) return 'its maxPoints is 0';
  return set.maxPoints === 0 ? `the score set "${set.key}" has a maxPoints of 0` : null;
}

/** Why a dimension adds the same to the total whatever its rules give. Its labels count beside the total. */
function whyConstant({ key, weight, minPoints, maxPoints, labels }: DimensionDefinition): string | null {
  if ((minPoints ?? 0) === maxPoints) return `the dimension "${key}" is always ${maxPoints}`;
  const isShown = (labels ?? []).length > 0;
  return weight === 0 && !isShown ? `the dimension "${key}" has a weight of 0 and no labels` : null;
}

function givesTo(active: RangedRule, { key, maxPoints }: DimensionDefinition): boolean {
  return (
    active.set.dimension === key &&
    maxPoints > 0 &&
    active.range.positiveMax > 0 &&
    cappedAtZero(active) === null
  );
}
