import { parseArgs } from 'node:util';

/** How a run is sized, as far as all benchmarks have it in common. */
export interface Sizes<Name extends string> {
  /** What was asked for, or the default, for each size. */
  sizes: Record<Name, string>;
  quick: boolean;
  /** Whether docs/performance.md is written: a run in full does, one with sizes of its own only when told to. */
  write: boolean;
  /** Switches that were given. */
  switches: ReadonlySet<string>;
}

/** What all benchmarks can be told. */
export const COMMON_HELP = `  --write / --no-write  write docs/performance.md (a run in full does, one with sizes of its own does not)
  BENCH_DATABASE_URL    a server of your own; its role must be allowed to create a database`;

/**
 * Reads a command line of sizes (`--contacts 1000`), switches, and what all benchmarks have in common.
 * @param full sizes unless others are asked for; @param quick those of `--quick`.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option.
 */
export function readSizes<Name extends string>(
  args: readonly string[],
  help: string,
  full: Record<Name, string>,
  quick: Record<Name, string>,
  switches: readonly string[] = [],
): Sizes<Name> | null {
  const names = Object.keys(full) as Name[];
  const options = {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const)),
    ...Object.fromEntries(
      ['help', 'quick', 'write', ...switches].map((name) => [name, { type: 'boolean' }] as const),
    ),
  };
  const values: Record<string, string | boolean | undefined> = parseArgs({
    args: [...args],
    allowNegative: true,
    options,
  }).values;
  if (values.help) {
    console.log(help);
    return null;
  }
  const isQuick = values.quick === true;
  const given = names.filter((name) => typeof values[name] === 'string');
  const sizes = { ...(isQuick ? quick : full) };
  for (const name of given) sizes[name] = String(values[name]);
  return {
    sizes,
    quick: isQuick,
    write: typeof values.write === 'boolean' ? values.write : !isQuick && given.length === 0,
    switches: new Set(switches.filter((name) => values[name] === true)),
  };
}

/** @throws Error for a text that is no whole number of at least 1. */
export function countOf(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name}: ${text} is no whole number of at least 1`);
  return value;
}
