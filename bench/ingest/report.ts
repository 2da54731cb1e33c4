import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
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

/** A ratio and what it was meant to be. */
export interface GoalRow {
  what: string;
  figure: string;
  ratio: number;
  goal: string;
  met: boolean;
}

const SINGLE_RATIO_MIN = 1.5;
const BULK_RATIO_MIN = 0.8;
const SCALING_RATIO_MAX = 1.3;
const GOAL_CONNECTIONS = [64, 256];
const BYTES_PER_GIB = 1024 ** 3;
/** What stands below it in the report is written by hand and kept. */
const KEPT_MARKER = '<!-- Written by hand from here on; npm run bench:ingest keeps it. -->';
const KEPT_AT_FIRST = `${KEPT_MARKER}\n\n## What was tried\n`;

/** The ratios that there are goals for. */
export function goalRows({ comparison, scaling }: BenchResults): GoalRow[] {
  const rows = comparison ? [...singleRows(comparison), ...bulkRows(comparison)] : [];
  for (const { name, small, large } of scaling ?? []) {
    const ratio = ratioOf(small, large);
    const figure = `${rate(small)} -> ${rate(large)} /s`;
    const goal = `<= ${SCALING_RATIO_MAX}`;
    rows.push({ what: `cost of an action, ${name}`, figure, ratio, goal, met: ratio <= SCALING_RATIO_MAX });
  }
  return rows;
}

function singleRows({ pgbench, singles }: Comparison): GoalRow[] {
  const rows: GoalRow[] = [];
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
      const ratio = ratioOf(series, best);
      rows.push({
        what: `recordAction, ${connections} connections : pgbench's best${words}`,
        figure: `${rate(series)} : ${rate(best)} /s`,
        ratio,
        goal: `>= ${SINGLE_RATIO_MIN}`,
        met: ratio >= SINGLE_RATIO_MIN,
      });
    }
  }
  return rows;
}

function bulkRows({ setBased, bulks }: Comparison): GoalRow[] {
  if (!setBased) return [];
  const best = bestOf([...bulks.values()]);
  const ratio = ratioOf(best, setBased);
  const figure = `${rate(best)} : ${rate(setBased)} /s`;
  return [
    {
      what: `${best.name} : set-based SQL`,
      figure,
      ratio,
      goal: `>= ${BULK_RATIO_MIN}`,
      met: ratio >= BULK_RATIO_MIN,
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

/** The report as Markdown, without what is written by hand. */
export function renderReport(session: BenchSession, results: BenchResults): string {
  const goals = goalRows(results).map((row) => [
    row.what,
    row.figure,
    row.ratio.toFixed(2),
    row.goal,
    row.met ? 'yes' : 'no',
  ]);
  const figures = allSeries(results).map((series) => {
    const cost = series.microsecondsPerAction;
    const used = cost
      ? [cost.server, cost.database, cost.load].map((value) => value.toFixed(0))
      : ['', '', ''];
    return [series.name, rate(series), inMs(series.p50Ms), inMs(series.p99Ms), ...used];
  });
  return [
    '# Performance',
    '',
    'How many actions a second are recorded, scored and published, beside what the same PostgreSQL does with the same rows.',
    'Ratios travel from machine to machine, figures do not. Written by `npm run bench:ingest`.',
    '',
    '## Ratios',
    '',
    ...table(['what', 'figure', 'ratio', 'goal', 'met'], goals),
    '',
    '## Figures',
    '',
    'Medians over the rounds. Latencies are those of requests; the last columns are processor time per action, in microseconds.',
    '',
    ...table(['what', 'actions/s', 'p50 ms', 'p99 ms', 'server us', 'database us', 'load us'], figures),
    '',
    ...(results.comparison?.notes ?? []).map((text) => `- ${text}`),
    ...setting(session).map((text) => `- ${text}`),
    '',
    '## How it is measured',
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

function setting({ options, database }: BenchSession): string[] {
  const [cpu] = cpus();
  const memory = (totalmem() / BYTES_PER_GIB).toFixed(0);
  const { rounds, warmUpMs, windowMs } = options;
  return [
    `${new Date().toISOString().slice(0, 10)}, commit ${commit()}; ${rounds} rounds, windows of ${windowMs} ms after ${warmUpMs} ms of warm-up${options.quick ? ' (quick: for orientation only)' : ''}.`,
    `${cpus().length} cores (${cpu?.model.trim()}), ${memory} GiB, ${process.platform}; Node ${process.versions.node}.`,
    ...database.description.map((text) => `${text}.`),
  ];
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function rate(series: Series): string {
  return Math.round(series.actionsPerSecond).toLocaleString('en');
}

function inMs(value: number | null): string {
  return value === null ? '' : value.toFixed(1);
}

/** Writes docs/performance.md; what was written by hand below the marker stays. */
export async function writeReport(text: string): Promise<string> {
  const file = path.resolve(import.meta.dirname, '../../../docs/performance.md');
  const present = await readFile(file, 'utf8').catch(() => '');
  const keptAt = present.indexOf(KEPT_MARKER);
  await writeFile(file, `${text}\n${keptAt < 0 ? KEPT_AT_FIRST : present.slice(keptAt)}`);
  return file;
}
