import { parseArgs } from 'node:util';

/** How a run is sized. */
export interface LiveBenchOptions {
  quick: boolean;
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
  BENCH_DATABASE_URL  a server of your own; its role must be allowed to create a database
  Each socket needs a file descriptor on either side: ulimit -n must be above their number.`;

const DEFAULTS = {
  sockets: 5_000,
  'latency-sockets': 1_000,
  rate: 200,
  contacts: 10_000,
  clients: 1,
  rounds: 3,
  'window-ms': 8_000,
};
const QUICK = { ...DEFAULTS, sockets: 1_000, 'latency-sockets': 200, rounds: 1, 'window-ms': 2_000 };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readLiveOptions(args: readonly string[]): LiveBenchOptions | null {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      sockets: text,
      'latency-sockets': text,
      rate: text,
      contacts: text,
      clients: text,
      rounds: text,
      'window-ms': text,
    },
  });
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const sizes = values.quick ? QUICK : DEFAULTS;
  const count = (name: keyof typeof DEFAULTS) => positive(name, values[name]) ?? sizes[name];
  const windowMs = count('window-ms');
  return {
    quick: values.quick,
    sockets: count('sockets'),
    latencySockets: count('latency-sockets'),
    changesPerSecond: count('rate'),
    contacts: count('contacts'),
    clients: count('clients'),
    rounds: count('rounds'),
    warmUpMs: Math.ceil(windowMs / 4),
    windowMs,
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number of at least 1`);
  return value;
}
