import path from 'node:path';
import { parseArgs } from 'node:util';
import { countOf } from '../report/read-sizes.js';

/** How a run is sized. */
export interface GraphqlOptions {
  connections: number;
  /** All servers take turns so many times; medians count. */
  rounds: number;
  warmUpMs: number;
  windowMs: number;
  /** Another build's product-server.js, to take turns with this one's; null for none. */
  before: string | null;
  /** Folder for a CPU profile of the product's server; null for none. */
  profileDir: string | null;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures what HTTP and GraphQL cost a mutation that touches no database, beside mercurius with JIT and bare fastify.

  --quick               one round with windows of 1 s: figures for orientation only
  --connections N       each with one request under way (64)
  --rounds N            turns (5)
  --window-ms N         length of one measurement (3000)
  --before FILE         dist/bench/graphql/product-server.js of another build, to be compared in the same turns
  --profile DIR         also: the product's server once more with its top functions, .cpuprofile in DIR
  --write / --no-write  write docs/performance.md (a run in full does, one with sizes of its own does not)`;

const FULL = { connections: '64', rounds: '5', 'window-ms': '3000' };
const QUICK = { ...FULL, rounds: '1', 'window-ms': '1000' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readGraphqlOptions(args: readonly string[]): GraphqlOptions | null {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      connections: { type: 'string' },
      rounds: { type: 'string' },
      'window-ms': { type: 'string' },
      before: { type: 'string' },
      profile: { type: 'string' },
      write: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const sizes = values.quick ? QUICK : FULL;
  const size = (name: keyof typeof FULL) => countOf(name, values[name] ?? sizes[name]);
  const isFull =
    !values.quick && Object.keys(FULL).every((name) => values[name as keyof typeof FULL] === undefined);
  const windowMs = size('window-ms');
  return {
    connections: size('connections'),
    rounds: size('rounds'),
    warmUpMs: Math.min(1_500, windowMs),
    windowMs,
    before: values.before === undefined ? null : path.resolve(values.before),
    profileDir: values.profile === undefined ? null : path.resolve(values.profile),
    write: values.write ?? (isFull && values.before === undefined && values.profile === undefined),
  };
}
