import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CUT_OFFS_MAX, thresholdReport } from '../../../src/analytics/statistics/threshold-report.js';
import { arbitraryHistogram, leadsIn } from './histograms.js';

const options = { months: 6, valuePerConversion: 100, costPerLead: 30 };

const leads = [
  { score: 20, positives: 3, negatives: 7 },
  { score: 30, positives: 6, negatives: 4 },
  { score: 10, positives: 1, negatives: 9 },
];

it('says what each cut-off would have meant', () => {
  const { thresholds } = thresholdReport(leads, options);
  expect(thresholds.map(({ precision, recall, ...rest }) => rest)).toEqual([
    { cutOff: 10, leads: 30, converted: 10, f1: 0.5, leadsPerMonth: 5, expectedValue: 100 },
    { cutOff: 20, leads: 20, converted: 9, f1: 0.6, leadsPerMonth: 20 / 6, expectedValue: 300 },
    { cutOff: 30, leads: 10, converted: 6, f1: 0.6, leadsPerMonth: 10 / 6, expectedValue: 300 },
  ]);
  expect(thresholds.map(({ precision }) => precision.rate)).toEqual([1 / 3, 0.45, 0.6]);
  expect(thresholds.map(({ recall }) => recall.rate)).toEqual([1, 0.9, 0.6]);
});

it('prefers the higher of two cut-offs that are as good', () => {
  const { bestByF1, bestByValue } = thresholdReport(leads, options);
  expect(bestByF1?.cutOff).toBe(30);
  expect(bestByValue?.cutOff).toBe(30);
});

it('finds the best value where leads are cheap lower than where they are dear', () => {
  expect(thresholdReport(leads, { ...options, costPerLead: 5 }).bestByValue?.cutOff).toBe(10);
  expect(thresholdReport(leads, { ...options, costPerLead: 29 }).bestByValue?.cutOff).toBe(20);
  expect(thresholdReport(leads, { ...options, costPerLead: 31 }).bestByValue?.cutOff).toBe(30);
});

it('has no best where there is nothing to compare', () => {
  expect(thresholdReport([], options)).toEqual({ thresholds: [], bestByF1: null, bestByValue: null });
  const lost = thresholdReport([{ score: 4, positives: 0, negatives: 9 }], options);
  expect(lost.bestByF1).toBeNull();
  expect(lost.bestByValue?.expectedValue).toBe(-270);
  expect(lost.thresholds[0]?.recall).toMatchObject({ rate: null, low: 0, high: 1 });
});

it('steps over scores when there are more than it lists', () => {
  const many = Array.from({ length: 3 * CUT_OFFS_MAX }, (_, score) => ({
    score,
    positives: 1,
    negatives: 1,
  }));
  const { thresholds } = thresholdReport(many, options);
  expect(thresholds).toHaveLength(CUT_OFFS_MAX);
  expect(thresholds[0]).toMatchObject({ cutOff: 0, leads: 6 * CUT_OFFS_MAX });
  expect(thresholds.at(-1)).toMatchObject({ cutOff: 3 * CUT_OFFS_MAX - 1, leads: 2 });
});

it('needs a period', () => {
  expect(() => thresholdReport(leads, { ...options, months: 0 })).toThrow(RangeError);
});

it('counts the leads at or above each score that occurs', () => {
  fc.assert(
    fc.property(arbitraryHistogram(), (histogram) => {
      const all = leadsIn(histogram);
      const { thresholds, bestByF1, bestByValue } = thresholdReport(histogram, options);
      const scores = [...new Set(all.map(({ score }) => score))].sort((a, b) => a - b);
      expect(thresholds.map(({ cutOff }) => cutOff)).toEqual(scores);
      for (const { cutOff, leads: counted, converted, precision, recall, f1 } of thresholds) {
        const above = all.filter(({ score }) => score >= cutOff);
        expect(counted).toBe(above.length);
        expect(converted).toBe(above.filter((lead) => lead.converted).length);
        const [p, r] = [precision.rate ?? 0, recall.rate ?? 0];
        expect(f1).toBeCloseTo(p + r === 0 ? 0 : (2 * p * r) / (p + r), 10);
        expect(f1).toBeLessThanOrEqual(bestByF1?.f1 ?? 0);
        expect(bestByValue?.expectedValue).toBeGreaterThanOrEqual(100 * converted - 30 * counted);
      }
    }),
  );
});
