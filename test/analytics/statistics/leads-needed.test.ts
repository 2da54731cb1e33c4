import { expect, it } from 'vitest';
import { leadsNeeded } from '../../../src/analytics/statistics/leads-needed.js';

it('gives the 76.7 leads of the example of R’s power.prop.test as 77', () => {
  expect(leadsNeeded({ baseRate: 0.5, liftToDetect: 1.5, power: 0.9 })).toBe(77);
});

// R's formula, solved by SciPy 1.17: 3840.85, 434.43 and 120.47.
it.each([
  [0.1, 1.2, 3841],
  [0.05, 2, 435],
  [0.3, 0.5, 121],
])('asks of a rate of %d and a lift of %d for %d leads', (baseRate, liftToDetect, leads) => {
  expect(leadsNeeded({ baseRate, liftToDetect })).toBe(leads);
});

it('asks for more leads where more power or less doubt is wanted, or the lift is smaller', () => {
  const leads = leadsNeeded({ baseRate: 0.1, liftToDetect: 1.5 }) ?? 0;
  expect(leadsNeeded({ baseRate: 0.1, liftToDetect: 1.5, power: 0.95 })).toBeGreaterThan(leads);
  expect(leadsNeeded({ baseRate: 0.1, liftToDetect: 1.5, significance: 0.01 })).toBeGreaterThan(leads);
  expect(leadsNeeded({ baseRate: 0.1, liftToDetect: 1.4 })).toBeGreaterThan(leads);
});

it('says that no number of leads finds no lift, or one to a rate that cannot be', () => {
  expect(leadsNeeded({ baseRate: 0.1, liftToDetect: 1 })).toBeNull();
  expect(leadsNeeded({ baseRate: 0.5, liftToDetect: 2 })).toBeNull();
  expect(leadsNeeded({ baseRate: 0.5, liftToDetect: 0 })).toBeNull();
});

it('refuses rates, powers and significances that are none', () => {
  expect(() => leadsNeeded({ baseRate: 0, liftToDetect: 2 })).toThrow(RangeError);
  expect(() => leadsNeeded({ baseRate: 0.1, liftToDetect: 2, power: 1 })).toThrow(RangeError);
  expect(() => leadsNeeded({ baseRate: 0.1, liftToDetect: 2, significance: 0 })).toThrow(RangeError);
});
