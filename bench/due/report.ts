import type { BenchDatabase } from '../ingest/bench-database.js';
import { median } from '../ingest/series.js';
import { type Goal, goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import type { DueMeasurement, DueSeries } from './measure-due.js';

const COST_RATIO_MAX = 1.3;

/** The section for docs/performance.md. @param series the first is what the others are compared with. */
export function renderDue(series: readonly DueSeries[], database: BenchDatabase): string {
  const [alone, ...others] = series;
  return [
    '## Scores that fall due',
    '',
    'Points decay after 30 idle days; for some contacts that comes at one instant, and the server steps their scores and publishes the',
    'changes. What it costs each is to be the same however many others there are. Medians over the rounds.',
    '',
    ...goalTable(others.flatMap((other) => (alone ? [goalOf(other, alone)] : []))),
    '',
    ...table(
      ['what', 'due', 'done after', 'due/s', 'server us', 'database us', 'cores while nothing is due'],
      series.map(row),
    ),
    '',
    'The columns before the last: processor time of the server and of PostgreSQL for each contact that is due.',
    '',
    ...circumstances(database, `${alone?.rounds.length} rounds`),
    '',
  ].join('\n');
}

function goalOf(other: DueSeries, alone: DueSeries): Goal {
  const cost = (one: DueSeries) =>
    of(one, ({ serverUs, databaseUs }) => (serverUs ?? Number.NaN) + (databaseUs ?? Number.NaN));
  return {
    what: `processor time of a contact that is due, ${other.name} : ${alone.name}`,
    figure: `${whole(cost(other))} : ${whole(cost(alone))} us`,
    value: cost(other) / cost(alone),
    bound: { max: COST_RATIO_MAX },
  };
}

function row(one: DueSeries): string[] {
  const seconds = of(one, (round) => round.seconds);
  const known = (pick: (round: DueMeasurement) => number | null, digits: number) => {
    const value = of(one, (round) => pick(round) ?? Number.NaN);
    return Number.isNaN(value) ? '' : value.toFixed(digits);
  };
  return [
    one.name,
    whole(of(one, ({ due }) => due)),
    `${seconds.toFixed(2)} s`,
    whole(of(one, (round) => round.due / round.seconds)),
    known(({ serverUs }) => serverUs, 0),
    known(({ databaseUs }) => databaseUs, 0),
    known(({ idleCores }) => idleCores, 3),
  ];
}

function of({ rounds }: DueSeries, pick: (round: DueMeasurement) => number): number {
  return median(rounds.map(pick));
}
