import { COMMON_HELP, countOf, readSizes } from '../report/read-sizes.js';

/** How a run is sized. */
export interface LiveBenchOptions {
  /** Sockets whose frames are counted, of the product and of bare ws. */
  sockets: number;
  /** Sockets with which latencies are measured. */
  latencySockets: number;
  changesPerSecond: number;
  contacts: number;
  /** Processes that the sockets are spread over. */
  clients: number;
  /** Product and bare ws take turns so many times; medians count. */
  rounds: number;
  warmUpMs: number;
  windowMs: number;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures how many frames a second subscribers get, beside what bare ws sends to as many sockets, and how long a change takes.

  --quick             1,000 and 200 sockets, one round: figures for orientation only
  --sockets N         sockets whose frames are counted (5000)
  --latency-sockets N sockets with which latencies are measured (1000)
  --rate N            changes a second (200)
  --contacts N        contacts that change (10000)
  --clients N         client processes (1)
  --rounds N          turns of product and bare ws (3)
  --window-ms N       length of one measurement (8000; quick 2000)
  WORKERS             server processes (1, as bare ws has one)
${COMMON_HELP}
  Each socket needs a file descriptor on either side: ulimit -n must be above their number.`;

const FULL = {
  sockets: '5000',
  'latency-sockets': '1000',
  rate: '200',
  contacts: '10000',
  clients: '1',
  rounds: '3',
  'window-ms': '8000',
};
const QUICK = { ...FULL, sockets: '1000', 'latency-sockets': '200', rounds: '1', 'window-ms': '2000' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readLiveOptions(args: readonly string[]): LiveBenchOptions | null {
  const read = readSizes(args, HELP, FULL, QUICK);
  if (!read) return null;
  const count = (name: keyof typeof FULL) => countOf(name, read.sizes[name]);
  const windowMs = count('window-ms');
  return {
    sockets: count('sockets'),
    latencySockets: count('latency-sockets'),
    changesPerSecond: count('rate'),
    contacts: count('contacts'),
    clients: count('clients'),
    rounds: count('rounds'),
    warmUpMs: Math.ceil(windowMs / 4),
    windowMs,
    write: read.write,
  };
}
