import { type Proportion, Z_95 } from './proportion.js';

/** The search for a bound runs over ratios from e^-50 to e^50, further than any counts can reach. */
const LOG_RATIO_MAX = 50;
/** Halves the range down to the last digits of a double. */
const BISECTIONS = 64;

/** How many times as high one rate is as another. */
export interface Lift {
  /** Rate of a over rate of b; null when one of them had no leads, or nobody in b converted. */
  ratio: number | null;
  /** Lower end of the 95% interval, 0 or more. */
  low: number;
  /** Upper end of the 95% interval; null when the data set no upper bound. */
  high: number | null;
  /** Whether both rates rest on enough leads. */
  enough: boolean;
}

/**
 * Rate ratio a : b with Koopman's asymptotic score interval (P. A. R. Koopman, Biometrics 40, 1984, 513-517). Unlike Katz's
 * log interval it holds for small counts and needs no added halves where nobody, or everybody, converted: no conversions in a
 * give low = 0, none in b give high = null, and what can be said of the other end is still said.
 */
export function lift(a: Proportion, b: Proportion): Lift {
  const enough = a.enough && b.enough;
  if (a.rate === null || b.rate === null) return { ratio: null, low: 0, high: null, enough };
  return {
    ratio: b.numerator === 0 ? null : a.rate / b.rate,
    low: a.numerator === 0 ? 0 : ratioWithScore(a, b, Z_95),
    high: b.numerator === 0 ? null : ratioWithScore(a, b, -Z_95),
    enough,
  };
}

/** The ratio at which the score statistic, which falls as the ratio rises, passes `z`. */
function ratioWithScore(a: Proportion, b: Proportion, z: number): number {
  let low = -LOG_RATIO_MAX;
  let high = LOG_RATIO_MAX;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (scoreAt(a, b, Math.exp(middle)) > z) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** Standard normal deviate of the data if the rate of a were `ratio` times the rate of b. */
function scoreAt(a: Proportion, b: Proportion, ratio: number): number {
  const rateB = likeliestRate(a, b, ratio);
  const rateA = Math.min(1, ratio * rateB);
  const variance = (rateA * (1 - rateA)) / a.denominator + (ratio ** 2 * rateB * (1 - rateB)) / b.denominator;
  const distance = a.numerator / a.denominator - (ratio * b.numerator) / b.denominator;
  return distance === 0 ? 0 : distance / Math.sqrt(variance);
}

/**
 * The likeliest rate of b, given that the rate of a is `ratio` times as high: the smaller root of the quadratic of
 * O. S. Miettinen and M. Nurminen (Statistics in Medicine 4, 1985, 213-226).
 */
function likeliestRate(a: Proportion, b: Proportion, ratio: number): number {
  const converted = a.numerator + b.numerator;
  const square = ratio * (a.denominator + b.denominator);
  const linear = ratio * (a.denominator + b.numerator) + a.numerator + b.denominator;
  const root = Math.sqrt(Math.max(0, linear ** 2 - 4 * square * converted));
  // The stable form of (linear - root) / (2 x square): it loses no digits when the ratio is tiny.
  return Math.min(1, (2 * converted) / (linear + root));
}
