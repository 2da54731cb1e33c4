import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looseValue, numberOf } from '../../src/transfer/cell-values.js';
import { csvCell, csvLine, spreadsheetCell } from '../../src/transfer/csv-cell.js';
import { csvRecords, detectDelimiter } from '../../src/transfer/csv-records.js';
import type { FileRecord } from '../../src/transfer/file-record.js';
import { guessTarget } from '../../src/transfer/guess-target.js';
import { jsonRecords } from '../../src/transfer/json-records.js';
import { onlyUtf8 } from '../../src/transfer/utf8-check.js';

const START = { offset: 0, line: 0 };

async function* parts(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const cell = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\r\n', ',', ' ', 'a"b', '\n'),
);
/** At least two cells, the first one filled: a lone empty cell would be an empty line. */
const row = fc.array(cell, { minLength: 1, maxLength: 5 }).map((cells) => ['x', ...cells]);

describe('CSV', () => {
  test('what is written is read again, however the file is cut, and from any row on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, size) => {
          const bytes = Buffer.from(rows.map((cells) => csvLine(cells.map(csvCell))).join(''));
          const read = await all(csvRecords(parts(bytes, size), ',', START));
          expect(read.map(({ content }) => content)).toEqual(rows);
          expect(read.at(-1)?.endOffset).toBe(bytes.length);
          for (const [index, { endOffset: offset, line }] of read.entries()) {
            const rest = await all(csvRecords(parts(bytes.subarray(offset), size), ',', { offset, line }));
            expect(rest).toEqual(read.slice(index + 1));
          }
        },
      ),
    );
  });

  test('the delimiter is looked for outside of quotes, in the first line that has something', () => {
    expect(detectDelimiter(Buffer.from('"a,b,c";d\n1,2,3,4;5'))).toBe(';');
    expect(detectDelimiter(Buffer.from('\r\na\tb,c\td\n'))).toBe('\t');
    expect(detectDelimiter(Buffer.from('email\n'))).toBe(',');
  });
});

test('JSON Lines are read however the file is cut, and from any line on', async () => {
  const text = '\ufeff{"a":"é"}\r\n\n[1]\n{oops\n"last"';
  const bytes = Buffer.from(text);
  const expected = [{ a: 'é' }, [1], undefined, 'last'];
  for (let size = 1; size < 12; size++) {
    const read: FileRecord[] = await all(jsonRecords(parts(bytes, size), START));
    expect(read.map(({ content }) => content)).toEqual(expected);
    expect(read.map(({ line }) => line)).toEqual([1, 3, 4, 5]);
    for (const [index, { endOffset: offset, line }] of read.entries()) {
      expect(await all(jsonRecords(parts(bytes.subarray(offset), size), { offset, line }))).toEqual(
        read.slice(index + 1),
      );
    }
  }
});

describe('UTF-8', () => {
  test('sound text passes, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 9 }),
        async (text, size) => {
          const bytes = Buffer.from(`a${text}`);
          expect(Buffer.concat(await all(onlyUtf8(parts(bytes, size), 1)))).toEqual(bytes);
        },
      ),
    );
  });

  test.each([1, 2, 3, 7, 1_000])(
    'a byte that is none is found with its line, in parts of %i',
    async (size) => {
      const bytes = Buffer.concat([Buffer.from('é\n€\n𝒳 '), Buffer.from([0xfc]), Buffer.from(' x\n')]);
      await expect(all(onlyUtf8(parts(bytes, size), 1))).rejects.toThrow('Line 3 is not UTF-8');
      const cut = bytes.subarray(0, 3).subarray(0, 1);
      await expect(all(onlyUtf8(parts(cut, size), 1))).rejects.toThrow('Line 1 is not UTF-8');
    },
  );
});

test('a spreadsheet cell never begins like a formula', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const shown = spreadsheetCell(text);
      expect(shown.replace(/^"/, '')).not.toMatch(/^[=+\-@\t\r\n]/);
    }),
  );
  expect(spreadsheetCell(-5)).toBe('-5');
});

test.each([
  ['42', 42],
  ['-1.5', -1.5],
  ['0', 0],
  ['007', '007'],
  ['1.50', '1.50'],
  ['1e5', '1e5'],
  ['+1', '+1'],
  ['12345678901234567', '12345678901234567'],
  ['', ''],
])('the cell %j stands for %j', (text, value) => {
  expect(looseValue(text)).toBe(value);
});

test.each([
  ['1,250', 1_250],
  ["1'250'000", 1_250_000],
  ['1 250', 1_250],
  ['2.5e6', 2_500_000],
  ['1,25', null],
  ['51-200', null],
  ['', null],
])('as a number %j is %j', (text, value) => {
  expect(numberOf(text)).toBe(value);
});

test.each([
  ['E-Mail Address', 'CONTACTS', { to: 'key', key: 'email' }],
  ['email_address', 'ACTIONS', { to: 'key', key: 'email' }],
  ['Customer ID', 'ACTIONS', { to: 'key', key: 'externalId' }],
  ['Surname', 'CONTACTS', { to: 'standard', attribute: 'lastName' }],
  ['id', 'CONTACTS', { to: 'key', key: 'externalId' }],
  ['id', 'ACTIONS', { to: 'idempotencyKey' }],
  ['Timestamp', 'ACTIONS', { to: 'occurredAt' }],
  ['attributes.plan', 'CONTACTS', { to: 'named', name: 'plan' }],
  ['import_fault', 'CONTACTS', { to: 'nowhere' }],
] as const)('the column %j of %s is understood', (column, kind, target) => {
  expect(guessTarget(column, kind)?.target).toEqual(target);
});

test('a name that means nothing suggests nothing', () => {
  expect(guessTarget('Favourite colour', 'CONTACTS')).toBeNull();
  expect(guessTarget('constructor', 'ACTIONS')).toBeNull();
});
