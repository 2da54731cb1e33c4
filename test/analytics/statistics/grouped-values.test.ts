import fc from 'fast-check';
import { expect, it } from 'vitest';
import { averageOf, medianOf, percentilesOf } from '../../../src/analytics/statistics/grouped-values.js';

const days = [
  { value: 50, count: 1 },
  { value: 15, count: 1 },
  { value: 40, count: 1 },
  { value: 20, count: 1 },
  { value: 35, count: 1 },
];

it('takes the nearest rank', () => {
  expect(percentilesOf(days, [0, 0.05, 0.3, 0.4, 0.5, 1])).toEqual([15, 15, 20, 20, 35, 50]);
});

it('takes the lower middle as the median, and weighs by count', () => {
  expect(medianOf(days)).toBe(35);
  expect(medianOf(days.slice(0, 4))).toBe(20);
  expect(medianOf([...days, { value: 1, count: 6 }])).toBe(1);
  expect(averageOf([...days, { value: 1, count: 5 }])).toBe(16.5);
});

it('asks for the seventh of 25 leads at 28%, whatever 0.28 x 25 is in binary', () => {
  const leads = Array.from({ length: 25 }, (_, i) => ({ value: i + 1, count: 1 }));
  expect(percentilesOf(leads, [0.28])).toEqual([7]);
});

it('has nothing to say without leads', () => {
  expect(percentilesOf([{ value: 3, count: 0 }], [0, 0.5])).toEqual([null, null]);
  expect(medianOf([])).toBeNull();
  expect(averageOf([])).toBeNull();
  expect(() => percentilesOf(days, [1.1])).toThrow(RangeError);
});

it('is the smallest value that enough leads do not exceed', () => {
  const group = fc.record({
    value: fc.integer({ min: -50, max: 50 }),
    count: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(group, { minLength: 1 }), fc.integer({ min: 0, max: 100 }), (groups, percent) => {
      const values = groups.flatMap(({ value, count }) => Array.from({ length: count }, () => value));
      const upTo = (limit: number) => values.filter((value) => value <= limit).length;
      const expected = values.filter((value) => 100 * upTo(value) >= percent * values.length);
      const found = percentilesOf(groups, [percent / 100])[0];
      expect(found).toBe(expected.length === 0 ? null : Math.min(...expected));
      const sum = values.reduce((total, value) => total + value, 0);
      if (values.length === 0) expect(averageOf(groups)).toBeNull();
      else expect(averageOf(groups)).toBeCloseTo(sum / values.length, 9);
    }),
  );
});
