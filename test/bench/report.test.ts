import { describe, expect, it } from 'vitest';
import { type Goal, goalRowsIn, goalTable } from '../../bench/report/goals.js';
import { ratiosOf, slowerThan } from '../../bench/report/quick-ratios.js';

const goals: Goal[] = [
  { what: 'actions : pgbench', figure: '3 : 2 /s', value: 1.5, bound: { min: 1.5 } },
  { what: 'memory, MiB', figure: '400 MiB', value: 400, bound: { max: 300 } },
];

describe('goals', () => {
  it('say whether they are met, and are found again in a report', () => {
    const report = ['## Part', '', ...goalTable(goals), '', '| what | s |', '| --- | --- |', '| other | 1 |'];
    expect(goalRowsIn(report.join('\n'))).toEqual([
      '| actions : pgbench | 3 : 2 /s | 1.50 | >= 1.5 | yes |',
      '| memory, MiB | 400 MiB | 400.00 | <= 300 | no |',
    ]);
  });
});

describe('a quick run', () => {
  const noted = ratiosOf(goalRowsIn(goalTable(goals).join('\n')));
  const again = (actions: number, memory: number) => {
    const values = [actions, memory];
    return ratiosOf(
      goalRowsIn(goalTable(goals.map((goal, i) => ({ ...goal, value: values[i] ?? 0 }))).join('\n')),
    );
  };

  it('is taken for worse only when a ratio is far from what was noted', () => {
    expect(slowerThan(noted, again(1.1, 500))).toEqual([]);
    expect(slowerThan(noted, again(0.7, 500))).toEqual(['actions : pgbench: 0.7, and it was 1.5']);
    expect(slowerThan(noted, again(9, 900))).toEqual(['memory, MiB: 900, and it was 400']);
    expect(slowerThan([], again(0.1, 900))).toEqual([]);
  });
});
