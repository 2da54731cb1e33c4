import { isJsonObject } from '../scoring/json-value.js';
import { csvCell, csvLine } from './csv-cell.js';
import { FAULT_COLUMNS } from './guess-target.js';
import type { FileLayout, RowFault } from './import-row.js';

/**
 * The beginning of a file of refused rows: the columns of the file behind two of our own. Corrected, it can be imported as it
 * is; those two columns go nowhere.
 */
export function faultFileHead({ format, columns }: FileLayout): string {
  if (format !== 'CSV') return '';
  const names = columns.map(({ column }) => csvCell(column));
  return csvLine([FAULT_COLUMNS.row, FAULT_COLUMNS.fault, ...names]);
}

/** A refused row as a line of such a file. Its own cells are as they were: nothing is put ahead of formulas. */
export function faultFileLine({ format }: FileLayout, fault: RowFault): string {
  if (format === 'CSV') {
    const cells = JSON.parse(fault.content) as string[];
    return csvLine([String(fault.row), csvCell(fault.message), ...cells.map(csvCell)]);
  }
  const own = { [FAULT_COLUMNS.row]: fault.row, [FAULT_COLUMNS.fault]: fault.message };
  const value = parse(fault.content);
  return `${JSON.stringify(isJsonObject(value) ? { ...own, ...value } : { ...own, line: fault.content })}\n`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
