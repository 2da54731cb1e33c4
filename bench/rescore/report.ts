import type { BenchDatabase } from '../ingest/bench-database.js';
import { median } from '../ingest/series.js';
import { type Goal, goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
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
  return [
    '## Rescoring',
    '',
    'A version is published that changes the score of most contacts; the server brings all of them to it. Beside it one SQL pass that',
    'only reads the same timelines and groups them by contact. Medians over the rounds.',
    '',
    ...goalTable(series.map(goalOf)),
    '',
    ...table(['contacts', 'SQL pass', 'rescoring', 'memory at rest', 'at its peak'], series.map(rateRow)),
    '',
    ...table(
      ['contacts', 'changes', 'server us', 'database us', 'loop delay p99', 'hello p99'],
      series.map(costRow),
    ),
    '',
    'Rates are contacts a second. Memory is that of the server process with its threads. The last columns: processor time a contact;',
    'delay of the event loop, and latency of `{ __typename }` over HTTP, while it runs.',
    '',
    ...circumstances(database, 'one server process'),
    '',
  ].join('\n');
}

function goalOf({ contacts, history, passes, rescores }: RescoreSeries): Goal {
  // Pass and rescoring of one round ran next to each other, so that both met the same machine.
  const ratio = median(rescores.map(({ seconds }, round) => seconds / (passes[round] ?? Number.NaN)));
  const took = median(rescores.map(({ seconds }) => seconds));
  return {
    what: `rescoring of ${whole(contacts)} contacts with ${history} actions each : one SQL pass over the same rows`,
    figure: `${took.toFixed(1)} : ${median(passes).toFixed(1)} s`,
    value: ratio,
    bound: { max: RATIO_MAX },
  };
}

function rateRow({ contacts, passes, restMiB, rescores }: RescoreSeries): string[] {
  const peaks = rescores.flatMap(({ peakMiB }) => peakMiB ?? []);
  return [
    whole(contacts),
    whole(contacts / median(passes)),
    whole(contacts / median(rescores.map(({ seconds }) => seconds))),
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
