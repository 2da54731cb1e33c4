import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packRows, sumByRow } from '../../../../src/analytics/statistics/logistic/feature-rows.js';
import { fitLogistic } from '../../../../src/analytics/statistics/logistic/fit-logistic.js';
import { suggestPoints } from '../../../../src/analytics/statistics/logistic/suggest-points.js';
import { arbitraryLeads, drawLeads } from './feature-leads.js';

const effects = [1.5, -1, 0.5, 0];
const rows = packRows(drawLeads(11, 20_000, -1, effects), null, 4);
const fit = fitLogistic(rows, { l2: 1 });

it('gives points in proportion to effects, on the scale of the present ones', () => {
  const found = suggestPoints(fit, [20, 20, 20, 20], rows);
  // All features are met as often, so the squares of points add up to those of the present ones: 40 = the root of 4 x 20^2.
  const length = Math.hypot(...effects);
  found?.suggestions.forEach(({ suggestedPoints, currentPoints }, i) => {
    expect(currentPoints).toBe(20);
    expect(Math.abs(suggestedPoints - (40 * (effects[i] ?? 0)) / length)).toBeLessThan(2.5);
  });
  expect(Math.abs((found?.pointsPerLogit ?? 0) - 40 / length)).toBeLessThan(1);
  expect(found?.suggestions.map(({ uncertain }) => uncertain)).toEqual([false, false, false, true]);
});

it('gives multiples of a step', () => {
  const found = suggestPoints(fit, [20, 20, 20, 20], rows, { stepPoints: 5 });
  expect(found?.suggestions.map(({ suggestedPoints }) => suggestedPoints)).toEqual([30, -20, 10, 0]);
});

it('leaves a step with its sign to effects that are certain, and nothing to ones that are not', () => {
  const found = suggestPoints(fit, [1, 1, 0, 0], rows, { stepPoints: 10 });
  expect(found?.suggestions.map(({ suggestedPoints }) => suggestedPoints)).toEqual([10, -10, 10, 0]);
});

it('has no scale where all leads have the same score', () => {
  expect(suggestPoints(fit, [0, 0, 0, 0], rows)).toBeNull();
  // Seven times 0.1 + 0.2, over seven, is not 0.1 + 0.2 in binary; that is no spread.
  const leads = Array.from({ length: 7 }, (_, i) => ({
    features: i < 3 ? [0, 1] : [0, 1, 2],
    converted: i > 3,
  }));
  const alike = packRows(leads, null, 3);
  const learned = fitLogistic(alike, { l2: 1 });
  expect(suggestPoints(learned, [0.1, 0.2, 0], alike)).toBeNull();
  expect(suggestPoints(learned, [0.1, 0.2, 5], alike)).not.toBeNull();
});

it('has no scale where the data tell no lead from another', () => {
  const alike = packRows(
    [
      { features: [0], converted: true },
      { features: [0], converted: false },
      { features: [], converted: true },
      { features: [], converted: false },
    ],
    null,
    1,
  );
  expect(suggestPoints(fitLogistic(alike, { l2: 1 }), [10], alike)).toBeNull();
});

it('refuses points that are not those of the features', () => {
  expect(() => suggestPoints(fit, [1, 2, 3], rows)).toThrow(RangeError);
  expect(() => suggestPoints(fit, [1, 2, 3, 4], rows, { stepPoints: 0 })).toThrow(RangeError);
});

it('keeps the spread of the score but for rounding, and every sign', () => {
  const points = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(arbitraryLeads(), points, (leads, currentPoints) => {
      const some = packRows(leads, null, 4);
      const { coefficients } = fitLogistic(some, { l2: 1 });
      const found = suggestPoints({ ...fit, coefficients }, currentPoints, some, { stepPoints: 1e-6 });
      if (found === null) return;
      const suggested = found.suggestions.map(({ suggestedPoints }) => suggestedPoints);
      const before = deviation(sumByRow(some, 0, currentPoints));
      expect(deviation(sumByRow(some, 0, suggested))).toBeCloseTo(before, 4);
      suggested.forEach((value, i) => {
        expect(value * (coefficients[i]?.value ?? 0)).toBeGreaterThanOrEqual(0);
      });
    }),
  );
});

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
