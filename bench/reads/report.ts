import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BenchDatabase } from '../ingest/bench-database.js';
import { median } from '../ingest/series.js';
import { type Goal, goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import { CALLERS, type ReadMeasurement } from './measure-reads.js';
import type { ReadSeries, ReadsResults, SideSeries, StatementGrowth } from './run-reads.js';
import { CONNECTIONS } from './sides.js';

const SQL_FACTOR = 2;
const POSTGRAPHILE_PACKAGE = path.resolve(
  import.meta.dirname,
  '../../../node_modules/postgraphile/package.json',
);

/** The section for docs/performance.md. */
export function renderReads(results: ReadsResults, database: BenchDatabase): string {
  const { contacts, hello, reads, growth } = results;
  const rounds = hello.product.rounds.length;
  return [
    '## Reads',
    '',
    `${whole(contacts)} contacts with 10 actions and as many published changes each, read over HTTP, beside PostGraphile 5 on the same`,
    'tables, under the same role and row-level security, and beside the fewest prepared statements that read the same rows. Before',
    'they are measured all three have to give the same rows. Pages have 50 contacts and are found by cursor; the dashboard shows the',
    'score, the stage and the last 3 changes of each contact. Medians over the rounds.',
    '',
    ...goalTable([
      ...reads.map((one) => latencyGoal(one, hello)),
      ...reads.map(throughputGoal),
      ...growth.map(growthGoal),
    ]),
    '',
    ...table(
      [
        'what',
        'by',
        'p50',
        'p99',
        `requests/s, ${CALLERS} connections`,
        'process us',
        'database us',
        'statements',
      ],
      [hello, ...reads].flatMap(rowsOf),
    ),
    '',
    `p50 and p99: one connection, one request after the other. The columns after that: processor time of a request with ${CALLERS}`,
    'connections, of the process that answers (of bare SQL the one that asks) and of PostgreSQL; statements sent to PostgreSQL for',
    'one request, what begins and ends transactions and sets the tenant included.',
    '',
    'PostGraphile cannot explain a score: it reads the contact, its scores and their last 10 changes with the reasons instead; bare',
    'SQL reads the row that the explanation is computed from. PostGraphile takes the tenant from a header as it is; Leadpulse checks a',
    'key, and says of a page where the change feed stood.',
    '',
    ...circumstances(
      database,
      `${rounds} ${rounds === 1 ? 'round' : 'rounds'}; PostGraphile ${postgraphileVersion()}; ${CONNECTIONS} database connections each`,
    ),
    '',
  ].join('\n');
}

function postgraphileVersion(): string {
  return (JSON.parse(readFileSync(POSTGRAPHILE_PACKAGE, 'utf8')) as { version: string }).version;
}

function latencyGoal({ name, product, sql }: ReadSeries, hello: ReadSeries): Goal {
  const p50 = ({ p50Ms }: ReadMeasurement) => p50Ms;
  const own = of(product, p50);
  const bare = of(sql, p50);
  const nothing = of(hello.product, p50);
  return {
    what: `${name}: p50 of Leadpulse : ${SQL_FACTOR} x bare SQL + hello`,
    figure: `${own.toFixed(2)} : ${SQL_FACTOR} x ${bare.toFixed(2)} + ${nothing.toFixed(2)} ms`,
    value: own / (SQL_FACTOR * bare + nothing),
    bound: { max: 1 },
  };
}

function throughputGoal({ name, product, postgraphile }: ReadSeries): Goal {
  const rate = ({ perSecond }: ReadMeasurement) => perSecond;
  return {
    what: `${name}: requests/s of Leadpulse : PostGraphile`,
    figure: `${whole(of(product, rate))} : ${whole(of(postgraphile, rate))}`,
    value: of(product, rate) / of(postgraphile, rate),
    bound: { min: 1 },
  };
}

function growthGoal({ name, few, many }: StatementGrowth): Goal {
  return {
    what: `statements for ${name} of 50 contacts : of 10`,
    figure: `${many} : ${few}`,
    value: many / few,
    bound: { max: 1 },
  };
}

function rowsOf({ name, product, postgraphile, sql }: ReadSeries): string[][] {
  return [product, postgraphile, sql]
    .filter(({ rounds }) => rounds.length > 0)
    .map((side) => [
      name,
      side.name,
      `${of(side, ({ p50Ms }) => p50Ms).toFixed(2)} ms`,
      `${of(side, ({ p99Ms }) => p99Ms).toFixed(2)} ms`,
      whole(of(side, ({ perSecond }) => perSecond)),
      known(side, ({ processUs }) => processUs),
      known(side, ({ databaseUs }) => databaseUs),
      side.statements === null ? '' : String(side.statements),
    ]);
}

function known(side: SideSeries, pick: (round: ReadMeasurement) => number | null): string {
  const value = of(side, (round) => pick(round) ?? Number.NaN);
  return Number.isNaN(value) ? '' : whole(value);
}

function of({ rounds }: SideSeries, pick: (round: ReadMeasurement) => number): number {
  return median(rounds.map(pick));
}
