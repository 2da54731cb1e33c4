import { cpus } from 'node:os';
import type { BenchDatabase } from '../ingest/bench-database.js';
import { median } from '../ingest/series.js';
import type { RescoreMeasurement } from './measure-rescore.js';

/** What was measured with one number of contacts. */
export interface RescoreSeries {
  contacts: number;
  history: number;
  /** Seconds of the SQL pass, by round. */
  passes: number[];
  /** The server's memory before the first rescoring; null where there is no /proc. */
  restMiB: number | null;
  rescores: RescoreMeasurement[];
}

/** Times that a rescoring may take as long as the SQL pass. */
const RATIO_MAX = 5;

/** The section for docs/performance.md. */
export function renderRescoring(series: readonly RescoreSeries[], database: BenchDatabase): string {
  const [cpu] = cpus();
  return [
    '## Rescoring',
    '',
    'A version is published that changes the score of most contacts; the server brings all of them to it. Beside it one SQL pass that',
    'only reads the same timelines and groups them by contact. Written by `npm run bench:rescore`; medians over the rounds.',
    '',
    ...table(
      [
        'contacts',
        'actions each',
        'SQL pass',
        'rescoring',
        'ratio',
        'goal',
        'met',
        'memory at rest',
        'at its peak',
      ],
      series.map(ratioRow),
    ),
    '',
    ...table(
      ['contacts', 'changes', 'server us', 'database us', 'loop delay p99', 'hello p99'],
      series.map(costRow),
    ),
    '',
    'Rates are contacts a second. Memory is that of the server process with its threads. The last columns: processor time a contact;',
    'delay of the event loop, and latency of `{ __typename }` over HTTP, while it runs.',
    '',
    `- ${new Date().toISOString().slice(0, 10)}; ${cpus().length} cores (${cpu?.model.trim()}); Node ${process.versions.node}; one server process.`,
    ...database.description.map((text) => `- ${text}.`),
    '',
  ].join('\n');
}

function ratioRow({ contacts, history, passes, restMiB, rescores }: RescoreSeries): string[] {
  const [pass, rescore] = [median(passes), median(rescores.map(({ seconds }) => seconds))];
  // Pass and rescoring of one round ran next to each other, so that both met the same machine.
  const ratio = median(rescores.map(({ seconds }, round) => seconds / (passes[round] ?? pass)));
  const peaks = rescores.flatMap(({ peakMiB }) => peakMiB ?? []);
  const rate = (seconds: number) => `${whole(contacts / seconds)} (${seconds.toFixed(1)} s)`;
  return [
    whole(contacts),
    String(history),
    rate(pass),
    rate(rescore),
    ratio.toFixed(1),
    `<= ${RATIO_MAX}`,
    ratio <= RATIO_MAX ? 'yes' : 'no',
    restMiB === null ? '' : `${whole(restMiB)} MiB`,
    peaks.length > 0 ? `${whole(Math.max(...peaks))} MiB` : '',
  ];
}

function costRow({ contacts, rescores }: RescoreSeries): string[] {
  const us = (values: (number | null)[]) => {
    const known = values.flatMap((value) => value ?? []);
    return known.length > 0 ? median(known).toFixed(0) : '';
  };
  const ms = (values: number[]) => `${median(values).toFixed(1)} ms`;
  return [
    whole(contacts),
    whole(median(rescores.map(({ changes }) => changes))),
    us(rescores.map(({ serverUs }) => serverUs)),
    us(rescores.map(({ databaseUs }) => databaseUs)),
    ms(rescores.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
    ms(rescores.map(({ helloP99Ms }) => helloP99Ms)),
  ];
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
