import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  mergeAlike,
  packRows,
  totalWeight,
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
  const merged = mergeAlike(packRows(leads, [1, 2, 3, 4, 5], 3));
  expect(merged).toEqual(
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
});

it('a fit to rows that are merged is that to the leads, with its errors and its loss', () => {
  fc.assert(
    fc.property(arbitraryLeads(), (leads) => {
      const rows = packRows(leads, null, 4);
      const merged = mergeAlike(rows);
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
