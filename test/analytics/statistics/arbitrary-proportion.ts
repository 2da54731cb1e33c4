import fc from 'fast-check';
import { type Proportion, proportion } from '../../../src/analytics/statistics/proportion.js';

/** Any share of up to 5,000 leads, with small counts, none and all among them. */
export function arbitraryProportion(denominatorMin = 0): fc.Arbitrary<Proportion> {
  return fc
    .oneof(fc.integer({ min: denominatorMin, max: 12 }), fc.integer({ min: denominatorMin, max: 5000 }))
    .chain((denominator) =>
      fc
        .oneof(fc.integer({ min: 0, max: denominator }), fc.constantFrom(0, denominator))
        .map((numerator) => proportion(numerator, denominator)),
    );
}
