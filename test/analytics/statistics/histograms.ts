import fc from 'fast-check';
import type { ScoreCount } from '../../../src/analytics/statistics/score-histogram.js';

/** Ratings of 109 CT images, 51 of them abnormal: table 1 of Hanley and McNeil, Radiology 143, 1982. */
export const CT_RATINGS: readonly ScoreCount[] = [
  { score: 1, positives: 3, negatives: 33 },
  { score: 2, positives: 2, negatives: 6 },
  { score: 3, positives: 2, negatives: 6 },
  { score: 4, positives: 11, negatives: 11 },
  { score: 5, positives: 33, negatives: 2 },
];

/** Up to 40 cells in any order, some empty, some with the same score. */
export function arbitraryHistogram(): fc.Arbitrary<ScoreCount[]> {
  const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }));
  const score = fc.integer({ min: -20, max: 100 });
  return fc.array(fc.record({ score, positives: count, negatives: count }), { maxLength: 40 });
}

/** Each lead on its own. */
export function leadsIn(histogram: readonly ScoreCount[]): { score: number; converted: boolean }[] {
  return histogram.flatMap(({ score, positives, negatives }) => [
    ...Array.from({ length: positives }, () => ({ score, converted: true })),
    ...Array.from({ length: negatives }, () => ({ score, converted: false })),
  ]);
}
