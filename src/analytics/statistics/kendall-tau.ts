import { leadsOf, type ScoreCount, totalsOf } from './score-histogram.js';

/**
 * Kendall's tau-b (M. G. Kendall, Biometrika 33, 1945, 239-251) between score and conversion, exact from counts: 1 when every
 * lead who converted outscores every one who did not and all scores within an outcome are equal, 0 when score and outcome have
 * nothing to do with each other, below 0 when lower scores convert better. Of two outcomes it seldom comes near 1.
 * @param cells as orderHistogram gives them.
 * @returns -1 to 1; null when all leads have one score or one outcome.
 */
export function kendallTau(cells: readonly ScoreCount[]): number | null {
  const { positives, negatives } = totalsOf(cells);
  const leads = positives + negatives;
  let [negativesBelow, positivesBelow, surplus, tied] = [0, 0, 0, 0];
  for (const cell of cells) {
    surplus += cell.positives * negativesBelow - cell.negatives * positivesBelow;
    tied += leadsOf(cell) ** 2;
    negativesBelow += cell.negatives;
    positivesBelow += cell.positives;
  }
  const untiedByScore = (leads ** 2 - tied) / 2;
  const untiedByOutcome = positives * negatives;
  if (untiedByScore <= 0 || untiedByOutcome === 0) return null;
  return surplus / Math.sqrt(untiedByScore * untiedByOutcome);
}
