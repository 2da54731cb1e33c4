import fc from 'fast-check';
import type { FeatureRow } from '../../../../src/analytics/statistics/logistic/feature-rows.js';
import { Random } from '../../../../src/sample/random.js';

/** Counts of leads by features (of three) and outcome. */
export const COUNTED: readonly (FeatureRow & { leads: number })[] = [
  { features: [], converted: false, leads: 40 },
  { features: [], converted: true, leads: 5 },
  { features: [0], converted: false, leads: 30 },
  { features: [0], converted: true, leads: 12 },
  { features: [1], converted: false, leads: 20 },
  { features: [1], converted: true, leads: 15 },
  { features: [0, 1], converted: false, leads: 8 },
  { features: [0, 1], converted: true, leads: 22 },
  { features: [2], converted: false, leads: 9 },
  { features: [2], converted: true, leads: 1 },
  { features: [0, 2], converted: false, leads: 4 },
  { features: [0, 2], converted: true, leads: 6 },
];

/** Up to 60 leads of four features. */
export function arbitraryLeads(): fc.Arbitrary<FeatureRow[]> {
  const features = fc.uniqueArray(fc.integer({ min: 0, max: 3 }));
  return fc.array(fc.record({ features, converted: fc.boolean() }), { minLength: 1, maxLength: 60 });
}

/** Leads that convert as a logistic model says, each feature met by three leads in ten. */
export function drawLeads(
  seed: number,
  count: number,
  intercept: number,
  coefficients: readonly number[],
): FeatureRow[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const features = coefficients.map((_, i) => i).filter(() => random.chance(0.3));
    const logit = features.reduce((sum, feature) => sum + (coefficients[feature] ?? 0), intercept);
    return { features, converted: random.chance(1 / (1 + Math.exp(-logit))) };
  });
}
