import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/feed/cursor.js';

const scope = { installationId: randomUUID(), tenantId: randomUUID() };

describe('cursor', () => {
  it.each([
    0n,
    1n,
    4_294_967_295n,
    4_294_967_296n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
  ])('brings position %d back', (position) => {
    expect(decodeCursor(scope, encodeCursor(scope, position))).toBe(position);
  });

  it('is the same for a position as text, number and bigint', () => {
    expect(encodeCursor(scope, '42')).toBe(encodeCursor(scope, 42n));
    expect(encodeCursor(scope, 42)).toBe(encodeCursor(scope, 42n));
  });

  it.each(['tenantId', 'installationId'] as const)('has expired for another %s', (key) => {
    const cursor = encodeCursor({ ...scope, [key]: randomUUID() }, 7n);
    expect(() => decodeCursor(scope, cursor)).toThrow(expect.objectContaining({ code: 'CURSOR_EXPIRED' }));
  });

  it('refuses what is no cursor', () => {
    const cursor = encodeCursor(scope, 7n);
    const broken = [
      '',
      'abc',
      '12',
      `${cursor}A`,
      cursor.slice(1),
      `B${cursor.slice(1)}`,
      cursor.replace(/.$/, '*'),
    ];
    for (const text of [...broken, 'x'.repeat(100_000), ' '.repeat(cursor.length)]) {
      expect(() => decodeCursor(scope, text)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    }
  });

  it('refuses a position that no feed can have', () => {
    const bytes = Buffer.from(encodeCursor(scope, 7n), 'base64url');
    bytes[9] = 0xff;
    expect(() => decodeCursor(scope, bytes.toString('base64url'))).toThrow('not a cursor');
  });
});
