import { badInput } from '../errors.js';
import type { JsonValue } from '../scoring/json-value.js';
import { type FilePlace, type FileRecord, ROW_BYTES_MAX } from './file-record.js';

const NEWLINE = 10;

/**
 * The lines of a JSON Lines file; empty ones are passed over.
 * @throws LeadpulseError BAD_USER_INPUT for a line that is longer than `ROW_BYTES_MAX`; whatever the source throws.
 */
export async function* jsonRecords(
  source: AsyncIterable<Buffer>,
  place: FilePlace,
): AsyncGenerator<FileRecord> {
  let { offset, line } = place;
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of source) {
    let bytes = rest.length > 0 ? Buffer.concat([rest, part]) : part;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      offset += end + 1;
      line += 1;
      const record = recordOf(bytes.subarray(0, end), offset, line);
      bytes = bytes.subarray(end + 1);
      if (record) yield record;
    }
    if (bytes.length > ROW_BYTES_MAX) {
      throw badInput([{ path: 'file', message: `Line ${line + 1} is longer than ${ROW_BYTES_MAX} bytes.` }]);
    }
    rest = bytes;
  }
  const last = recordOf(rest, offset + rest.length, line + 1);
  if (last) yield last;
}

function recordOf(bytes: Buffer, endOffset: number, line: number): FileRecord | null {
  const text = bytes
    .toString()
    .replace(/^\ufeff/, '')
    .trim();
  return text === '' ? null : { content: parse(text), text, endOffset, line };
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
