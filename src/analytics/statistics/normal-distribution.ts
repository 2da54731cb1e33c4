const SQRT_2_PI = Math.sqrt(2 * Math.PI);

/** From here on the continued fraction is the quicker and, relative to the tail, the more exact of the two. */
const TAIL_FROM = 2.5;
const FRACTION_TERMS = 80;
const SERIES_TERMS_MAX = 60;
const NEWTON_STEPS_MAX = 60;

/**
 * P(Z > z) of the standard normal distribution, to about 14 digits, in the far tail as well.
 * Series of G. Marsaglia (Journal of Statistical Software 11(4), 2004) near the middle, Laplace's continued fraction
 * (Abramowitz and Stegun 26.2.14) in the tail.
 */
export function normalUpperTail(z: number): number {
  if (z < -TAIL_FROM) return 1 - normalUpperTail(-z);
  return z > TAIL_FROM ? density(z) / tailFraction(z) : 0.5 - density(z) * middleSeries(z);
}

/**
 * The z with P(Z <= z) = `probability`, by Newton's method on the distribution itself.
 * @throws RangeError unless 0 < probability < 1.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) throw new RangeError(`no quantile of ${probability}`);
  if (probability < 0.5) return -upperQuantile(probability);
  return probability === 0.5 ? 0 : upperQuantile(1 - probability);
}

/** The z with P(Z > z) = `tail`, 0 < tail < 0.5. From 0 the steps only rise: the tail is convex there. */
function upperQuantile(tail: number): number {
  let z = 0;
  for (let step = 0; step < NEWTON_STEPS_MAX; step++) {
    const next = z + (normalUpperTail(z) - tail) / density(z);
    if (!(next > z)) break;
    z = next;
  }
  return z;
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / SQRT_2_PI;
}

/** z + z^3/3 + z^5/(3*5) + ... */
function middleSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; k < SERIES_TERMS_MAX && sum + term !== sum; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return sum;
}

/** z + 1/(z + 2/(z + 3/(z + ...))) */
function tailFraction(z: number): number {
  let value = z;
  for (let k = FRACTION_TERMS; k > 0; k--) value = z + k / value;
  return value;
}
