import type { BenchDatabase } from '../ingest/bench-database.js';
import { type Goal, goalTable } from '../report/goals.js';
import { circumstances, table, whole } from '../report/markdown.js';
import type { PageResults } from './run-pages.js';
import type { TransferResults } from './run-transfers.js';

const MEMORY_MIB_GOAL = 300;
const PAGE_RATIO_GOAL = 2;

/** The section for docs/performance.md; a part that was left out is null. */
export function contactsReport(
  database: BenchDatabase,
  transfers: TransferResults | null,
  pages: PageResults | null,
): string {
  return [
    '## Contacts at full size',
    '',
    ...goalTable([...(transfers ? memoryGoal(transfers) : []), ...(pages ? pageGoals(pages) : [])]),
    '',
    ...(transfers ? [transferTable(transfers), ''] : []),
    ...(pages ? [pageTable(pages), ''] : []),
    ...circumstances(database, 'one server process'),
    '',
  ].join('\n');
}

function memoryGoal({ rows, importPeakMib }: TransferResults): Goal[] {
  if (importPeakMib === null) return [];
  const what = `memory of the server up to the end of an import of ${whole(rows)} rows, MiB`;
  return [
    { what, figure: `${whole(importPeakMib)} MiB`, value: importPeakMib, bound: { max: MEMORY_MIB_GOAL } },
  ];
}

function pageGoals({ contacts, pages }: PageResults): Goal[] {
  return pages.map(({ name, pageMs, sqlMs, helloMs }) => ({
    what: `page of ${whole(contacts)} contacts, ${name} : ${PAGE_RATIO_GOAL} x bare SQL + hello`,
    figure: `${pageMs.toFixed(1)} : ${PAGE_RATIO_GOAL} x ${sqlMs.toFixed(1)} + ${helloMs.toFixed(1)} ms`,
    value: pageMs / (PAGE_RATIO_GOAL * sqlMs + helloMs),
    bound: { max: 1 },
  }));
}

function transferTable(results: TransferResults): string {
  const { rows, fileMb, copyInSeconds, copyOutSeconds, exportSeconds } = results;
  const line = (what: string, took: number, yardstick: number) =>
    `| ${what} | ${took.toFixed(1)} s | ${Math.round(rows / took)} | ${(took / yardstick).toFixed(1)} |`;
  const mib = (value: number | null) => (value === null ? 'unknown' : `${Math.round(value)} MiB`);
  return [
    `${rows} contacts, a file of ${fileMb.toFixed(0)} MB. COPY only fills one table; the import resolves identities, writes the timeline and scores every contact.`,
    '',
    '| what | time | rows/s | times COPY |',
    '| --- | --- | --- | --- |',
    line('COPY FROM the file, one table, one key', copyInSeconds, copyInSeconds),
    line('import', results.importSeconds, copyInSeconds),
    line('the same file again: all duplicates', results.repeatSeconds, copyInSeconds),
    line('COPY (contacts with scores) TO a file', copyOutSeconds, copyOutSeconds),
    line('export, CSV', exportSeconds.csv, copyOutSeconds),
    line('export, JSON Lines', exportSeconds.jsonl, copyOutSeconds),
    '',
    `Memory of the server: ${mib(results.startMib)} before, at most ${mib(results.importPeakMib)} up to the end of the import, ${mib(results.exportPeakMib)} up to the end of the exports.`,
  ].join('\n');
}

function pageTable({ contacts, pages }: PageResults): string {
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  return [
    `Pages of 50 of ${whole(contacts)} contacts, medians, one request at a time. "Hello" is \`{ __typename }\` in turns with the page.`,
    '',
    ...table(
      ['page', 'GraphQL', 'bare SQL', 'hello'],
      pages.map(({ name, pageMs, sqlMs, helloMs }) => [name, ms(pageMs), ms(sqlMs), ms(helloMs)]),
    ),
  ].join('\n');
}
