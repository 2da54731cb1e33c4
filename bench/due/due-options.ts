import { COMMON_HELP, countOf, readSizes } from '../report/read-sizes.js';

/** How a run is sized. */
export interface DueOptions {
  /** Contacts of the large tenants. */
  contacts: number;
  /** How many of them fall due at once. */
  due: number;
  rounds: number;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures what it costs when scores fall due, in a tenant of that many contacts and in one of many more.

  --quick               50,000 contacts of which 1,000 fall due, one round: figures for orientation only
  --contacts N          contacts of the large tenants (1000000)
  --due N               contacts that fall due (10000)
  --rounds N            times that they do (3)
${COMMON_HELP}`;

const FULL = { contacts: '1000000', due: '10000', rounds: '3' };
const QUICK = { contacts: '50000', due: '1000', rounds: '1' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readDueOptions(args: readonly string[]): DueOptions | null {
  const read = readSizes(args, HELP, FULL, QUICK);
  if (!read) return null;
  const [contacts, due, rounds] = (['contacts', 'due', 'rounds'] as const).map((name) =>
    countOf(name, read.sizes[name]),
  ) as [number, number, number];
  if (due > contacts) throw new Error('--due: no more can fall due than there are contacts');
  return { contacts, due, rounds, write: read.write };
}
