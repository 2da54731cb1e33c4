import { badInput } from '../errors.js';
import { givenTargets, planColumns } from './column-plan.js';
import { csvRecords, detectDelimiter } from './csv-records.js';
import type { FilePlace, FileRecord } from './file-record.js';
import type { FileFormat, ImportRequest } from './import-request.js';
import type { FileLayout } from './import-row.js';
import { jsonRecords } from './json-records.js';
import { onlyUtf8 } from './utf8-check.js';

/** Bytes looked at to tell format and delimiter. */
const HEAD_BYTES_MAX = 65_536;
const QUOTE = 34;
const SPACE = 32;
const NEWLINE = 10;

/** A file whose layout is known, at its first row. */
export interface OpenedFile {
  layout: FileLayout;
  records: AsyncGenerator<FileRecord>;
  /** Where its rows begin. */
  place: FilePlace;
}

/** Goes on reading where a row begins. */
export function reopenFile(source: AsyncIterable<Buffer>, layout: FileLayout, place: FilePlace): OpenedFile {
  const sound = onlyUtf8(source, place.line + 1);
  return { layout, place, records: recordsOf(sound, layout, place) };
}

/**
 * Reads the beginning of a file: its format, and the columns of CSV.
 * @throws LeadpulseError BAD_USER_INPUT when it is empty, not UTF-8, or its columns cannot be placed.
 */
export async function openFile(source: AsyncIterable<Buffer>, request: ImportRequest): Promise<OpenedFile> {
  const { head, all } = await readHead(onlyUtf8(source, 1));
  if (
    head
      .toString()
      .replace(/^\ufeff/, '')
      .trim() === ''
  ) {
    throw badInput([{ path: 'file', message: 'The file is empty.' }]);
  }
  const format = request.format ?? formatOf(head);
  const start: FilePlace = { offset: 0, line: 0 };
  if (format === 'JSONL') {
    givenTargets(request);
    const layout: FileLayout = { format, delimiter: null, columns: [] };
    return { layout, place: start, records: recordsOf(all, layout, start) };
  }
  const delimiter = request.delimiter ?? detectDelimiter(head);
  const records = csvRecords(all, delimiter, start);
  const header = await records.next();
  if (header.done || !Array.isArray(header.value.content)) {
    throw badInput([{ path: 'file', message: 'The file has no header.' }]);
  }
  const columns = planColumns(header.value.content.map(String), request);
  const { endOffset: offset, line } = header.value;
  return { layout: { format, delimiter, columns }, place: { offset, line }, records };
}

function recordsOf(
  source: AsyncIterable<Buffer>,
  { format, delimiter }: FileLayout,
  place: FilePlace,
): AsyncGenerator<FileRecord> {
  return format === 'CSV' ? csvRecords(source, delimiter ?? ',', place) : jsonRecords(source, place);
}

/** JSON Lines begin with an object; a header does not begin with a brace. */
function formatOf(head: Buffer): FileFormat {
  return /^[\ufeff\s]*\{/.test(head.toString('utf8')) ? 'JSONL' : 'CSV';
}

/** Whether a line with something in it ends there, outside of quotes. */
function hasWholeLine(head: Buffer): boolean {
  let quoted = false;
  let filled = false;
  for (const byte of head) {
    if (byte === QUOTE) quoted = !quoted;
    if (byte > SPACE) filled = true;
    if (byte === NEWLINE && filled && !quoted) return true;
  }
  return false;
}

/** The beginning of a source, at least a line of it, and the source with it. */
async function readHead(
  source: AsyncGenerator<Buffer>,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEAD_BYTES_MAX && !hasWholeLine(head)) {
    const next = await source.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head: head.subarray(0, HEAD_BYTES_MAX), all: prepended(head, source) };
}

async function* prepended(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}
