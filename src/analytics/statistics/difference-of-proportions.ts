import { fisherExact } from './fisher-exact.js';
import { normalUpperTail } from './normal-distribution.js';
import type { Proportion } from './proportion.js';

/** Below this many expected leads in a cell of the two-by-two table the normal approximation is left (W. G. Cochran 1954). */
const EXPECTED_MIN = 5;

/** How much higher one rate is than another, in shares: 0.03 is three percentage points. */
export interface RateDifference {
  /** Rate of a less rate of b, -1 to 1; null when one of them had no leads. */
  difference: number | null;
  /** Lower end of the 95% interval, -1 to 1. */
  low: number;
  /** Upper end of the 95% interval, -1 to 1. */
  high: number;
  /** How likely at least so large a difference is between equal rates, two-sided; null when the difference is. */
  pValue: number | null;
  /** Whether both rates rest on enough leads. */
  enough: boolean;
}

/**
 * a - b with Newcombe's hybrid score interval (R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890, method 10), made of
 * the two Wilson intervals. The p-value is that of the pooled two-proportion z test or, where fewer than 5 leads are expected
 * in a cell, of Fisher's exact test; at the edge of 0.05 it may therefore disagree with the interval.
 */
export function differenceOfProportions(a: Proportion, b: Proportion): RateDifference {
  const enough = a.enough && b.enough;
  if (a.rate === null || b.rate === null) return { difference: null, low: -1, high: 1, pValue: null, enough };
  const difference = a.rate - b.rate;
  const low = difference - Math.hypot(a.rate - a.low, b.high - b.rate);
  const high = difference + Math.hypot(a.high - a.rate, b.rate - b.low);
  return { difference, low: Math.max(-1, low), high: Math.min(1, high), pValue: pValueOf(a, b), enough };
}

function pValueOf(a: Proportion, b: Proportion): number {
  const leads = a.denominator + b.denominator;
  const pooled = (a.numerator + b.numerator) / leads;
  const expectedMin = Math.min(a.denominator, b.denominator) * Math.min(pooled, 1 - pooled);
  if (expectedMin < EXPECTED_MIN) return fisherExact(a, b);
  const variance = pooled * (1 - pooled) * (1 / a.denominator + 1 / b.denominator);
  const difference = a.numerator / a.denominator - b.numerator / b.denominator;
  return Math.min(1, 2 * normalUpperTail(Math.abs(difference) / Math.sqrt(variance)));
}
