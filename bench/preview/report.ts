import type { BenchDatabase } from '../ingest/bench-database.js';
import { median } from '../ingest/series.js';
import { goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import type { PreviewMeasurement } from './measure-preview.js';
import type { PreviewBenchOptions } from './preview-options.js';

/** What was measured of one case, by round. */
export interface PreviewSeries {
  name: string;
  rounds: PreviewMeasurement[];
}

const SECONDS_MAX = 10;
const LOOP_DELAY_MS_MAX = 50;

/** The section for docs/performance.md. @param passes seconds of the SQL pass, by round. */
export function renderPreviews(
  { contacts, history }: PreviewBenchOptions,
  series: readonly PreviewSeries[],
  passes: readonly number[],
  database: BenchDatabase,
): string {
  const [first] = series;
  const seconds = median(first?.rounds.map((round) => round.seconds) ?? []);
  const delayMs = Math.max(...series.flatMap(({ rounds }) => rounds.map((round) => round.loopDelayP99Ms)));
  return [
    '## Previews and rule results',
    '',
    `${whole(contacts)} contacts with ${history} actions each, the ADVANCED model. A preview compares every contact under two versions; beside it`,
    'one SQL pass that only reads the same timelines and groups them by contact. Medians over the rounds.',
    '',
    ...goalTable([
      {
        what: `preview of ${whole(contacts)} contacts, seconds`,
        figure: `${seconds.toFixed(1)} s`,
        value: seconds,
        bound: { max: SECONDS_MAX },
      },
      {
        what: 'delay of the event loop during a preview, p99 of the worst round, ms',
        figure: `${delayMs.toFixed(1)} ms`,
        value: delayMs,
        bound: { max: LOOP_DELAY_MS_MAX },
      },
    ]),
    '',
    ...table(
      [
        'what',
        'seconds',
        'contacts/s',
        ': SQL pass',
        'server us',
        'database us',
        'loop p99',
        'hello p99',
        'peak memory',
      ],
      [passRow(contacts, passes), ...series.map((one) => row(one, passes))],
    ),
    '',
    'The last columns: processor time a contact of the server with its threads and of PostgreSQL, delay of the event loop, latency of',
    '`{ __typename }` over HTTP meanwhile, and the most memory that the server has held by then.',
    '',
    ...circumstances(database, 'one server process'),
    '',
  ].join('\n');
}

function passRow(contacts: number, passes: readonly number[]): string[] {
  const seconds = median(passes);
  return ['SQL pass', seconds.toFixed(2), whole(contacts / seconds), '1.0', '', '', '', '', ''];
}

function row({ name, rounds }: PreviewSeries, passes: readonly number[]): string[] {
  const of = (pick: (round: PreviewMeasurement) => number) => median(rounds.map(pick));
  const us = (pick: (round: PreviewMeasurement) => number | null) => {
    const known = rounds.flatMap((round) => pick(round) ?? []);
    return known.length > 0 ? median(known).toFixed(0) : '';
  };
  const peaks = rounds.flatMap(({ peakMib }) => peakMib ?? []);
  // Pass and preview of one round ran next to each other, so that both met the same machine.
  const ratio = median(rounds.map(({ seconds }, round) => seconds / (passes[round] ?? Number.NaN)));
  return [
    name,
    of(({ seconds }) => seconds).toFixed(2),
    whole(of(({ seconds, contacts }) => contacts / seconds)),
    ratio.toFixed(1),
    us(({ serverUs }) => serverUs),
    us(({ databaseUs }) => databaseUs),
    `${of(({ loopDelayP99Ms }) => loopDelayP99Ms).toFixed(1)} ms`,
    `${of(({ helloP99Ms }) => helloP99Ms).toFixed(1)} ms`,
    peaks.length > 0 ? `${whole(Math.max(...peaks))} MiB` : '',
  ];
}
