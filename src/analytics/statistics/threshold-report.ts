import { type Proportion, proportion } from './proportion.js';
import {
  leadsOf,
  orderHistogram,
  type ScoreCount,
  type ScoreHistogram,
  totalsOf,
} from './score-histogram.js';

/** One for each whole score from 0 to 1,000. */
export const CUT_OFFS_MAX = 1001;

/** What the leads were gathered over, and what they bring and cost. */
export interface ThresholdOptions {
  /** Length of the period in which the leads came, in months; above 0. */
  months: number;
  /** Worth of a conversion, in any currency. */
  valuePerConversion: number;
  /** Cost of working a lead at or above the cut-off, in the same currency. */
  costPerLead: number;
}

/** What would come of working the leads at or above one score. */
export interface Threshold {
  /** Leads with this score or more are worked. */
  cutOff: number;
  leads: number;
  converted: number;
  /** Converted at or above, of leads at or above. */
  precision: Proportion;
  /** Converted at or above, of all converted. */
  recall: Proportion;
  /** Harmonic mean of precision and recall, 0 to 1; 0 when nobody at or above converted. */
  f1: number;
  leadsPerMonth: number;
  /** converted x valuePerConversion - leads x costPerLead, over the whole period. */
  expectedValue: number;
}

/** Every cut-off, and the best by two measures. */
export interface ThresholdReport {
  /** Cut-offs ascending. */
  thresholds: Threshold[];
  /** Highest F1; of equals the higher cut-off. Null when nobody converted. */
  bestByF1: Threshold | null;
  /** Highest expected value, which may be a loss; of equals the higher cut-off. Null without leads. */
  bestByValue: Threshold | null;
}

/**
 * What each cut-off would have meant: one threshold for each score met, or for CUT_OFFS_MAX of them at equal steps, the lowest
 * and the highest included, when there are more. F1 is that of C. J. van Rijsbergen (Information Retrieval, 1979).
 * @throws RangeError when `months` is not above 0.
 */
export function thresholdReport(histogram: ScoreHistogram, options: ThresholdOptions): ThresholdReport {
  if (!(options.months > 0)) throw new RangeError(`no period: ${options.months} months`);
  const cells = orderHistogram(histogram);
  const all = totalsOf(cells);
  const above = cells.map((cell) => ({ ...cell }));
  for (let i = above.length - 2; i >= 0; i--) addTo(above[i], above[i + 1]);
  const thresholds = atMost(above, CUT_OFFS_MAX).map((cell) => thresholdOf(cell, all.positives, options));
  return {
    thresholds,
    bestByF1: all.positives === 0 ? null : bestBy(thresholds, ({ f1 }) => f1),
    bestByValue: bestBy(thresholds, ({ expectedValue }) => expectedValue),
  };
}

function addTo(cell: ScoreCount | undefined, above: ScoreCount | undefined): void {
  if (cell === undefined || above === undefined) return;
  cell.positives += above.positives;
  cell.negatives += above.negatives;
}

function atMost<T>(items: readonly T[], countMax: number): readonly T[] {
  if (items.length <= countMax) return items;
  const step = (items.length - 1) / (countMax - 1);
  return Array.from({ length: countMax }, (_, i) => items[Math.round(i * step)]).filter(
    (item) => item !== undefined,
  );
}

function thresholdOf(above: ScoreCount, allConverted: number, options: ThresholdOptions): Threshold {
  const leads = leadsOf(above);
  const converted = above.positives;
  return {
    cutOff: above.score,
    leads,
    converted,
    precision: proportion(converted, leads),
    recall: proportion(converted, allConverted),
    f1: (2 * converted) / (leads + allConverted),
    leadsPerMonth: leads / options.months,
    expectedValue: converted * options.valuePerConversion - leads * options.costPerLead,
  };
}

function bestBy(
  thresholds: readonly Threshold[],
  measure: (threshold: Threshold) => number,
): Threshold | null {
  return thresholds.reduce<Threshold | null>(
    (best, next) => (best === null || measure(next) >= measure(best) ? next : best),
    null,
  );
}
