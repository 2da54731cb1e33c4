import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FEATURES_MAX,
  type FeatureRow,
  packRows,
  sumByRow,
} from '../../../../src/analytics/statistics/logistic/feature-rows.js';
import {
  fitLogistic,
  isUncertain,
  type LogisticFit,
} from '../../../../src/analytics/statistics/logistic/fit-logistic.js';
import { sigmoid } from '../../../../src/analytics/statistics/sigmoid.js';
import { arbitraryLeads, COUNTED, drawLeads } from './feature-leads.js';

const counted = packRows(
  COUNTED,
  COUNTED.map(({ leads }) => leads),
  3,
);

describe('without penalty', () => {
  it('one feature has the logarithm of the odds ratio, and its error by Woolf', () => {
    const rows: FeatureRow[] = [
      { features: [0], converted: true },
      { features: [0], converted: false },
      { features: [], converted: true },
      { features: [], converted: false },
    ];
    const fit = fitLogistic(packRows(rows, [12, 30, 5, 40], 1), { l2: 0 });
    expect(fit.intercept.value).toBeCloseTo(Math.log(5 / 40), 8);
    expect(fit.intercept.standardError).toBeCloseTo(Math.sqrt(1 / 5 + 1 / 40), 6);
    expect(fit.coefficients[0]?.value).toBeCloseTo(Math.log((12 * 40) / (30 * 5)), 8);
    expect(fit.coefficients[0]?.standardError).toBeCloseTo(Math.sqrt(1 / 12 + 1 / 30 + 1 / 5 + 1 / 40), 6);
    expect(fit.converged).toBe(true);
  });

  it('three features have the coefficients that statsmodels finds', () => {
    // statsmodels 0.15, GLM, Binomial, freq_weights.
    const fit = fitLogistic(counted, { l2: 0 });
    expectFit(fit, [-2.236689, 1.395882, 1.910005, 0.844544], [0.381861, 0.375051, 0.40071, 0.568784]);
    expect(fit.logLoss).toBeCloseTo(0.539286334, 8);
    expect(fit.coefficients.map(isUncertain)).toEqual([false, false, true]);
  });

  it('nothing is known of a feature that no lead has, or that says what another does', () => {
    const doubled = COUNTED.map((row) => ({
      ...row,
      features: row.features.includes(0) ? [...row.features, 4] : row.features,
    }));
    const weights = COUNTED.map(({ leads }) => leads);
    const fit = fitLogistic(packRows(doubled, weights, 5), { l2: 0 });
    expect(fit.coefficients[0]?.value).toBeCloseTo(1.395882, 5);
    expect(fit.coefficients[3]).toEqual({ value: 0, standardError: null });
    expect(fit.coefficients[4]).toEqual({ value: 0, standardError: null });
    expect(isUncertain({ value: 0, standardError: null })).toBe(true);
  });
});

describe('with a penalty', () => {
  // scikit-learn 1.9, LogisticRegression(C=1/l2); errors from the inverse of its penalised Hessian by NumPy.
  it.each([
    [1, [-1.933189, 1.179401, 1.587079, 0.540682], [0.329074, 0.335961, 0.350345, 0.487947], 0.54193193],
    [10, [-1.186451, 0.568159, 0.741207, 0.08203], [0.22766, 0.227192, 0.229917, 0.271495], 0.576935153],
  ])('of %d the coefficients are those of scikit-learn', (l2, values, errors, logLoss) => {
    const fit = fitLogistic(counted, { l2 });
    expectFit(fit, values, errors);
    expect(fit.logLoss).toBeCloseTo(logLoss, 7);
  });

  it('a feature that separates the outcomes keeps a finite coefficient', () => {
    const rows = [
      { features: [0], converted: true },
      { features: [], converted: false },
    ];
    const fit = fitLogistic(packRows(rows, [20, 20], 1), { l2: 1 });
    expect(fit.converged).toBe(true);
    expect(fit.coefficients[0]?.value).toBeGreaterThan(2);
    expect(fit.coefficients[0]?.value).toBeLessThan(6);
  });

  it('leads expect as many conversions as there were, and each pull is held by its penalty', () => {
    fc.assert(
      fc.property(arbitraryLeads(), fc.constantFrom(0.5, 5), (leads, l2) => {
        if (new Set(leads.map(({ converted }) => converted)).size < 2) return;
        const rows = packRows(leads, null, 4);
        const fit = fitLogistic(rows, { l2, tolerance: 1e-12 });
        const values = fit.coefficients.map(({ value }) => value);
        const logits = sumByRow(rows, fit.intercept.value, values);
        const surplus = leads.map(({ converted }, i) => Number(converted) - sigmoid(logits[i] ?? 0));
        expect(surplus.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 5);
        values.forEach((value, feature) => {
          const pull = surplus.filter((_, i) => leads[i]?.features.includes(feature));
          expect(pull.reduce((sum, part) => sum + part, 0)).toBeCloseTo(l2 * value, 5);
        });
      }),
    );
  });

  it('the order of leads, and one row for many alike, make no difference', () => {
    fc.assert(
      fc.property(arbitraryLeads(), (leads) => {
        if (new Set(leads.map(({ converted }) => converted)).size < 2) return;
        const fit = fitLogistic(packRows([...leads, ...leads], null, 4), { l2: 1 });
        const turned = leads.toReversed().map((row) => ({ ...row, features: row.features.toReversed() }));
        const weighted = fitLogistic(
          packRows(
            turned,
            turned.map(() => 2),
            4,
          ),
          { l2: 1 },
        );
        fit.coefficients.forEach(({ value, standardError }, i) => {
          expect(weighted.coefficients[i]?.value).toBeCloseTo(value, 6);
          expect(weighted.coefficients[i]?.standardError).toBeCloseTo(standardError ?? -1, 6);
        });
      }),
    );
  });
});

it('finds the coefficients that leads were drawn by', () => {
  const truth = [1.5, -1, 0.5, 0, -0.25];
  const fit = fitLogistic(packRows(drawLeads(7, 20_000, -1, truth), null, 5), { l2: 0.1 });
  expect(fit.converged).toBe(true);
  fit.coefficients.forEach(({ value, standardError }, i) => {
    expect(standardError).toBeLessThan(0.05);
    expect(Math.abs(value - (truth[i] ?? 0))).toBeLessThan(4 * (standardError ?? 0));
  });
  expect(fit.coefficients.map(isUncertain)).toEqual([false, false, false, true, false]);
});

it('says when its steps ran out, and goes on from where it stopped', () => {
  const short = fitLogistic(counted, { l2: 1, iterationsMax: 1 });
  expect(short).toMatchObject({ converged: false, iterations: 1 });
  const rest = fitLogistic(counted, { l2: 1, start: short });
  expect(rest.iterations).toBeLessThan(fitLogistic(counted, { l2: 1 }).iterations);
  expectFit(rest, [-1.933189, 1.179401, 1.587079, 0.540682], [0.329074, 0.335961, 0.350345, 0.487947]);
});

it('refuses features, weights and penalties that are none', () => {
  const row = { features: [3], converted: true };
  expect(() => packRows([row], null, 3)).toThrow(RangeError);
  expect(() => packRows([row], null, FEATURES_MAX + 1)).toThrow(RangeError);
  expect(() => packRows([row], [], 4)).toThrow(RangeError);
  expect(() => packRows([row], [-1], 4)).toThrow(RangeError);
  expect(() => fitLogistic(packRows([], null, 4), { l2: 1 })).toThrow(RangeError);
  expect(() => fitLogistic(counted, { l2: -1 })).toThrow(RangeError);
});

it('counts a feature that a lead names twice once', () => {
  const twice = packRows([{ features: [2, 1, 2], converted: true }], null, 3);
  expect([...twice.indexes]).toEqual([1, 2]);
});

function expectFit(fit: LogisticFit, values: readonly number[], errors: readonly number[]): void {
  [fit.intercept, ...fit.coefficients].forEach((coefficient, i) => {
    expect(coefficient.value).toBeCloseTo(values[i] ?? Number.NaN, 5);
    expect(coefficient.standardError).toBeCloseTo(errors[i] ?? Number.NaN, 5);
  });
}
