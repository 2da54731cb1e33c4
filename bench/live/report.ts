import type { BenchDatabase } from '../ingest/bench-database.js';
import { median } from '../ingest/series.js';
import { benchWorkers } from '../ingest/server-process.js';
import { goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import type { LiveBenchOptions } from './live-options.js';
import type { LiveMeasurement } from './measure-live.js';

/** What was measured, a round each. */
export interface LiveSeries {
  latency: LiveMeasurement[];
  /** Windows of it that were measured and not counted: see `leastDisturbed`. */
  leftOut: number;
  product: LiveMeasurement[];
  bare: LiveMeasurement[];
  /** The server's memory before the first socket; null where there is no /proc. */
  restMib: number | null;
}

const RATIO_MIN = 0.5;
const P99_MS_MAX = 100;
const KIB_PER_MIB = 1_024;

/** The section for docs/performance.md. */
export function renderLive(series: LiveSeries, options: LiveBenchOptions, database: BenchDatabase): string {
  const { latency, product, bare } = series;
  // Product and bare ws of one round ran next to each other, so that both met the same machine.
  const ratio = median(
    product.map(
      ({ framesPerSecond }, round) => framesPerSecond / (bare[round]?.framesPerSecond ?? Number.NaN),
    ),
  );
  const p99Ms = median(latency.map((round) => round.p99Ms));
  const frames = (rounds: LiveMeasurement[]) => whole(median(rounds.map((round) => round.framesPerSecond)));
  const sockets = `${whole(options.sockets)} sockets, ${options.changesPerSecond} changes a second`;
  return [
    '## Live',
    '',
    'Subscribers of `scoreChanged` in a process of their own while actions are recorded through the API. Beside it bare `ws` in a process',
    'of its own that sends one message of the same size to as many sockets, as fast as they take it; it reads, executes and records nothing.',
    'Latency is from `recordedAt`, which is written just before the commit, to the arrival at one socket in twenty.',
    `Medians over the rounds. Latency: ${latency.length} windows of ${latency.length + series.leftOut}, those in which the host gave least of this machine's`,
    `processor time to other machines: ${(Math.max(...latency.map(({ stolen }) => stolen)) * 100).toFixed(1)} % at most.`,
    '',
    ...goalTable([
      {
        what: `frames a second, product : bare ws, ${sockets}`,
        figure: `${frames(product)} : ${frames(bare)}`,
        value: ratio,
        bound: { min: RATIO_MIN },
      },
      {
        what: `commit to client, p99 in ms, ${whole(options.latencySockets)} sockets, ${options.changesPerSecond} changes a second`,
        figure: `${p99Ms.toFixed(0)} ms`,
        value: p99Ms,
        bound: { max: P99_MS_MAX },
      },
    ]),
    '',
    ...table(
      [
        'what',
        'changes/s',
        'frames/s',
        'bytes',
        'p50 ms',
        'p99 ms',
        'skipped',
        'closed',
        'sender us a frame',
        'client cores',
        'memory',
        'a socket',
      ],
      [row('product', latency, series), row('product', product, series), row('bare ws', bare, null)],
    ),
    '',
    'Memory is that of the sending process while it sends, and what a socket adds to the process at rest. `skipped` is the part of the changes',
    'that slow sockets were told of by number alone.',
    '',
    ...circumstances(
      database,
      `${options.rounds} rounds, windows of ${options.windowMs} ms; WORKERS=${benchWorkers()}, client processes: ${options.clients}`,
    ),
    '',
  ].join('\n');
}

function row(name: string, rounds: readonly LiveMeasurement[], series: LiveSeries | null): string[] {
  const of = (pick: (round: LiveMeasurement) => number) => median(rounds.map(pick));
  const sockets = of((round) => round.sockets);
  const memory = rounds.flatMap(({ memoryMib }) => memoryMib ?? []);
  const senderUs = rounds.flatMap((round) => round.senderUs ?? []);
  const rest = series?.restMib ?? null;
  const perSocket =
    rest === null || memory.length === 0 ? '' : ((median(memory) - rest) * KIB_PER_MIB) / sockets;
  return [
    `${name}, ${whole(sockets)} sockets`,
    series ? whole(of((round) => round.changesPerSecond)) : '',
    whole(of((round) => round.framesPerSecond)),
    whole(of((round) => round.frameBytes)),
    series ? of((round) => round.p50Ms).toFixed(0) : '',
    series ? of((round) => round.p99Ms).toFixed(0) : '',
    series ? `${(of((round) => round.skippedPart) * 100).toFixed(0)} %` : '',
    whole(of((round) => round.closed)),
    senderUs.length > 0 ? median(senderUs).toFixed(1) : '',
    of((round) => round.clientCores).toFixed(2),
    memory.length > 0 ? `${whole(median(memory))} MiB` : '',
    perSocket === '' ? '' : `${perSocket.toFixed(0)} KiB`,
  ];
}
