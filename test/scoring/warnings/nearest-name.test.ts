import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameIndex } from '../../../src/scoring/warnings/nearest-name.js';

const KNOWN = ['email_opened', 'visited_pricing_page', 'requestedDemo', 'ab'];
const index = new NameIndex(KNOWN);

/** A name with one letter added, left out, exchanged or swapped with the next one. */
function slipped(name: string): fc.Arbitrary<string> {
  const at = fc.integer({ min: 1, max: name.length - 2 });
  const letter = fc.constantFrom(...'aeiourstlnx');
  const kind = fc.constantFrom('add', 'leave out', 'exchange', 'swap');
  return fc.tuple(kind, at, letter).map(([what, n, x]) => {
    const [before, here, next, after] = [name.slice(0, n), name[n], name[n + 1], name.slice(n + 1)];
    if (what === 'add') return before + x + here + after;
    if (what === 'leave out') return before + after;
    return what === 'exchange' ? before + x + after : before + next + here + name.slice(n + 2);
  });
}

describe('the nearest name', () => {
  it('is found after any slip of a letter', () => {
    const slip = fc
      .constantFrom('email_opened', 'visited_pricing_page', 'requestedDemo')
      .chain((name) => fc.tuple(fc.constant(name), slipped(name)));
    fc.assert(
      fc.property(slip, ([name, unknown]) => {
        if (unknown !== name) expect(index.nearestTo(unknown)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it('is found up to a letter in four, three at most', () => {
    expect(index.nearestTo('vixited_prixing_paxe')).toBe('visited_pricing_page');
    expect(index.nearestTo('vixixed_prixing_paxe')).toBeNull();
    expect(index.nearestTo('email_opxxxd')).toBe('email_opened');
    expect(index.nearestTo('xmail_xpxxxd')).toBeNull();
    expect(index.nearestTo('ax')).toBeNull();
  });

  it('is the one with the fewest letters between, and the first in the alphabet among equals', () => {
    expect(new NameIndex(['page_seen', 'page_sent']).nearestTo('page_sen')).toBe('page_seen');
    expect(new NameIndex(['page_view_3', 'page_views']).nearestTo('page_view_4')).toBe('page_view_3');
    expect(new NameIndex(['newsletter_b', 'newsletter_a']).nearestTo('newsletter_c')).toBe('newsletter_a');
  });
});
