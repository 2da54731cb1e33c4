import { COMMON_HELP, countOf, readSizes } from '../report/read-sizes.js';

/** How a run is sized. */
export interface ReadsOptions {
  contacts: number;
  rounds: number;
  /** How long each measurement lasts, of which there are two for each case and side in a round. */
  seconds: number;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures reads of contacts beside bare SQL and beside PostGraphile 5 on the same tables.

  --quick               20,000 contacts, one round of 1 s each: figures for orientation only
  --contacts N          contacts of the tenant, 1,000 at least (1000000)
  --rounds N            times that everything is measured (3)
  --seconds N           how long each measurement lasts (3)
  WORKERS               server processes (1; PostGraphile has one)
${COMMON_HELP}`;

const FULL = { contacts: '1000000', rounds: '3', seconds: '3' };
const QUICK = { contacts: '20000', rounds: '1', seconds: '1' };
/** The pages whose places are looked up have to exist. */
const CONTACTS_MIN = 1_000;

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readReadsOptions(args: readonly string[]): ReadsOptions | null {
  const read = readSizes(args, HELP, FULL, QUICK);
  if (!read) return null;
  const count = (name: keyof typeof FULL) => countOf(name, read.sizes[name]);
  const contacts = count('contacts');
  if (contacts < CONTACTS_MIN) throw new Error(`--contacts: ${CONTACTS_MIN} at least`);
  return { contacts, rounds: count('rounds'), seconds: count('seconds'), write: read.write };
}
