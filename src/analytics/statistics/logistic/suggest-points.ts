import { type FeatureRows, sumByRow, totalWeight } from './feature-rows.js';
import { isUncertain, type LogisticFit } from './fit-logistic.js';

/** A spread of so small a share of the largest value is what rounding leaves of none. */
const ROUNDING_SHARE = 1e-9;

/** What a rule might be worth. */
export interface PointSuggestion {
  currentPoints: number;
  suggestedPoints: number;
  /** Whether the data leave open if the rule speaks for or against conversion: the 95% interval of its coefficient holds 0. */
  uncertain: boolean;
}

/** Points for every rule, on the scale of the present ones. */
export interface PointSuggestions {
  /** Points for one unit of the logit: ten points mean odds to convert e^(10 / pointsPerLogit) times as high. */
  pointsPerLogit: number;
  /** By index of the feature. */
  suggestions: PointSuggestion[];
}

/**
 * Turns coefficients into points. Both add up over what a lead has, so coefficients are points already, but for the scale: any
 * factor leaves the order of the leads, and with it the area under the curve, as it is. The factor taken is the one with
 * which the sum of the suggested points, before rounding, spreads over the leads as the sum of the present ones does (their
 * weighted standard deviations agree); stages and alerts set on the present scale then keep meaning about the same. The intercept
 * falls away: it shifts all leads alike.
 *
 * Uncertain coefficients are not set to 0, since that would throw away the little that is known. The penalty of the fit has drawn
 * them towards 0 already, the more the less the data say, and the mark tells the reader. A coefficient that is certain keeps
 * its sign: where rounding would leave nothing, it gets one step.
 *
 * Caps, repeats, decay and other things that are not a sum of points are not looked at.
 * @param rows the leads fitted.
 * @param currentPoints by index of the feature.
 * @param options stepPoints: suggestions are multiples of it; 1 by default, above 0.
 * @throws RangeError when points and coefficients differ in number, or stepPoints is not above 0.
 * @returns null when there is no scale: the present points, or the coefficients, are the same sum for every lead.
 */
export function suggestPoints(
  fit: LogisticFit,
  currentPoints: readonly number[],
  rows: FeatureRows,
  { stepPoints = 1 }: { stepPoints?: number } = {},
): PointSuggestions | null {
  if (currentPoints.length !== fit.coefficients.length || !(stepPoints > 0)) {
    throw new RangeError(`${currentPoints.length} points for ${fit.coefficients.length} coefficients`);
  }
  const values = fit.coefficients.map(({ value }) => value);
  const present = spreadOf(rows, currentPoints);
  const logits = spreadOf(rows, values);
  if (present === 0 || logits === 0) return null;
  const pointsPerLogit = present / logits;
  const suggestions = fit.coefficients.map((coefficient, i) => {
    const uncertain = isUncertain(coefficient);
    const steps = wholeSteps((coefficient.value * pointsPerLogit) / stepPoints, !uncertain);
    return { currentPoints: currentPoints[i] ?? 0, suggestedPoints: steps * stepPoints, uncertain };
  });
  return { pointsPerLogit, suggestions };
}

/** Rounded half away from 0, so that points against mirror points for. */
function wholeSteps(steps: number, keepSign: boolean): number {
  const size = Math.round(Math.abs(steps));
  return Math.sign(steps) * (keepSign ? Math.max(1, size) : size) + 0;
}

/** Weighted standard deviation over the rows of the sum of values by feature. */
function spreadOf(rows: FeatureRows, values: readonly number[]): number {
  const sums = sumByRow(rows, 0, values);
  const weight = totalWeight(rows);
  const mean = sums.reduce((sum, value, row) => sum + value * (rows.weights[row] ?? 0), 0) / weight;
  const squares = sums.reduce((sum, value, row) => sum + (value - mean) ** 2 * (rows.weights[row] ?? 0), 0);
  const spread = Math.sqrt(squares / weight);
  const largest = Math.max(...values.map(Math.abs));
  return spread > largest * ROUNDING_SHARE ? spread : 0;
}
