import { LEADS_MIN, Z_95 } from './proportion.js';
import { orderHistogram, type ScoreHistogram, totalsOf } from './score-histogram.js';

/** Fewer leads of either outcome cannot carry an area: with 10 its interval is still some 30 points wide. */
export const OUTCOMES_MIN = 10;

const BISECTIONS = 60;

/** How well a score tells those who convert from those who do not. */
export interface AreaUnderCurve {
  /** Chance that a lead who converted outscores one who did not, ties counting half: 0.5 is chance, 1 perfect. */
  area: number;
  /** Lower end of the 95% interval. */
  low: number;
  /** Upper end of the 95% interval. */
  high: number;
  positives: number;
  negatives: number;
  /** Whether there were at least LEADS_MIN leads, OUTCOMES_MIN of them of either outcome. */
  enough: boolean;
}

/**
 * Area under the ROC curve (the Mann-Whitney statistic), exact from counts. The interval is the score form of that of
 * J. A. Hanley and B. J. McNeil (Radiology 143, 1982, 29-36): the areas whose own standard error reaches the one found
 * (R. G. Newcombe, Statistics in Medicine 25, 2006, 559-573, method 5). It stays within 0 to 1 and does not shrink to a point
 * at an area of 1, as DeLong's does.
 * @returns null when one of the outcomes is missing.
 */
export function areaUnderCurve(histogram: ScoreHistogram): AreaUnderCurve | null {
  const cells = orderHistogram(histogram);
  const { positives, negatives } = totalsOf(cells);
  if (positives === 0 || negatives === 0) return null;
  let negativesBelow = 0;
  let wins = 0;
  for (const cell of cells) {
    wins += cell.positives * (negativesBelow + cell.negatives / 2);
    negativesBelow += cell.negatives;
  }
  const area = wins / (positives * negatives);
  const standardError = (of: number) => hanleyMcNeilError(of, positives, negatives);
  return {
    area,
    low: boundOf(area, 0, standardError),
    high: boundOf(area, 1, standardError),
    positives,
    negatives,
    enough: positives + negatives >= LEADS_MIN && Math.min(positives, negatives) >= OUTCOMES_MIN,
  };
}

/** The area furthest towards `end` that is still within 1.96 of its own standard errors of the one found. */
function boundOf(area: number, end: 0 | 1, standardError: (area: number) => number): number {
  let inside = area;
  let outside: number = end;
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (inside + outside) / 2;
    if (Math.abs(area - middle) <= Z_95 * standardError(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

/** With the mean of both counts in place of each, as Newcombe has it, so that the outcomes can change places. */
function hanleyMcNeilError(area: number, positives: number, negatives: number): number {
  const others = (positives + negatives) / 2 - 1;
  const both = (1 - area) / (2 - area) + area / (1 + area);
  return Math.sqrt((area * (1 - area) * (1 + others * both)) / (positives * negatives));
}
