/** Two-sided 95% point of the standard normal distribution. */
export const Z_95 = 1.959963984540054;

/**
 * The fewest leads on which a rate is more than an anecdote. At 30 the 95% interval of a rate of 50% still reaches
 * 17 points to either side, and where nobody converted it still allows 11%; with fewer leads the interval says little more
 * than that the rate is unknown. It is a floor for showing a figure, not for deciding on it: that is what the interval is for.
 */
export const LEADS_MIN = 30;

/** A share of leads, with what is known about the rate behind it. */
export interface Proportion {
  /** Leads that meet the condition. */
  numerator: number;
  /** Leads looked at. */
  denominator: number;
  /** 0 to 1; null when there were no leads. */
  rate: number | null;
  /** Lower end of the 95% interval of the rate, 0 to 1. */
  low: number;
  /** Upper end of the 95% interval of the rate, 0 to 1. */
  high: number;
  /** Whether there were at least LEADS_MIN leads. */
  enough: boolean;
}

/**
 * A share with its 95% Wilson score interval (E. B. Wilson 1927; method 3 of R. G. Newcombe, Statistics in Medicine 17,
 * 1998, 857-872), which holds for few leads and for rates near 0 and 1, where rate +- 1.96 standard errors does not.
 * Without leads the interval is [0, 1].
 * @param numerator 0 to `denominator`.
 * @param denominator 0 or more.
 * @throws RangeError when the counts do not fit each other.
 */
export function proportion(numerator: number, denominator: number): Proportion {
  if (!(numerator >= 0 && numerator <= denominator && Number.isFinite(denominator))) {
    throw new RangeError(`no share: ${numerator} of ${denominator}`);
  }
  const counts = { numerator, denominator, enough: denominator >= LEADS_MIN };
  if (denominator === 0) return { ...counts, rate: null, low: 0, high: 1 };
  const rate = numerator / denominator;
  const z2 = Z_95 ** 2;
  const middle = (numerator + z2 / 2) / (denominator + z2);
  const half = (Z_95 * Math.sqrt(denominator * rate * (1 - rate) + z2 / 4)) / (denominator + z2);
  // At 0 and 1 the bounds are exact; elsewhere rounding may not push them past the rate itself.
  const low = numerator === 0 ? 0 : Math.min(middle - half, rate);
  const high = numerator === denominator ? 1 : Math.max(middle + half, rate);
  return { ...counts, rate, low, high };
}
