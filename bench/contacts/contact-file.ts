import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** Columns of the file, as an export of another system has them. */
export const FILE_COLUMNS = [
  'Customer ID',
  'Email',
  'First Name',
  'Last Name',
  'Job Title',
  'Company',
  'Employees',
  'Industry',
  'Country',
  'Plan',
] as const;

const TITLES = ['CTO', 'VP Sales', 'Head of Marketing', 'Engineer', 'Buyer', ''];
const INDUSTRIES = ['Software', 'Manufacturing', 'Retail', 'Health care'];
const COUNTRIES = ['DE', 'US', 'FR', 'IN', 'BR'];
const PLANS = ['free', 'pro', 'enterprise'];
const ROWS_PER_WRITE = 2_000;

/** Writes a file of so many contacts. @returns its size in bytes. */
export async function writeContactFile(path: string, rows: number): Promise<number> {
  const file = createWriteStream(path, { mode: 0o644 });
  file.write(`${FILE_COLUMNS.join(',')}\n`);
  for (let start = 0; start < rows; start += ROWS_PER_WRITE) {
    const end = Math.min(rows, start + ROWS_PER_WRITE);
    let text = '';
    for (let row = start; row < end; row++) text += lineOf(row);
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return file.bytesWritten;
}

function lineOf(row: number): string {
  const pick = (words: readonly string[]) => words[row % words.length];
  const size = (row % 997) + 1;
  return `crm-${row},lead-${row}@import.example,Robin,Lead ${row},${pick(TITLES)},"Company ${row % 5_000}, Inc.",${size},${pick(INDUSTRIES)},${pick(COUNTRIES)},${pick(PLANS)}\n`;
}
