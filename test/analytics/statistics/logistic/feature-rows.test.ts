import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  alikeRows,
  packRows,
  totalWeight,
  weighKinds,
} from '../../../../src/analytics/statistics/logistic/feature-rows.js';
import { fitLogistic } from '../../../../src/analytics/statistics/logistic/fit-logistic.js';
import { arbitraryLeads } from './feature-leads.js';

it('leads of the same features and outcome are one row of their summed weight', () => {
  const leads = [
    { features: [0, 2], converted: true },
    { features: [], converted: false },
    { features: [2, 0], converted: true },
    { features: [0, 2], converted: false },
    { features: [], converted: false },
  ];
  const alike = alikeRows(packRows(leads, [1, 2, 3, 4, 5], 3));
  expect(alike.kinds).toEqual(
    packRows(
      [
        { features: [0, 2], converted: true },
        { features: [], converted: false },
        { features: [0, 2], converted: false },
      ],
      [4, 7, 4],
      3,
    ),
  );
  expect([...alike.kindOf]).toEqual([0, 1, 0, 2, 1]);
  expect([...weighKinds(alike, Float64Array.of(1, 1, 0, 0, 1)).weights]).toEqual([1, 2, 0]);
});

it('a fit to rows that are merged is that to the leads, with its errors and its loss', () => {
  fc.assert(
    fc.property(arbitraryLeads(), (leads) => {
      const rows = packRows(leads, null, 4);
      const merged = alikeRows(rows).kinds;
      expect(totalWeight(merged)).toBe(leads.length);
      const [all, few] = [fitLogistic(rows, { l2: 1 }), fitLogistic(merged, { l2: 1 })];
      expect(few.logLoss).toBeCloseTo(all.logLoss, 6);
      [all.intercept, ...all.coefficients].forEach(({ value, standardError }, i) => {
        const other = [few.intercept, ...few.coefficients][i];
        expect(other?.value).toBeCloseTo(value, 5);
        expect(other?.standardError).toBeCloseTo(standardError ?? -1, 5);
      });
    }),
  );
});
