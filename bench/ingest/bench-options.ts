import { parseArgs } from 'node:util';

/** What is driven: the server over HTTP, or the recorder behind it without HTTP and GraphQL. */
export type BenchTarget = 'server' | 'recorder';

/** How a run is sized. */
export interface BenchOptions {
  target: BenchTarget;
  quick: boolean;
  /** Yardsticks and product take turns so many times; medians count. */
  rounds: number;
  warmUpMs: number;
  windowMs: number;
  /** Contacts that single mutations and pgbench go to. */
  contacts: number;
  /** Contacts that bulk mutations and set-based SQL go to; set-based SQL writes as many rows at a time. */
  bulkContacts: number;
  /** The large side of the pair "10 thousand and 1 million contacts". */
  manyContacts: number;
  /** Contacts, and the long side, of the pair "10 and 10,000 actions of history". */
  historyContacts: number;
  longHistory: number;
  /** Parts to leave out. */
  comparison: boolean;
  yardsticks: boolean;
  scaling: boolean;
  /** Folder for CPU profiles; null measures instead of profiling. */
  profileDir: string | null;
  /** The server's entry, to compare builds; null for the one of this build. */
  serverEntry: string | null;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures how many actions a second the server records, beside pgbench and set-based SQL on the same tables.

  --quick               everything, small: under 90 s, figures for orientation only
  --target recorder     drive the recorder without HTTP and GraphQL
  --rounds N            turns of yardsticks and product (3; quick 1)
  --window-ms N         length of one measurement (8000; quick 1000)
  --contacts N          contacts for the large side of the contacts pair (1000000; quick 50000)
  --history N           actions for the long side of the history pair (10000; quick 1000)
  --only product|scaling  leave the other part out (product includes the yardsticks)
  --no-yardsticks       product only
  --profile DIR         profile the server instead: top functions and statements of each phase, .cpuprofile files in DIR
  --server FILE         another build's main.js
  --write / --no-write  write docs/performance.md (a full run does, a quick one does not)
  BENCH_DATABASE_URL    a server of your own; its role must be allowed to create a database`;

const DEFAULTS = { rounds: 3, 'window-ms': 8_000, contacts: 1_000_000, history: 10_000 };
const QUICK = { rounds: 1, 'window-ms': 1_000, contacts: 50_000, history: 1_000 };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readBenchOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      target: { type: 'string', default: 'server' },
      only: { type: 'string' },
      yardsticks: { type: 'boolean', default: true },
      rounds: { type: 'string' },
      'window-ms': { type: 'string' },
      contacts: { type: 'string' },
      history: { type: 'string' },
      profile: { type: 'string' },
      server: { type: 'string' },
      write: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const { quick, target, only } = values;
  if (target !== 'server' && target !== 'recorder') throw new Error('--target is server or recorder');
  if (only !== undefined && only !== 'product' && only !== 'scaling')
    throw new Error('--only is product or scaling');
  const sizes = quick ? QUICK : DEFAULTS;
  const count = (name: keyof typeof DEFAULTS) => positive(name, values[name]) ?? sizes[name];
  const windowMs = count('window-ms');
  const complete =
    target === 'server' && only === undefined && values.yardsticks && values.profile === undefined;
  return {
    target,
    quick,
    rounds: count('rounds'),
    warmUpMs: Math.min(2_000, Math.ceil(windowMs / 2)),
    windowMs,
    contacts: 10_000,
    bulkContacts: quick ? 20_000 : 100_000,
    manyContacts: count('contacts'),
    historyContacts: quick ? 200 : 500,
    longHistory: count('history'),
    comparison: only !== 'scaling',
    yardsticks: values.yardsticks,
    scaling: only !== 'product',
    profileDir: values.profile ?? null,
    serverEntry: values.server ?? null,
    write: values.write ?? (complete && !quick),
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number of at least 1`);
  return value;
}
