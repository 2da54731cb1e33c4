import { equalCountBins } from './equal-count-bins.js';
import { expectedRate, type ForecastErrors, forecastErrors } from './forecast-errors.js';
import { type IsotonicStep, isotonicRate, isotonicSteps } from './isotonic-steps.js';
import { kendallTau } from './kendall-tau.js';
import { type PlattFit, plattRate, plattScaling } from './platt-scaling.js';
import { LEADS_MIN, type Proportion, proportion } from './proportion.js';
import {
  leadsOf,
  orderHistogram,
  type ScoreCount,
  type ScoreHistogram,
  totalsOf,
} from './score-histogram.js';

const BINS_MAX = 10;

/** Leads of neighbouring scores. */
export interface CalibrationBin {
  scoreMin: number;
  scoreMax: number;
  /** Converted of leads. */
  observed: Proportion;
  /** Mean rate that the logistic map expects of these leads. */
  logisticRate: number;
  /** Mean rate that the monotone map expects of these leads. */
  isotonicRate: number;
}

/** What scores mean as rates, and how well. */
export interface Calibration {
  /** Scores ascending. */
  bins: CalibrationBin[];
  /** The monotone map from score to rate. */
  steps: IsotonicStep[];
  /** The logistic map from score to rate. */
  logistic: PlattFit;
  isotonicErrors: ForecastErrors;
  logisticErrors: ForecastErrors;
  /** Of the neighbouring bins, the share where the higher one converted better; null with a single bin. */
  risingShare: number | null;
  /** Kendall's tau-b of score and conversion; null when all leads have one score or one outcome. */
  tau: number | null;
}

/**
 * Points are not a probability; this says which rate each score has stood for. Two maps are fitted: the isotonic one follows
 * any rising curve and with few leads follows chance as well, the logistic one is smooth and may be too stiff. The errors are
 * those on the leads fitted, so a little flattering, more so for the isotonic map.
 * @param binsMax at most so many bins of about equal counts, and no more than leave each LEADS_MIN leads on average.
 * @returns null without leads.
 */
export function calibration(histogram: ScoreHistogram, binsMax = BINS_MAX): Calibration | null {
  const cells = orderHistogram(histogram);
  if (cells.length === 0) return null;
  const steps = isotonicSteps(cells);
  const logistic = plattScaling(cells);
  const byIsotonic = (score: number) => isotonicRate(steps, score);
  const byLogistic = (score: number) => plattRate(logistic, score);
  const groups = equalCountBins(cells, binCount(cells, binsMax));
  const bins = groups.map((group) => binOf(group, byLogistic, byIsotonic));
  return {
    bins,
    steps,
    logistic,
    isotonicErrors: forecastErrors(groups, byIsotonic),
    logisticErrors: forecastErrors(groups, byLogistic),
    risingShare: risingShare(bins),
    tau: kendallTau(cells),
  };
}

function binCount(cells: readonly ScoreCount[], binsMax: number): number {
  const leads = cells.reduce((sum, cell) => sum + leadsOf(cell), 0);
  return Math.max(1, Math.min(binsMax, Math.floor(leads / LEADS_MIN)));
}

function binOf(
  group: readonly ScoreCount[],
  byLogistic: (score: number) => number,
  byIsotonic: (score: number) => number,
): CalibrationBin {
  const { positives, negatives } = totalsOf(group);
  return {
    scoreMin: group[0]?.score ?? Number.NaN,
    scoreMax: group.at(-1)?.score ?? Number.NaN,
    observed: proportion(positives, positives + negatives),
    logisticRate: expectedRate(group, byLogistic),
    isotonicRate: expectedRate(group, byIsotonic),
  };
}

function risingShare(bins: readonly CalibrationBin[]): number | null {
  if (bins.length < 2) return null;
  const rates = bins.map(({ observed }) => observed.rate ?? Number.NaN);
  const rising = rates.filter((rate, i) => i > 0 && rate > (rates[i - 1] ?? Number.NaN));
  return rising.length / (rates.length - 1);
}
