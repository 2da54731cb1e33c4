import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibration } from '../../../src/analytics/statistics/calibration.js';
import { isotonicRate } from '../../../src/analytics/statistics/isotonic-steps.js';
import { plattRate } from '../../../src/analytics/statistics/platt-scaling.js';
import { LEADS_MIN } from '../../../src/analytics/statistics/proportion.js';
import { arbitraryHistogram, CT_RATINGS, leadsIn } from './histograms.js';

describe('the ratings of Hanley and McNeil', () => {
  const found = calibration(CT_RATINGS);

  it('have the monotone map that scikit-learn fits', () => {
    expect(found?.steps.map(({ scoreMin, scoreMax, rate }) => [scoreMin, scoreMax, rate])).toEqual([
      [1, 1, 3 / 36],
      [2, 3, 4 / 16],
      [4, 4, 11 / 22],
      [5, 5, 33 / 35],
    ]);
    expect(found?.isotonicErrors.brierScore).toBeCloseTo(0.1205111402, 10);
    expect(found?.isotonicErrors.logLoss).toBeCloseTo(0.387512238, 9);
  });

  it('have the logistic map that scikit-learn fits', () => {
    expect(found?.logistic.slope).toBeCloseTo(1.0618236, 6);
    expect(found?.logistic.intercept).toBeCloseTo(-3.6250581, 6);
    expect(found?.logisticErrors.brierScore).toBeCloseTo(0.13012988, 8);
    expect(found?.logisticErrors.logLoss).toBeCloseTo(0.41703119, 8);
  });

  it('have the tau-b that SciPy finds', () => {
    expect(found?.tau).toBeCloseTo(0.6466529099, 10);
  });

  it('fall into three bins, since 109 leads are no more than three times enough', () => {
    const bins = found?.bins.map(({ scoreMin, scoreMax, observed }) => [
      scoreMin,
      scoreMax,
      observed.numerator,
      observed.denominator,
    ]);
    expect(bins).toEqual([
      [1, 1, 3, 36],
      [2, 4, 15, 38],
      [5, 5, 33, 35],
    ]);
    expect(found?.risingShare).toBe(1);
  });

  it('miss their rates by the surplus of each bin', () => {
    const misses = found?.bins.map(
      ({ observed, logisticRate }) =>
        Math.abs(observed.numerator - observed.denominator * logisticRate) / 109,
    );
    const sum = misses?.reduce((total, miss) => total + miss, 0) ?? Number.NaN;
    expect(found?.logisticErrors.expectedCalibrationError).toBeCloseTo(sum, 12);
    // By hand from the fitted rates 0.07154, 0.18222, 0.39184, 0.65073 and 0.84344.
    expect(sum).toBeCloseTo((0.42 + 3.9084 + 3.4796) / 109, 3);
    expect(found?.isotonicErrors.expectedCalibrationError).toBeCloseTo(0, 12);
  });
});

describe('a score', () => {
  it('that runs the wrong way has falling bins, a flat monotone map and a negative slope', () => {
    const found = calibration([
      { score: 0, positives: 30, negatives: 10 },
      { score: 50, positives: 20, negatives: 20 },
      { score: 100, positives: 10, negatives: 30 },
    ]);
    expect(found?.risingShare).toBe(0);
    expect(found?.steps).toEqual([{ scoreMin: 0, scoreMax: 100, leads: 120, converted: 60, rate: 0.5 }]);
    expect(found?.logistic.slope).toBeLessThan(0);
    expect(found?.tau).toBeLessThan(0);
  });

  it('that rises in one of two steps, and stands still in the other, rises by half', () => {
    const found = calibration([
      { score: 0, positives: 10, negatives: 30 },
      { score: 50, positives: 10, negatives: 30 },
      { score: 100, positives: 11, negatives: 29 },
    ]);
    expect(found?.risingShare).toBe(0.5);
    expect(found?.steps).toHaveLength(2);
  });

  it('that separates the outcomes still has a finite logistic map', () => {
    const found = calibration([
      { score: 0, positives: 0, negatives: 40 },
      { score: 100, positives: 40, negatives: 0 },
    ]);
    // Two parameters for two scores: the map meets Platt's targets, 1/42 and 41/42.
    expect(found && plattRate(found.logistic, 0)).toBeCloseTo(1 / 42, 8);
    expect(found && plattRate(found.logistic, 100)).toBeCloseTo(41 / 42, 8);
    expect(found?.isotonicErrors).toEqual({ brierScore: 0, logLoss: 0, expectedCalibrationError: 0 });
  });

  it('that all leads share has one bin and no order', () => {
    const found = calibration([{ score: 7, positives: 30, negatives: 90 }]);
    expect(found).toMatchObject({ risingShare: null, tau: null });
    expect(found?.bins).toHaveLength(1);
    expect(found?.logistic.slope).toBeCloseTo(0, 9);
    expect(found?.bins[0]?.logisticRate).toBeCloseTo(0.25, 1);
  });

  it('of no leads has no calibration', () => {
    expect(calibration([])).toBeNull();
    expect(calibration([{ score: 7, positives: 0, negatives: 0 }])).toBeNull();
  });
});

describe('any score', () => {
  const runs = arbitraryHistogram().map((histogram) => ({ histogram, found: calibration(histogram) }));

  it('falls into bins that hold every lead once, scores ascending, as equal as ties allow', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 12 }), ({ histogram }, binsMax) => {
        const leads = leadsIn(histogram);
        const bins = calibration(histogram, binsMax)?.bins ?? [];
        expect(bins.length).toBeLessThanOrEqual(Math.max(1, Math.min(binsMax, leads.length / LEADS_MIN)));
        const held = bins.map(({ scoreMin, scoreMax }) =>
          leads.filter(({ score }) => scoreMin <= score && score <= scoreMax),
        );
        expect(bins.map(({ observed }) => [observed.numerator, observed.denominator])).toEqual(
          held.map((group) => [group.filter(({ converted }) => converted).length, group.length]),
        );
        expect(held.flat()).toHaveLength(leads.length);
        bins.forEach((bin, i) => {
          expect(bin.scoreMin).toBeGreaterThan(bins[i - 1]?.scoreMax ?? Number.NEGATIVE_INFINITY);
        });
      }),
    );
  });

  it('has a monotone map that rises, keeps the sum of conversions and beats the logistic one', () => {
    fc.assert(
      fc.property(runs, ({ histogram, found }) => {
        if (found === null) return;
        const rates = found.steps.map(({ rate }) => rate);
        expect(rates).toEqual([...new Set(rates)].sort((a, b) => a - b));
        const leads = leadsIn(histogram);
        const expected = leads.reduce((sum, { score }) => sum + isotonicRate(found.steps, score), 0);
        expect(expected).toBeCloseTo(leads.filter(({ converted }) => converted).length, 6);
        if (found.logistic.slope < 0) return;
        expect(found.isotonicErrors.brierScore).toBeLessThanOrEqual(found.logisticErrors.brierScore + 1e-9);
        expect(found.isotonicErrors.logLoss).toBeLessThanOrEqual(found.logisticErrors.logLoss + 1e-9);
      }),
    );
  });

  it('has a logistic map at which Platt’s loss is least', () => {
    fc.assert(
      fc.property(runs, ({ histogram, found }) => {
        if (found === null) return;
        const leads = leadsIn(histogram);
        const won = leads.filter(({ converted }) => converted).length;
        const [high, low] = [(won + 1) / (won + 2), 1 / (leads.length - won + 2)];
        const surplus = leads.map(
          ({ score, converted }) => (converted ? high : low) - plattRate(found.logistic, score),
        );
        const pull = surplus.reduce((sum, value) => sum + value, 0);
        const moment = surplus.reduce((sum, value, i) => sum + value * (leads[i]?.score ?? 0), 0);
        expect(Math.abs(pull)).toBeLessThan(1e-4);
        expect(Math.abs(moment)).toBeLessThan(1e-2);
      }),
    );
  });
});
