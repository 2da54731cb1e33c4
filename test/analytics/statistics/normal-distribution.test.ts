import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normalQuantile, normalUpperTail } from '../../../src/analytics/statistics/normal-distribution.js';

// SciPy 1.17, norm.sf.
it.each([
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [1.96, 0.024997895148220435],
  [3, 0.0013498980316300933],
  [6, 9.865876450376946e-10],
  [10, 7.61985302416047e-24],
  [30, 4.906713927147908e-198],
])('gives the upper tail from %d', (z, tail) => {
  expect(normalUpperTail(z) / tail).toBeCloseTo(1, 12);
  expect(normalUpperTail(-z)).toBeCloseTo(1 - tail, 14);
});

// SciPy 1.17, norm.ppf.
it.each([
  [0.8, 0.8416212335729143],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.995, 2.5758293035489004],
  [1e-10, -6.361340902404056],
  [0.5001, 0.0002506628300880075],
])('gives the quantile of %d', (probability, z) => {
  expect(normalQuantile(probability)).toBeCloseTo(z, 11);
});

it.each([0, 1, Number.NaN])('has no quantile of %d', (probability) => {
  expect(() => normalQuantile(probability)).toThrow(RangeError);
});

it('turns a quantile back into its probability', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (probability) => {
      expect(1 - normalUpperTail(normalQuantile(probability))).toBeCloseTo(probability, 12);
    }),
  );
});
