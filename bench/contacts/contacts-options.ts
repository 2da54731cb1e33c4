import { parseArgs } from 'node:util';
import { countOf } from '../report/read-sizes.js';

/** How a run is sized. */
export interface ContactsBenchOptions {
  quick: boolean;
  /** Rows of the import, and contacts of the export. */
  rows: number;
  /** Contacts of the tenant whose pages are read. */
  pageContacts: number;
  /** Requests of one page case. */
  requests: number;
  /** Parts to run. */
  transfers: boolean;
  pages: boolean;
  /** The server's entry, to compare builds; null for the one of this build. */
  serverEntry: string | null;
  /** Whether docs/performance.md is written. */
  write: boolean;
}

const HELP = `Measures imports and exports of contacts beside bare COPY, and pages of contacts beside bare SQL.

  --quick            small: figures for orientation only
  --rows N           rows imported and exported (1000000; quick 50000)
  --contacts N       contacts of which pages are read (1000000; quick 50000)
  --requests N       requests of each page case (300; quick 50)
  --only transfers|pages  leave the other part out
  --server FILE      another build's main.js
  --write / --no-write  write docs/performance.md (a run in full does, a quick one or a part does not)
  WORKERS            server processes (1, so that its memory is that of one process)
  BENCH_DATABASE_URL a server of your own; its role must be allowed to create a database, and to COPY from and to files`;

/**
 * Reads the command line.
 * @returns null when the help was asked for and printed.
 * @throws Error for an unknown option or a value that is no count.
 */
export function readContactsOptions(args: readonly string[]): ContactsBenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      write: { type: 'boolean' },
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rows: { type: 'string' },
      contacts: { type: 'string' },
      requests: { type: 'string' },
      only: { type: 'string' },
      server: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return null;
  }
  const { quick, only } = values;
  if (only !== undefined && only !== 'transfers' && only !== 'pages') {
    throw new Error('--only is transfers or pages');
  }
  return {
    quick,
    rows: count('rows', values.rows) ?? (quick ? 50_000 : 1_000_000),
    pageContacts: count('contacts', values.contacts) ?? (quick ? 50_000 : 1_000_000),
    requests: count('requests', values.requests) ?? (quick ? 50 : 300),
    transfers: only !== 'pages',
    pages: only !== 'transfers',
    serverEntry: values.server ?? null,
    write: values.write ?? (!quick && only === undefined && values.server === undefined),
  };
}

function count(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : countOf(name, text);
}
