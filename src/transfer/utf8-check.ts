import { isUtf8 } from 'node:buffer';
import { badInput, type LeadpulseError } from '../errors.js';

const NEWLINE = 10;
/** Bytes of a character at most. */
const CHARACTER_BYTES_MAX = 4;

/** Looks through a file, part by part, for bytes that are no UTF-8. */
export class Utf8Check {
  /** Bytes of a character that the last part cut off. */
  #rest: Buffer = Buffer.alloc(0);
  #line: number;
  #begun = false;

  /** @param line number of the first line that comes. */
  constructor(line = 1) {
    this.#line = line;
  }

  /** @throws LeadpulseError BAD_USER_INPUT that names the line and says how to convert the file. */
  add(part: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, part]) : part;
    if (!this.#begun && this.#line === 1) refuseUtf16(bytes);
    this.#begun = true;
    const end = bytes.length - cutOffBytes(bytes);
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw notUtf8(this.#line + countLines(whole.subarray(0, firstFault(whole))));
    this.#line += countLines(whole);
    this.#rest = Buffer.from(bytes.subarray(end));
  }

  /** @throws LeadpulseError when the file ends within a character. */
  end(): void {
    if (this.#rest.length > 0) throw notUtf8(this.#line);
  }
}

/** How many bytes at the end may be the beginning of a character that goes on in the next part. */
function cutOffBytes(bytes: Buffer): number {
  for (let back = 1; back < CHARACTER_BYTES_MAX && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** How many bytes from the start are sound, by halves. */
function firstFault(bytes: Buffer): number {
  let sound = 0;
  let faulty = bytes.length;
  while (faulty - sound > 1) {
    const middle = Math.floor((sound + faulty) / 2);
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, part.length - cutOffBytes(part)))) sound = middle;
    else faulty = middle;
  }
  return sound;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** What Excel writes as "Unicode text". */
function refuseUtf16(bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark !== 'fffe' && mark !== 'feff') return;
  const message =
    'The file is in UTF-16. Save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 file > converted';
  throw badInput([{ path: 'file', message }]);
}

function notUtf8(line: number): LeadpulseError {
  const message = `Line ${line} is not UTF-8; the file is probably in Latin-1 or Windows-1252. Save it as UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8 file > converted`;
  return badInput([{ path: 'file', message }]);
}

/**
 * The parts of a source, each looked through before it is handed on.
 * @param line number of the first line that comes.
 * @throws LeadpulseError as `Utf8Check`; whatever the source throws.
 */
export async function* onlyUtf8(source: AsyncIterable<Buffer>, line: number): AsyncGenerator<Buffer> {
  const check = new Utf8Check(line);
  for await (const part of source) {
    check.add(part);
    yield part;
  }
  check.end();
}
