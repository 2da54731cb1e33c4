import { pipeline, Readable } from 'node:stream';
import { CsvError, type Info, Parser } from 'csv-parse';
import { badInput } from '../errors.js';
import { type FilePlace, type FileRecord, ROW_BYTES_MAX } from './file-record.js';
import { DELIMITERS } from './import-request.js';

/**
 * The rows of a CSV file, the header among them when reading begins at its start. Quotes, line breaks in cells and any kind
 * of line end are understood; empty lines are passed over.
 * @throws LeadpulseError BAD_USER_INPUT for a row that never ends; whatever the source throws.
 */
export async function* csvRecords(
  source: AsyncIterable<Buffer>,
  delimiter: string,
  place: FilePlace,
): AsyncGenerator<FileRecord> {
  const parser = new Parser({
    bom: place.offset === 0,
    delimiter,
    info: true,
    max_record_size: ROW_BYTES_MAX,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  // Faults come out of the parser, which is what is iterated.
  pipeline(Readable.from(source, { objectMode: false }), parser, () => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      yield {
        content: record,
        text: JSON.stringify(record),
        endOffset: place.offset + info.bytes,
        line: place.line + info.lines,
      };
    }
  } catch (error) {
    throw error instanceof CsvError ? csvFault(error, place) : error;
  } finally {
    parser.destroy();
  }
}

/** The delimiter that the header has most of, outside of quotes; a comma when it has none. */
export function detectDelimiter(head: Buffer): string {
  const counts = new Map<string, number>();
  let quoted = false;
  for (const character of head.toString('latin1')) {
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '\n' || character === '\r') {
      if (counts.size > 0) break;
    } else if (DELIMITERS.some((known) => known === character)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a);
  return best?.[0] ?? ',';
}

function csvFault(error: CsvError, place: FilePlace): Error {
  const line = place.line + Number(error.lines ?? 0);
  const tooLong = `A row that ends beyond line ${line} is longer than ${ROW_BYTES_MAX} bytes: probably a quote (") that is not closed.`;
  const open = `The file ends within a quoted cell: a quote (") before line ${line} is not closed.`;
  const messages: Record<string, string> = { CSV_MAX_RECORD_SIZE: tooLong, CSV_QUOTE_NOT_CLOSED: open };
  return badInput([{ path: 'file', message: messages[error.code] ?? error.message }]);
}
