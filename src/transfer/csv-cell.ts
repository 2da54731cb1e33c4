/** What a spreadsheet may take for the beginning of a formula. */
const FORMULA_START = /^[=+\-@\t\r\n]/;
const NEEDS_QUOTES = /[",;\r\n\t]|^\s|\s$/;

/** A cell as CSV has it: in quotes where it has to be. */
export function csvCell(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A value as a cell that no spreadsheet runs: a text that begins like a formula gets an apostrophe ahead of it. Numbers stay
 * numbers, negative ones too.
 */
export function spreadsheetCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return csvCell(FORMULA_START.test(value) ? `'${value}` : value);
}

/** Cells as a line of CSV, its end included. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}
