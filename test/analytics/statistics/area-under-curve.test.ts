import fc from 'fast-check';
import { expect, it } from 'vitest';
import { areaUnderCurve } from '../../../src/analytics/statistics/area-under-curve.js';
import { arbitraryHistogram, CT_RATINGS, leadsIn } from './histograms.js';

it('gives the area of Hanley and McNeil’s ratings, with ties', () => {
  const found = areaUnderCurve(CT_RATINGS);
  expect(found).toMatchObject({ positives: 51, negatives: 58, enough: true });
  // 0.893 in the paper; the interval by SciPy's brentq on Newcombe's equation.
  expect(found?.area).toBeCloseTo(0.8931710615, 10);
  expect(found?.low).toBeCloseTo(0.8116884073, 9);
  expect(found?.high).toBeCloseTo(0.9400061826, 9);
});

it('is open about few leads, even where the score separates them', () => {
  const found = areaUnderCurve([
    { score: 1, positives: 0, negatives: 10 },
    { score: 2, positives: 10, negatives: 0 },
  ]);
  expect(found).toMatchObject({ area: 1, high: 1, enough: false });
  expect(found?.low).toBeGreaterThan(0.6);
  expect(found?.low).toBeLessThan(0.9);
});

it('needs leads of both outcomes, and enough of each', () => {
  expect(areaUnderCurve([])).toBeNull();
  expect(areaUnderCurve([{ score: 1, positives: 5, negatives: 0 }])).toBeNull();
  expect(areaUnderCurve([{ score: 1, positives: 0, negatives: 5 }])).toBeNull();
  expect(areaUnderCurve([{ score: 1, positives: 9, negatives: 500 }])?.enough).toBe(false);
  expect(areaUnderCurve([{ score: 1, positives: 10, negatives: 500 }])?.enough).toBe(true);
});

it('refuses counts that are none', () => {
  expect(() => areaUnderCurve([{ score: Number.NaN, positives: 1, negatives: 1 }])).toThrow(RangeError);
  expect(() => areaUnderCurve([{ score: 1, positives: -1, negatives: 1 }])).toThrow(RangeError);
});

it('is the share of pairs won, within its interval, and mirrored when scores or outcomes are', () => {
  fc.assert(
    fc.property(arbitraryHistogram(), (histogram) => {
      const found = areaUnderCurve(histogram);
      const leads = leadsIn(histogram);
      const won = leads.filter((lead) => lead.converted);
      const lost = leads.filter((lead) => !lead.converted);
      if (found === null) {
        expect(won.length * lost.length).toBe(0);
        return;
      }
      const wins = won.reduce(
        (sum, { score }) =>
          sum + lost.reduce((part, other) => part + (Math.sign(score - other.score) + 1) / 2, 0),
        0,
      );
      expect(found.area).toBeCloseTo(wins / (won.length * lost.length), 9);
      expect(found.low).toBeLessThanOrEqual(found.area);
      expect(found.high).toBeGreaterThanOrEqual(found.area);
      const turned = areaUnderCurve(histogram.map((cell) => ({ ...cell, score: -cell.score })));
      const swapped = areaUnderCurve(
        histogram.map((cell) => ({ ...cell, positives: cell.negatives, negatives: cell.positives })),
      );
      for (const mirror of [turned, swapped]) {
        expect(mirror?.area).toBeCloseTo(1 - found.area, 9);
        expect(mirror?.low).toBeCloseTo(1 - found.high, 9);
      }
    }),
  );
});
