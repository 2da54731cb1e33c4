import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differenceOfProportions } from '../../../src/analytics/statistics/difference-of-proportions.js';
import { fisherExact } from '../../../src/analytics/statistics/fisher-exact.js';
import { proportion } from '../../../src/analytics/statistics/proportion.js';
import { arbitraryProportion } from './arbitrary-proportion.js';

// Table II of R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890, method 10.
it.each([
  [56, 70, 48, 80, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.1705, 0.809],
  [6, 7, 2, 7, 0.0582, 0.8062],
  [5, 56, 0, 29, -0.0381, 0.1926],
  [0, 10, 0, 20, -0.1611, 0.2775],
  [0, 10, 0, 10, -0.2775, 0.2775],
  [10, 10, 0, 20, 0.6791, 1],
  [10, 10, 0, 10, 0.6075, 1],
])('gives Newcombe’s interval of %d of %d less %d of %d', (a, ofA, b, ofB, low, high) => {
  const found = differenceOfProportions(proportion(a, ofA), proportion(b, ofB));
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
  expect(found.difference).toBeCloseTo(a / ofA - b / ofB, 12);
});

it('tests many leads by z', () => {
  // statsmodels 0.15, proportions_ztest.
  const found = differenceOfProportions(proportion(56, 70), proportion(48, 80));
  expect(found.pValue).toBeCloseTo(0.00804508, 8);
});

it('tests few expected leads by Fisher', () => {
  // SciPy 1.17, fisher_exact.
  expect(differenceOfProportions(proportion(9, 10), proportion(3, 10)).pValue).toBeCloseTo(0.0197666, 7);
  expect(differenceOfProportions(proportion(5, 56), proportion(0, 29)).pValue).toBeCloseTo(0.1606214, 7);
});

it('knows nothing when a side has no leads', () => {
  const nothing = { difference: null, low: -1, high: 1, pValue: null, enough: false };
  expect(differenceOfProportions(proportion(0, 0), proportion(3, 40))).toEqual(nothing);
  expect(differenceOfProportions(proportion(3, 40), proportion(0, 0))).toEqual(nothing);
});

it('holds the difference within the interval, and turns its sign with its sides', () => {
  fc.assert(
    fc.property(arbitraryProportion(1), arbitraryProportion(1), (a, b) => {
      const found = differenceOfProportions(a, b);
      const turned = differenceOfProportions(b, a);
      expect(found.low).toBeLessThanOrEqual(found.difference ?? -2);
      expect(found.high).toBeGreaterThanOrEqual(found.difference ?? 2);
      expect(turned.low).toBeCloseTo(-found.high, 10);
      expect(turned.pValue).toBeCloseTo(found.pValue ?? -1, 10);
      expect(found.pValue).toBeGreaterThanOrEqual(0);
      expect(found.pValue).toBeLessThanOrEqual(1);
    }),
  );
});

// The tea of R. A. Fisher (The Design of Experiments, 1935), and SciPy 1.17 on larger tables.
it.each([
  [3, 4, 1, 4, 0.4857142857],
  [6, 7, 2, 7, 0.1025641026],
  [2, 1000, 9, 1000, 0.0647049579],
  [10, 10, 0, 20, 3.32833916e-8],
  [3, 400_000, 1, 200_000, 1],
])('gives Fisher’s exact p of %d of %d against %d of %d', (a, ofA, b, ofB, p) => {
  expect(fisherExact(proportion(a, ofA), proportion(b, ofB)) / p).toBeCloseTo(1, 8);
});
