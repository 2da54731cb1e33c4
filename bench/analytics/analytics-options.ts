import { COMMON_HELP, countOf, readSizes } from '../report/read-sizes.js';

/** How a run is sized. */
export interface AnalyticsOptions {
  contacts: number;
  /** Actions of each contact. */
  history: number;
  rounds: number;
  /** How long actions arrive while facts are watched, and how many a second at the slower pace. */
  seconds: number;
  actionsPerSecond: number;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures the reports of analytics beside the barest SQL that reads the rows they need, and how their facts are kept
while actions arrive.

  --quick               20,000 contacts, one round: figures for orientation only
  --contacts N          contacts of the tenant (1000000)
  --history N           actions of each (20)
  --rounds N            times that everything is asked (3)
  --seconds N           how long actions arrive (30)
  --rate N              actions a second (200)
  WORKERS               server processes (1)
${COMMON_HELP}`;

const FULL = { contacts: '1000000', history: '20', rounds: '3', seconds: '30', rate: '200' };
const QUICK = { contacts: '20000', history: '20', rounds: '1', seconds: '5', rate: '200' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readAnalyticsOptions(args: readonly string[]): AnalyticsOptions | null {
  const read = readSizes(args, HELP, FULL, QUICK);
  if (!read) return null;
  const count = (name: keyof typeof FULL) => countOf(name, read.sizes[name]);
  return {
    contacts: count('contacts'),
    history: count('history'),
    rounds: count('rounds'),
    seconds: count('seconds'),
    actionsPerSecond: count('rate'),
    write: read.write,
  };
}
