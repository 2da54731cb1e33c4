import { normalQuantile } from './normal-distribution.js';

/** What a comparison of two rates is to find out. */
export interface LeadsNeededOptions {
  /** Rate of the arm compared with, strictly between 0 and 1. */
  baseRate: number;
  /** Rate of the other arm over the base rate: 1.2 is a fifth more, 0.8 a fifth less. */
  liftToDetect: number;
  /** How likely the lift, when real, is to be found; 0.8 by default. */
  power?: number;
  /** How likely a lift is to be claimed where there is none, two-sided; 0.05 by default. */
  significance?: number;
}

/**
 * The fewest leads in each of two equal arms for which the two-proportion z test finds the lift (J. L. Fleiss, Statistical
 * Methods for Rates and Proportions, 1981, formula 3.14, without continuity correction; R's power.prop.test).
 * Null when no number of leads will do: a lift of 1, or one that takes the rate to 0, to 1 or beyond.
 * @throws RangeError when a rate, power or significance is not strictly between 0 and 1.
 */
export function leadsNeeded(options: LeadsNeededOptions): number | null {
  const { baseRate, liftToDetect, power = 0.8, significance = 0.05 } = options;
  for (const share of [baseRate, power, significance]) {
    if (!(share > 0 && share < 1)) throw new RangeError(`not between 0 and 1: ${share}`);
  }
  const rate = baseRate * liftToDetect;
  if (!(rate > 0 && rate < 1) || rate === baseRate) return null;
  const mean = (baseRate + rate) / 2;
  const underEqualRates = normalQuantile(1 - significance / 2) * Math.sqrt(2 * mean * (1 - mean));
  const underTheLift = normalQuantile(power) * Math.sqrt(baseRate * (1 - baseRate) + rate * (1 - rate));
  return Math.ceil(((underEqualRates + underTheLift) / (rate - baseRate)) ** 2);
}
