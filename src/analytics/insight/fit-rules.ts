import { type AreaUnderCurve, areaUnderCurve } from '../statistics/area-under-curve.js';
import { chooseL2 } from '../statistics/logistic/choose-l2.js';
import {
  type AlikeRows,
  alikeRows,
  packRows,
  sumByRow,
  totalWeight,
  weighKinds,
} from '../statistics/logistic/feature-rows.js';
import { type Coefficient, fitLogistic } from '../statistics/logistic/fit-logistic.js';
import { type PointSuggestions, suggestPoints } from '../statistics/logistic/suggest-points.js';
import type { InsightRow } from './insight-rows.js';

/** One row in five is kept out of a fit and judges it. */
const FOLDS = 5;

/** What is asked of a fit; it can be sent from thread to thread. */
export interface FitAsk {
  rows: InsightRow[];
  /** By index of the rule; what a rule gives when it is met once. */
  currentPoints: number[];
}

/** What a fit found. */
export interface RuleFit {
  /** By index of the rule: how the logit of the chance to convert moves when it is met. */
  coefficients: Coefficient[];
  l2: number;
  /** Null when the points of today have no spread to keep, or the fit has none. */
  suggestions: PointSuggestions | null;
  /** On leads that a fit to the others had not seen; null when they have one outcome. */
  fitted: AreaUnderCurve | null;
  /** The highest totals of the same leads, under today's points. */
  present: AreaUnderCurve | null;
}

/**
 * Fits the rules that leads had met to whether they converted: logistic regression with an L2 penalty chosen by
 * cross-validation. That a rule was met counts, not how often.
 */
export function fitRules({ rows, currentPoints }: FitAsk): RuleFit {
  const packed = packRows(
    rows.map(({ won, rules }) => ({ features: rules, converted: won })),
    null,
    currentPoints.length,
  );
  const { l2 } = chooseL2(packed);
  const alike = alikeRows(packed);
  const fit = fitLogistic(alike.kinds, { l2 });
  return {
    coefficients: fit.coefficients,
    l2,
    suggestions: suggestPoints(fit, currentPoints, alike.kinds),
    ...judge(rows, alike, l2),
  };
}

function judge(
  rows: readonly InsightRow[],
  alike: AlikeRows,
  l2: number,
): Pick<RuleFit, 'fitted' | 'present'> {
  const seen = weighKinds(
    alike,
    Float64Array.from(rows, (_, row) => (isJudge(row) ? 0 : 1)),
  );
  if (totalWeight(seen) === 0) return { fitted: null, present: null };
  const { coefficients } = fitLogistic(seen, { l2 });
  const logits = sumByRow(
    alike.kinds,
    0,
    coefficients.map(({ value }) => value),
  );
  const logitsOfRows = Array.from(alike.kindOf, (kind) => logits[kind] ?? 0);
  // A lead without a total comes before all others.
  const peaks = rows.map(({ peak }) => peak ?? Number.MIN_SAFE_INTEGER);
  const histogramOf = (scores: readonly number[]) =>
    rows.flatMap(({ won }, row) =>
      isJudge(row) ? [{ score: scores[row] ?? 0, positives: won ? 1 : 0, negatives: won ? 0 : 1 }] : [],
    );
  return {
    fitted: areaUnderCurve(histogramOf(logitsOfRows)),
    present: areaUnderCurve(histogramOf(peaks)),
  };
}

function isJudge(row: number): boolean {
  return row % FOLDS === 0;
}
