import { COMMON_HELP, countOf, readSizes } from '../report/read-sizes.js';

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
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures how many contacts a second are rescored, beside one SQL pass that reads and groups the same rows.

  --quick               10,000 contacts, one round: figures for orientation only
  --contacts N,N        contacts of each tenant (100000,1000000)
  --history N           actions of each contact (20)
  --rounds N            turns of SQL pass and rescoring (3)
  --segments            with the three segments that every tenant begins with: keeping their members is work beside it
${COMMON_HELP}`;

const DEFAULTS = { contacts: '100000,1000000', history: '20', rounds: '3' };
const QUICK = { contacts: '10000', history: '20', rounds: '1' };

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readRescoreOptions(args: readonly string[]): RescoreBenchOptions | null {
  const read = readSizes(args, HELP, DEFAULTS, QUICK, ['segments']);
  if (!read) return null;
  const { sizes, switches, write } = read;
  return {
    contacts: sizes.contacts.split(',').map((text) => countOf('contacts', text)),
    history: countOf('history', sizes.history),
    rounds: countOf('rounds', sizes.rounds),
    segments: switches.has('segments'),
    write,
  };
}
