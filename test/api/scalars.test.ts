import { parseValue } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DateTimeScalar, JsonScalar, parseDateTime } from '../../src/api/scalars.js';

describe('DateTime', () => {
  test.each([
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01t09:30:00.123456z', '2026-03-01T09:30:00.123Z'],
    ['2026-03-01 09:30:00+05:30', '2026-03-01T04:00:00.000Z'],
    ['2024-02-29T23:59:59.9-00:00', '2024-02-29T23:59:59.900Z'],
  ])('%s is %s', (text, iso) => {
    expect(DateTimeScalar.serialize(parseDateTime(text))).toBe(iso);
  });

  test.each([
    '2026-03-01',
    '2026-03-01T09:30Z',
    '2026-03-01T09:30:00',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T09:60:00Z',
    '2026-03-01T09:30:00+25:00',
    1_700_000_000_000,
    null,
  ])('%s is none', (value) => {
    expect(() => parseDateTime(value)).toThrow();
  });
});

describe('JSON', () => {
  test('literals are read with variables in them; names are data', () => {
    const node = parseValue('{ a: [1, 2.5, "x", true, null, WORD], __proto__: { b: $b }, c: $none }');
    const value = JsonScalar.parseLiteral(node, { b: [1] });
    expect(JSON.stringify(value)).toBe('{"a":[1,2.5,"x",true,null,"WORD"],"__proto__":{"b":[1]},"c":null}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('literals have a depth', () => {
    expect(() => JsonScalar.parseLiteral(parseValue('['.repeat(40) + ']'.repeat(40)), {})).toThrow(
      /at most 32/,
    );
  });
});
