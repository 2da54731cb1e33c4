/** The leads that have one score. */
export interface ScoreCount {
  score: number;
  /** Leads that converted. */
  positives: number;
  /** Leads that did not. */
  negatives: number;
}

/** Counts by score, in any order; a score may come more than once. */
export type ScoreHistogram = readonly ScoreCount[];

/**
 * The same counts with scores ascending, each score once, and none without leads.
 * @throws RangeError when a score is not finite or a count is negative or not finite.
 */
export function orderHistogram(histogram: ScoreHistogram): ScoreCount[] {
  const byScore = new Map<number, ScoreCount>();
  for (const { score, positives, negatives } of histogram) {
    if (!(Number.isFinite(score) && isCount(positives) && isCount(negatives))) {
      throw new RangeError(`no counts: ${positives} and ${negatives} at ${score}`);
    }
    const known = byScore.get(score) ?? { score, positives: 0, negatives: 0 };
    byScore.set(score, {
      score,
      positives: known.positives + positives,
      negatives: known.negatives + negatives,
    });
  }
  return [...byScore.values()].filter((cell) => leadsOf(cell) > 0).sort((a, b) => a.score - b.score);
}

/** All leads of a cell. */
export function leadsOf(cell: ScoreCount): number {
  return cell.positives + cell.negatives;
}

/** Leads by outcome over all cells. */
export function totalsOf(cells: ScoreHistogram): { positives: number; negatives: number } {
  return cells.reduce(
    (sum, cell) => ({
      positives: sum.positives + cell.positives,
      negatives: sum.negatives + cell.negatives,
    }),
    { positives: 0, negatives: 0 },
  );
}

function isCount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
