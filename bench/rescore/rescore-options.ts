import { parseArgs } from 'node:util';

/** How a run is sized. */
export interface RescoreBenchOptions {
  /** Contacts of each tenant that is rescored, one tenant after the other. */
  contacts: number[];
  /** Actions of each contact. */
  history: number;
  /** Times that the SQL pass and the rescoring take turns; medians count. */
  rounds: number;
  /** Whether the tenants keep the segments that every tenant begins with, whose members are looked at again meanwhile. */
  segments: boolean;
}

const HELP = `Measures how many contacts a second are rescored, beside one SQL pass that reads and groups the same rows.

  --quick               10,000 contacts, one round: figures for orientation only
  --contacts N,N        contacts of each tenant (100000,1000000)
  --history N           actions of each contact (20)
  --rounds N            turns of SQL pass and rescoring (3)
  --segments            with the three segments that every tenant begins with: keeping their members is work beside it
  BENCH_DATABASE_URL    a server of your own; its role must be allowed to create a database`;

const DEFAULTS = { contacts: '100000,1000000', history: '20', rounds: '3' };
const QUICK = { contacts: '10000', history: '20', rounds: '1' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readRescoreOptions(args: readonly string[]): RescoreBenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      contacts: { type: 'string' },
      history: { type: 'string' },
      rounds: { type: 'string' },
      segments: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const sizes = values.quick ? QUICK : DEFAULTS;
  return {
    contacts: (values.contacts ?? sizes.contacts).split(',').map((text) => count('contacts', text)),
    history: count('history', values.history ?? sizes.history),
    rounds: count('rounds', values.rounds ?? sizes.rounds),
    segments: values.segments,
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name}: ${text} is no whole number of at least 1`);
  return value;
}
