import { COMMON_HELP, countOf, readSizes } from '../report/read-sizes.js';

/** How a run is sized. */
export interface PreviewBenchOptions {
  contacts: number;
  /** Actions of each contact. */
  history: number;
  /** Times that the SQL pass and the previews take turns; medians count. */
  rounds: number;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures how long a preview of every contact takes, beside one SQL pass that reads and groups the same rows.

  --quick               10,000 contacts, one round: figures for orientation only
  --contacts N          contacts of the tenant (100000, which is the most that is looked at while somebody waits)
  --history N           actions of each contact (20)
  --rounds N            turns of SQL pass and previews (3)
${COMMON_HELP}`;

const DEFAULTS = { contacts: '100000', history: '20', rounds: '3' };
const QUICK = { contacts: '10000', history: '20', rounds: '1' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readPreviewOptions(args: readonly string[]): PreviewBenchOptions | null {
  const read = readSizes(args, HELP, DEFAULTS, QUICK);
  if (!read) return null;
  const { sizes, write } = read;
  return {
    contacts: countOf('contacts', sizes.contacts),
    history: countOf('history', sizes.history),
    rounds: countOf('rounds', sizes.rounds),
    write,
  };
}
