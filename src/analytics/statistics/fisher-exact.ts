/** Tables whose probability differs from the given one by no more than rounding count as just as likely, as in R. */
const TIE_FACTOR = 1 + 1e-7;

/** Successes and trials of one group. */
interface Group {
  numerator: number;
  denominator: number;
}

/**
 * Two-sided p-value of Fisher's exact test for two groups: the share of all tables with the same margins that are no more
 * likely than the one given (the rule of R's fisher.test). Time grows with the smaller margin.
 */
export function fisherExact(a: Group, b: Group): number {
  const successes = a.numerator + b.numerator;
  const first = Math.max(0, successes - b.denominator);
  const last = Math.min(a.denominator, successes);
  const logs = [0];
  for (let k = first; k < last; k++) {
    const up = (successes - k) * (a.denominator - k);
    const down = (k + 1) * (b.denominator - successes + k + 1);
    logs.push((logs.at(-1) ?? 0) + Math.log(up / down));
  }
  return shareAsRare(logs, a.numerator - first);
}

/** @param logs logarithms of the tables' probabilities, all less the same constant. */
function shareAsRare(logs: readonly number[], given: number): number {
  const most = logs.reduce((max, log) => Math.max(max, log), Number.NEGATIVE_INFINITY);
  const weights = logs.map((log) => Math.exp(log - most));
  const bound = (weights[given] ?? 0) * TIE_FACTOR;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return Math.min(1, sum(weights.filter((weight) => weight <= bound)) / sum(weights));
}
