import { type Goal, goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import type { BenchSession } from './bench-session.js';
import type { Comparison } from './run-comparison.js';
import type { ScalingPair } from './run-scaling.js';
import { bestOf, ratioOf, type Series } from './series.js';
import { benchWorkers } from './server-process.js';

/** What a run has measured; a part that was left out is null. */
export interface BenchResults {
  comparison: Comparison | null;
  scaling: ScalingPair[] | null;
}

const SINGLE_RATIO_MIN = 1.5;
const BULK_RATIO_MIN = 0.8;
const SCALING_RATIO_MAX = 1.3;
const GOAL_CONNECTIONS = [64, 256];

/** The ratios that there are goals for. */
function goalsOf({ comparison, scaling }: BenchResults): Goal[] {
  const rows = comparison ? [...singleRows(comparison), ...bulkRows(comparison)] : [];
  for (const { name, small, large } of scaling ?? []) {
    const figure = `${rate(small)} -> ${rate(large)} /s`;
    rows.push({
      what: `cost of an action, ${name}`,
      figure,
      value: ratioOf(small, large),
      bound: { max: SCALING_RATIO_MAX },
    });
  }
  return rows;
}

function singleRows({ pgbench, singles }: Comparison): Goal[] {
  const rows: Goal[] = [];
  for (const [variant, words] of [
    ['gapless', ''],
    ['sequence', ' with a plain sequence'],
  ] as const) {
    const yardsticks = [...pgbench[variant].values()].filter((series) => series.rounds.length > 0);
    if (yardsticks.length === 0) continue;
    const best = bestOf(yardsticks);
    for (const connections of GOAL_CONNECTIONS) {
      const series = singles.get(connections);
      if (!series) continue;
      rows.push({
        what: `recordAction, ${connections} connections : pgbench's best${words}`,
        figure: `${rate(series)} : ${rate(best)} /s`,
        value: ratioOf(series, best),
        bound: { min: SINGLE_RATIO_MIN },
      });
    }
  }
  return rows;
}

function bulkRows({ setBased, bulks }: Comparison): Goal[] {
  if (!setBased) return [];
  const best = bestOf([...bulks.values()]);
  const figure = `${rate(best)} : ${rate(setBased)} /s`;
  return [
    {
      what: `${best.name} : set-based SQL`,
      figure,
      value: ratioOf(best, setBased),
      bound: { min: BULK_RATIO_MIN },
    },
  ];
}

/** Every series, the yardsticks first. */
function allSeries({ comparison, scaling }: BenchResults): Series[] {
  const compared = comparison
    ? [
        ...comparison.pgbench.gapless.values(),
        ...comparison.pgbench.sequence.values(),
        ...(comparison.setBased ? [comparison.setBased] : []),
        ...comparison.singles.values(),
        ...comparison.bulks.values(),
      ]
    : [];
  const scaled = (scaling ?? []).flatMap(({ small, large, afterCheckpoint }) =>
    afterCheckpoint ? [small, large, afterCheckpoint] : [small, large],
  );
  return [...compared, ...scaled].filter((series) => series.rounds.length > 0);
}

/** The section of docs/performance.md. */
export function renderReport(session: BenchSession, results: BenchResults): string {
  const figures = allSeries(results).map((series) => {
    const cost = series.microsecondsPerAction;
    const used = cost
      ? [cost.server, cost.database, cost.load].map((value) => value.toFixed(0))
      : ['', '', ''];
    return [series.name, rate(series), inMs(series.p50Ms), inMs(series.p99Ms), ...used];
  });
  return [
    '## Recording actions',
    '',
    'How many actions a second are recorded, scored and published, beside what the same PostgreSQL does with the same rows.',
    '',
    ...goalTable(goalsOf(results)),
    '',
    'Medians over the rounds. Latencies are those of requests; the last columns are processor time per action, in microseconds.',
    '',
    ...table(['what', 'actions/s', 'p50 ms', 'p99 ms', 'server us', 'database us', 'load us'], figures),
    '',
    ...(results.comparison?.notes ?? []).map((text) => `- ${text}`),
    ...circumstances(session.database, sizesOf(session)),
    '',
    '### How it is measured',
    '',
    ...METHOD.map((text) => `- ${text}`),
    '',
  ].join('\n');
}

const METHOD = [
  'One run: yardsticks and product take turns, a ratio is the median of the ratios of the rounds. PostgreSQL waits for the disk (fsync on); no checkpoint falls into a measurement.',
  "pgbench: one action a transaction (lock the score, insert the timeline entry, update the score, insert the event), prepared; its best number of clients counts. The event's position comes from the tenant's gapless counter, which is what the product promises, or from a plain sequence, which is less.",
  'Set-based SQL: the same rows, one action for each contact, in one INSERT .. SELECT or UPDATE .. FROM per table and transaction; the server makes the rows up itself.',
  'Yardsticks and product write to the same tables, through the same role and policies, in tenants of the same content; states, reasons and properties are as long as the product writes them.',
  'A million contacts are written to 150,000 times before they are measured, because whoever touches a page first after a checkpoint logs all of it; what that costs stands beside it as "right after a checkpoint".',
  `Product: the server as it is started by \`npm start\`, WORKERS=${benchWorkers()}, over HTTP on keep-alive connections; the load generator is a process of its own and checks every answer. Contacts are named by email; every action changes the score, so that it writes a timeline entry, a score and an event.`,
];

function sizesOf({ options }: BenchSession): string {
  const { rounds, warmUpMs, windowMs, quick } = options;
  const words = quick ? ' (quick: for orientation only)' : '';
  return `${rounds} rounds, windows of ${windowMs} ms after ${warmUpMs} ms of warm-up${words}`;
}

function rate(series: Series): string {
  return whole(series.actionsPerSecond);
}

function inMs(value: number | null): string {
  return value === null ? '' : value.toFixed(1);
}
