import type { ColumnPlan } from './column-plan.js';
import type { FileFormat, ImportRequest } from './import-request.js';

/** How a file is to be read; settled when its beginning has been read. */
export interface FileLayout {
  format: FileFormat;
  /** Of CSV; null for JSON Lines. */
  delimiter: string | null;
  /** Of CSV; empty for JSON Lines, whose names are placed row by row. */
  columns: ColumnPlan[];
}

/** What has become of the rows of a file so far. */
export interface ImportCounts {
  /** Rows done: recorded, duplicates and rejected ones. */
  rows: number;
  /** Rows written to a timeline; in a dry run, rows that would be. */
  recorded: number;
  /** Contacts that recorded rows made. */
  created: number;
  /** Rows that were recorded before, by this import's file or by another. */
  duplicates: number;
  /** Rows with a fault. */
  rejected: number;
}

/** An import as it is stored. */
export interface ImportRow {
  /** That of its job. */
  id: string;
  request: ImportRequest;
  layout: FileLayout | null;
  /** Everything before it is done; a row begins there. */
  offsetBytes: number;
  /** Lines before it. */
  line: number;
  /** See `RowIdentity`. */
  chain: string | null;
  counts: ImportCounts;
  createdAtMs: number;
}

/** A row that was refused. */
export interface RowFault {
  /** From 1 on, the header and empty lines left out. */
  row: number;
  code: string;
  message: string;
  /** See `FileRecord.text`. */
  content: string;
}
