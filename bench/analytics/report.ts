import type { BenchDatabase } from '../ingest/bench-database.js';
import { type Goal, goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import type { AnalyticsOptions } from './analytics-options.js';
import type { KeepingMeasurement, PassMeasurement } from './measure-keeping.js';
import type { ReportTimes } from './measure-reports.js';

const SECONDS_MAX = 2;

/** Everything that a run has found. */
export interface AnalyticsFindings {
  times: readonly ReportTimes[];
  pass: PassMeasurement;
  keeping: readonly KeepingMeasurement[];
}

/** The section for docs/performance.md. */
export function renderAnalytics(
  { times, pass, keeping }: AnalyticsFindings,
  { contacts, history, rounds }: AnalyticsOptions,
  database: BenchDatabase,
): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
  return [
    '## Reports',
    '',
    `The reports of \`analytics\` over GraphQL, of ${whole(contacts)} contacts with ${whole(contacts * history)} actions within a year, beside the`,
    'barest SQL that reads the rows they need: it counts them and the lengths of their arrays. Medians over the rounds.',
    '',
    ...goalTable(times.map(goalOf)),
    '',
    ...table(
      [
        'report',
        'bare SQL',
        '30 days',
        'times bare',
        'a year',
        '30 days of a segment',
        '30 days of an owner',
      ],
      times.map((time) => [
        time.name,
        seconds(time.bareMs),
        seconds(time.monthMs),
        (time.monthMs / time.bareMs).toFixed(1),
        seconds(time.yearMs),
        seconds(time.segmentMs),
        seconds(time.ownerMs),
      ]),
    ),
    '',
    `The segment has three contacts in ten, the owner one in twenty. Facts of all contacts were derived at ${whole(pass.contacts / pass.seconds)} contacts a`,
    'second beside the first rescoring and the gathering of segments. While actions arrive, each of another contact:',
    '',
    ...table(
      [
        'actions/s asked',
        'recorded/s',
        'behind, half of the time',
        'behind at most',
        'caught up after',
        'cores',
      ],
      keeping.map((one) => [
        whole(one.actionsPerSecond),
        whole(one.recordedPerSecond),
        `${one.lagP50Seconds.toFixed(1)} s`,
        `${one.lagMaxSeconds.toFixed(1)} s`,
        `${one.caughtUpSeconds.toFixed(1)} s`,
        one.cores === null ? '' : one.cores.toFixed(2),
      ]),
    ),
    '',
    ...circumstances(database, `${rounds} rounds`),
    '',
  ].join('\n');
}

function goalOf({ name, monthMs }: ReportTimes): Goal {
  return {
    what: `seconds for ${name}, 30 days`,
    figure: `${whole(monthMs)} ms`,
    value: monthMs / 1_000,
    bound: { max: SECONDS_MAX },
  };
}
