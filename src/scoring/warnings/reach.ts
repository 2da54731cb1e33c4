import type { DimensionDefinition, ModelDefinition } from '../model-definition.js';
import { clamp, wholeTotal } from '../points.js';
import type { ActiveRule } from './active-rules.js';
import { type PointsRange, pointsRangeOf } from './points-range.js';

/** An active rule with what it can give. */
export interface RangedRule extends ActiveRule {
  range: PointsRange;
}

/** Bounds of the total by the rules alone: no total lies beyond them, though not every one between has to occur. */
export interface Reach {
  lowest: number;
  highest: number;
}

/** The dimensions' points are rounded to this, and then weighted. */
const ROUNDING_POINTS = 1e-6;

/** @param isIdle whether a rule is proved to give nothing */
export function rangedRules(
  model: ModelDefinition,
  rules: readonly ActiveRule[],
  isIdle: (active: ActiveRule) => boolean,
): RangedRule[] {
  return rules.map((active) => ({
    ...active,
    range: isIdle(active) ? { positiveMax: 0, takesOff: false } : pointsRangeOf(active.rule, model),
  }));
}

/** The totals that a model can reach by its rules, points given by hand left out. @param model normalised */
export function reachOf(model: ModelDefinition, rules: readonly RangedRule[]): Reach {
  const [minScore, maxScore] = [model.minScore ?? 0, model.maxScore ?? 0];
  const weights = model.dimensions.map(({ weight }) => Math.abs(weight ?? 1));
  const slack = (weights.reduce((sum, weight) => sum + weight, 0) + 1) * ROUNDING_POINTS;
  const raw = model.dimensions
    .map((dimension) => weightedMax(dimension, rules))
    .reduce((sum, points) => sum + points, setsMax(rules, null));
  const resets = rules.map(({ rule }) => rule.action?.setScoreTo ?? minScore);
  // A reset moves the score by its value less what is left then, which is never taken for less than minScore.
  const lift = Math.max(minScore, ...resets) - minScore;
  const highest = clamp(Math.min(maxScore, raw) + lift + slack, minScore, maxScore);
  return { lowest: wholeTotal(minScore), highest: wholeTotal(highest) };
}

function weightedMax(dimension: DimensionDefinition, rules: readonly RangedRule[]): number {
  const weight = dimension.weight ?? 1;
  if (weight === 0) return 0;
  const [min, max] = [dimension.minPoints ?? 0, dimension.maxPoints];
  if (weight > 0) return weight * clamp(setsMax(rules, dimension.key), min, max);
  const own = rules.filter(({ set }) => set.dimension === dimension.key);
  return weight * (own.some(({ range }) => range.takesOff) ? min : clamp(0, min, max));
}

/** The most positive points of all sets of a dimension (null: of none) together. */
function setsMax(rules: readonly RangedRule[], dimension: string | null): number {
  const bySet = new Map<string, number>();
  for (const { rule, set, range } of rules) {
    if ((set.dimension ?? null) !== dimension) continue;
    const points = Math.min(rule.maxPoints ?? Number.POSITIVE_INFINITY, range.positiveMax);
    const sum = (bySet.get(set.key) ?? 0) + points;
    bySet.set(set.key, Math.min(set.maxPoints ?? Number.POSITIVE_INFINITY, sum));
  }
  return [...bySet.values()].reduce((sum, points) => sum + points, 0);
}
