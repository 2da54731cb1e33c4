import { parseArgs } from 'node:util';

/** How a run is sized. */
export interface PreviewBenchOptions {
  contacts: number;
  /** Actions of each contact. */
  history: number;
  /** Times that the SQL pass and the previews take turns; medians count. */
  rounds: number;
}

const HELP = `Measures how long a preview of every contact takes, beside one SQL pass that reads and groups the same rows.

  --quick               10,000 contacts, one round: figures for orientation only
  --contacts N          contacts of the tenant (100000, which is the most that is looked at while somebody waits)
  --history N           actions of each contact (20)
  --rounds N            turns of SQL pass and previews (3)
  BENCH_DATABASE_URL    a server of your own; its role must be allowed to create a database`;

const DEFAULTS = { contacts: '100000', history: '20', rounds: '3' };
const QUICK = { contacts: '10000', history: '20', rounds: '1' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readPreviewOptions(args: readonly string[]): PreviewBenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      contacts: { type: 'string' },
      history: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const sizes = values.quick ? QUICK : DEFAULTS;
  return {
    contacts: count('contacts', values.contacts ?? sizes.contacts),
    history: count('history', values.history ?? sizes.history),
    rounds: count('rounds', values.rounds ?? sizes.rounds),
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name}: ${text} is no whole number of at least 1`);
  return value;
}
