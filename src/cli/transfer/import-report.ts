import { formatTable } from '../format-table.js';
import { count } from './import-progress.js';
import type { ImportStatus } from './transfer-server.js';

const SOURCE_WORDS = { GIVEN: 'as given', GUESSED: 'by its name', CUSTOM: '' };
const DELIMITER_WORDS: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };

/** How the file was read: its format, and where each column goes. */
export function describeLayout({ format, delimiter, mapping }: ImportStatus): string {
  if (format !== 'CSV') return 'JSON Lines';
  const rows = mapping.map(({ column, target, source }) => [
    `  ${column === '' ? '(no name)' : column}`,
    '->',
    target === '-' ? 'nowhere' : target,
    SOURCE_WORDS[source],
  ]);
  return `CSV, delimiter ${DELIMITER_WORDS[delimiter ?? ''] ?? delimiter}\n${formatTable(rows)}`;
}

/** What came of every row. */
export function describeCounts(status: ImportStatus, request: { kind: string; dryRun: boolean }): string {
  const { rows, recorded, created, updated, duplicates, rejected } = status;
  const refused = `${count(rejected)} rejected`;
  if (request.dryRun)
    return `${count(rows)} rows: ${count(recorded)} sound, ${refused}. Nothing was recorded.`;
  const made =
    request.kind === 'CONTACTS'
      ? `${count(created)} contacts created, ${count(updated)} updated`
      : `${count(recorded)} actions recorded (${count(created)} contacts created)`;
  return `${count(rows)} rows: ${made}, ${count(duplicates)} duplicates, ${refused}.`;
}

/** The first faults; empty when there is none. */
export function describeFaults({ faults, rejected }: ImportStatus): string {
  const lines = faults.map(({ row, message }) => `  row ${row}: ${message}`);
  if (rejected > faults.length && faults.length > 0)
    lines.push(`  and ${count(rejected - faults.length)} more`);
  return lines.join('\n');
}
