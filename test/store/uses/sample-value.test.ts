import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasEmail, SAMPLE_CHARS_MAX, samplesOf } from '../../../src/store/uses/sample-value.js';

describe('what of a value is shown', () => {
  it('texts, numbers, true and false as they are, of lists the elements, each once', () => {
    expect(samplesOf('ebook')).toEqual(['ebook']);
    expect(samplesOf(0)).toEqual([0]);
    expect(samplesOf(false)).toEqual([false]);
    expect(samplesOf(['seo', 'crm', 'seo', null, { deep: 1 }, ['no']])).toEqual(['seo', 'crm']);
  });

  it('nothing of null, objects and blank texts', () => {
    for (const value of [null, { a: 1 }, '', '  \n']) expect(samplesOf(value)).toEqual([]);
  });

  it('a text is cut after 64 characters and says so', () => {
    expect(samplesOf('x'.repeat(64))).toEqual(['x'.repeat(64)]);
    expect(samplesOf('x'.repeat(65))).toEqual([`${'x'.repeat(63)}…`]);
  });

  it('whatever is cut, PostgreSQL can store it', () => {
    const long = fc.string({ unit: 'grapheme', minLength: 60, maxLength: 70 });
    fc.assert(
      fc.property(long, (text) => {
        for (const sample of samplesOf(text)) {
          expect(String(sample).isWellFormed()).toBe(true);
          expect(String(sample).length).toBeLessThanOrEqual(SAMPLE_CHARS_MAX);
        }
      }),
    );
    expect(samplesOf(`${'x'.repeat(62)}😀😀`)).toEqual([`${'x'.repeat(62)}…`]);
  });

  it('what looks like an email address is left out, wherever it stands in the text', () => {
    const addresses = [
      'ada@example.com',
      'Ada <ada@example.com>',
      'a@b',
      '/unsubscribe?who=ada%40example.com',
    ];
    for (const text of [...addresses, `${'x'.repeat(100)} ada@example.com`]) {
      expect(hasEmail(text)).toBe(true);
      expect(samplesOf(text)).toEqual([]);
    }
    expect(samplesOf(['ada@example.com', 'newsletter'])).toEqual(['newsletter']);
    for (const text of ['@acme', 'sold @ 5', 'mail@ ', '@@', '']) expect(hasEmail(text)).toBe(false);
  });

  it('a long text without any address is judged in linear time', () => {
    expect(hasEmail('x'.repeat(1_000_000))).toBe(false);
    expect(hasEmail('@ '.repeat(500_000))).toBe(false);
  });
});
