import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LEADS_MIN, proportion } from '../../../src/analytics/statistics/proportion.js';
import { arbitraryProportion } from './arbitrary-proportion.js';

// Table I of R. G. Newcombe, Statistics in Medicine 17, 1998, 857-872, method 3.
it.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('gives Newcombe’s Wilson interval of %d of %d', (numerator, denominator, low, high) => {
  const found = proportion(numerator, denominator);
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
  expect(found.rate).toBe(numerator / denominator);
});

it('knows nothing without leads', () => {
  expect(proportion(0, 0)).toEqual({
    numerator: 0,
    denominator: 0,
    rate: null,
    low: 0,
    high: 1,
    enough: false,
  });
});

it('says when leads are too few', () => {
  expect(proportion(5, LEADS_MIN - 1).enough).toBe(false);
  expect(proportion(5, LEADS_MIN).enough).toBe(true);
});

it.each([
  [2, 1],
  [-1, 5],
  [Number.NaN, 5],
  [1, Number.POSITIVE_INFINITY],
])('refuses %d of %d', (numerator, denominator) => {
  expect(() => proportion(numerator, denominator)).toThrow(RangeError);
});

it('holds the rate within its interval and the interval within 0 and 1, mirrored for the others', () => {
  fc.assert(
    fc.property(arbitraryProportion(1), ({ numerator, denominator, rate, low, high }) => {
      expect(0 <= low && low <= (rate ?? -1) && (rate ?? 2) <= high && high <= 1).toBe(true);
      expect(high).toBeGreaterThan(low);
      const others = proportion(denominator - numerator, denominator);
      expect(others.low).toBeCloseTo(1 - high, 10);
      expect(others.high).toBeCloseTo(1 - low, 10);
    }),
  );
});

it('narrows as leads are added at the same rate', () => {
  fc.assert(
    fc.property(arbitraryProportion(1), fc.integer({ min: 2, max: 9 }), (one, times) => {
      const more = proportion(one.numerator * times, one.denominator * times);
      expect(more.high - more.low).toBeLessThan(one.high - one.low);
    }),
  );
});
