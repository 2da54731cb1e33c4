import type { JsonValue } from '../scoring/json-value.js';

/** Bytes of one row at most: what is longer is a quote that nobody closed. */
export const ROW_BYTES_MAX = 1_048_576;

/** One row of a file. */
export interface FileRecord {
  /** The cells of a CSV row, or the value of a line of JSON; undefined for a line that is no JSON. */
  content: string[] | JsonValue | undefined;
  /** The row as it is kept when it is refused: its cells as a JSON array, or its line. */
  text: string;
  /** Bytes of the file up to the end of the row. */
  endOffset: number;
  /** The line of the file on which it ends. */
  line: number;
}

/** Where in a file reading begins. */
export interface FilePlace {
  offset: number;
  line: number;
}
