import { leadsOf, type ScoreCount, totalsOf } from './score-histogram.js';

/** A rate of exactly 0 or 1 that turns out wrong costs 34.5 nats and not infinity. */
const RATE_MIN = 1e-15;

/** How far expected rates were from what came; 0 is perfect in each. */
export interface ForecastErrors {
  /** Mean squared distance between expected rate and outcome (G. W. Brier 1950). Always expecting the overall rate p scores p(1 - p). */
  brierScore: number;
  /** Mean log loss in nats. */
  logLoss: number;
  /**
   * Mean distance between the expected and the observed rate of the bins, weighted by leads (M. P. Naeini and others,
   * AAAI 2015).
   */
  expectedCalibrationError: number;
}

/**
 * @param bins cells by bin, at least one lead in all.
 * @param rateAt the rate expected at a score, 0 to 1.
 */
export function forecastErrors(
  bins: readonly (readonly ScoreCount[])[],
  rateAt: (score: number) => number,
): ForecastErrors {
  let [leads, squares, logs, distances] = [0, 0, 0, 0];
  for (const bin of bins) {
    let surplus = 0;
    for (const cell of bin) {
      const rate = rateAt(cell.score);
      squares += cell.positives * (1 - rate) ** 2 + cell.negatives * rate ** 2;
      logs += cell.positives * logOf(rate) + cell.negatives * logOf(1 - rate);
      surplus += leadsOf(cell) * rate - cell.positives;
      leads += leadsOf(cell);
    }
    distances += Math.abs(surplus);
  }
  return {
    brierScore: squares / leads,
    logLoss: logs === 0 ? 0 : -logs / leads,
    expectedCalibrationError: distances / leads,
  };
}

/** The mean expected rate of a bin's leads. */
export function expectedRate(bin: readonly ScoreCount[], rateAt: (score: number) => number): number {
  const { positives, negatives } = totalsOf(bin);
  return bin.reduce((sum, cell) => sum + leadsOf(cell) * rateAt(cell.score), 0) / (positives + negatives);
}

function logOf(rate: number): number {
  return Math.log(Math.max(RATE_MIN, rate));
}
