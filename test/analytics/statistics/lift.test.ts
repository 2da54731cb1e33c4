import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lift } from '../../../src/analytics/statistics/lift.js';
import { proportion } from '../../../src/analytics/statistics/proportion.js';
import { arbitraryProportion } from './arbitrary-proportion.js';

it('gives the interval of Koopman’s example, 36 of 40 against 16 of 80', () => {
  const found = lift(proportion(36, 40), proportion(16, 80));
  expect(found.ratio).toBeCloseTo(4.5, 12);
  expect(found.low).toBeCloseTo(2.94, 2);
  expect(found.high).toBeCloseTo(7.15, 2);
});

// statsmodels 0.15, confint_proportions_2indep(method='score', compare='ratio', correction=False).
it.each([
  [15, 100, 10, 100, 0.722265, 3.138094],
  [2, 30, 1, 30, 0.274307, 14.856287],
  [0, 20, 5, 20, 0, 0.68827],
])('agrees with statsmodels on %d of %d against %d of %d', (a, ofA, b, ofB, low, high) => {
  const found = lift(proportion(a, ofA), proportion(b, ofB));
  expect(found.low).toBeCloseTo(low, 6);
  expect(found.high).toBeCloseTo(high, 5);
  expect(found.ratio).toBeCloseTo(a / ofA / (b / ofB), 12);
});

it('still says what is known when nobody in b converted', () => {
  const found = lift(proportion(5, 20), proportion(0, 20));
  expect(found).toMatchObject({ ratio: null, high: null, enough: false });
  expect(found.low).toBeCloseTo(1.452918, 6);
});

it('knows nothing when nobody converted, or a side has no leads', () => {
  const nothing = { ratio: null, low: 0, high: null };
  expect(lift(proportion(0, 50), proportion(0, 50))).toEqual({ ...nothing, enough: true });
  expect(lift(proportion(0, 0), proportion(5, 50))).toEqual({ ...nothing, enough: false });
  expect(lift(proportion(5, 50), proportion(0, 0))).toEqual({ ...nothing, enough: false });
});

it('leaves equal rates open where all converted on both sides', () => {
  const found = lift(proportion(10, 10), proportion(10, 10));
  expect(found.ratio).toBe(1);
  expect(found.low).toBeCloseTo(1 / (found.high ?? 0), 10);
  // The rate of 10 of 10 is 0.7225 at least, by Wilson.
  expect(found.low).toBeCloseTo(0.7225, 4);
});

it('holds the ratio within the interval, and turns over with its sides', () => {
  fc.assert(
    fc.property(arbitraryProportion(1), arbitraryProportion(1), (a, b) => {
      const found = lift(a, b);
      const turned = lift(b, a);
      expect(found.low).toBeLessThanOrEqual(found.high ?? Number.POSITIVE_INFINITY);
      if (found.ratio !== null) {
        expect(found.low).toBeLessThanOrEqual(found.ratio * (1 + 1e-9));
        expect(found.high ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(found.ratio * (1 - 1e-9));
      }
      if (found.low > 0) expect((turned.high ?? 0) * found.low).toBeCloseTo(1, 6);
      else expect(turned.high).toBeNull();
    }),
  );
});
