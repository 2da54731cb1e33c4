import { expect, it } from 'vitest';
import { chooseL2 } from '../../../../src/analytics/statistics/logistic/choose-l2.js';
import { packRows } from '../../../../src/analytics/statistics/logistic/feature-rows.js';
import { drawLeads } from './feature-leads.js';

const features = Array.from({ length: 30 }, (_, i) => i);

it('penalises hard where the features say nothing', () => {
  const rows = packRows(
    drawLeads(
      3,
      400,
      -1,
      features.map(() => 0),
    ),
    null,
    30,
  );
  expect(chooseL2(rows).l2).toBeGreaterThanOrEqual(30);
});

it('penalises little where they say much', () => {
  const effects = features.map((i) => (i % 2 === 0 ? 3 : -3));
  expect(chooseL2(packRows(drawLeads(3, 3000, 0, effects), null, 30)).l2).toBeLessThanOrEqual(1);
});

it('tries each penalty on all leads, and chooses the one with the least loss', () => {
  const effects = features.map((i) => (i % 3) - 1);
  const rows = packRows(drawLeads(5, 1000, -1, effects), null, 30);
  const { l2, trials } = chooseL2(rows);
  const losses = trials.map(({ logLoss }) => logLoss ?? Number.NaN);
  expect(trials.find((trial) => trial.l2 === l2)?.logLoss).toBe(Math.min(...losses));
  expect(Math.min(...losses)).toBeGreaterThan(0.3);
  expect(Math.max(...losses)).toBeLessThan(Math.LN2);
  expect(chooseL2(rows)).toEqual({ l2, trials });
});

it('takes a sample of many leads', () => {
  const effects = [2, -2, 0, 0];
  const trialsOf = (count: number) => chooseL2(packRows(drawLeads(9, count, 0, effects), null, 4)).trials;
  const few = trialsOf(10_000);
  const many = trialsOf(40_000);
  many.forEach(({ logLoss }, i) => {
    expect(Math.abs((logLoss ?? 0) - (few[i]?.logLoss ?? 0))).toBeLessThan(0.02);
  });
});

it('chooses the strongest penalty where there is nothing to compare', () => {
  const one = chooseL2(packRows([{ features: [0], converted: true }], null, 1));
  expect(one.l2).toBe(100);
  expect(one.trials.map(({ logLoss }) => logLoss)).toEqual(one.trials.map(() => null));
});
