import { cpus } from 'node:os';
import type { BenchDatabase } from '../ingest/bench-database.js';
import type { PageResults } from './run-pages.js';
import type { TransferResults } from './run-transfers.js';

const MEMORY_MIB_GOAL = 300;
const PAGE_RATIO_GOAL = 2;

/** What was measured, as Markdown; a part that was left out is null. */
export function contactsReport(
  { description }: BenchDatabase,
  transfers: TransferResults | null,
  pages: PageResults | null,
): string {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`;
  const parts = [
    [machine, ...description].map((line) => `- ${line}`).join('\n'),
    ...(transfers ? [transferTable(transfers)] : []),
    ...(pages ? [pageTable(pages)] : []),
  ];
  return parts.join('\n\n');
}

function transferTable(results: TransferResults): string {
  const { rows, fileMb, copyInSeconds, copyOutSeconds, exportSeconds } = results;
  const line = (what: string, took: number, yardstick: number) =>
    `| ${what} | ${took.toFixed(1)} s | ${Math.round(rows / took)} | ${(took / yardstick).toFixed(1)} |`;
  const mib = (value: number | null) => (value === null ? 'unknown' : `${Math.round(value)} MiB`);
  const met = results.importPeakMib !== null && results.importPeakMib < MEMORY_MIB_GOAL;
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
    `Memory of the server: ${mib(results.startMib)} before, at most ${mib(results.importPeakMib)} up to the end of the import (goal: under ${MEMORY_MIB_GOAL} MiB, ${met ? 'met' : 'not met'}), ${mib(results.exportPeakMib)} up to the end of the exports.`,
  ].join('\n');
}

function pageTable({ contacts, pages }: PageResults): string {
  const lines = pages.map(({ name, pageMs, sqlMs, helloMs }) => {
    const goalMs = PAGE_RATIO_GOAL * sqlMs + helloMs;
    const met = pageMs <= goalMs ? 'met' : 'not met';
    const figures = [pageMs, sqlMs, helloMs, goalMs].map((ms) => `${ms.toFixed(2)} ms`);
    return `| ${name} | ${figures.join(' | ')} | ${met} |`;
  });
  return [
    `Pages of 50 of ${contacts} contacts, medians, one request at a time. "Hello" is \`{ __typename }\` in turns with the page; the goal is ${PAGE_RATIO_GOAL} times the bare SQL plus that.`,
    '',
    '| page | GraphQL | bare SQL | hello | goal | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
