import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeRecord } from '../../src/feed/change-record.js';
import { ChangeRing } from '../../src/feed/change-ring.js';

function record(position: number, reasonChars = 2): ChangeRecord {
  return {
    position: BigInt(position),
    contactId: 'contact',
    modelId: 'model',
    version: 1,
    atMs: 0,
    recordedAtMs: 0,
    cause: 'ACTION',
    actionAtMs: null,
    actionSeq: null,
    points: 1,
    totalBefore: 0,
    totalAfter: 1,
    stageBefore: null,
    stageAfter: 'cold',
    labelBefore: null,
    labelAfter: null,
    reasons: 'x'.repeat(reasonChars),
  };
}

function positions(records: ChangeRecord[] | null): number[] | null {
  return records === null ? null : records.map(({ position }) => Number(position));
}

describe('ChangeRing', () => {
  it('begins empty after its position and sends those before it to the table', () => {
    const ring = new ChangeRing(5n, { recordsMax: 3, reasonCharsMax: 100 });
    expect(ring.after(5n, 10)).toEqual([]);
    expect(ring.after(4n, 10)).toBeNull();
    expect(ring.after(9n, 10)).toEqual([]);
  });

  it('keeps the newest', () => {
    const ring = new ChangeRing(0n, { recordsMax: 3, reasonCharsMax: 100 });
    for (const position of [1, 2, 3, 4, 5]) ring.push(record(position));
    expect(positions(ring.after(2n, 10))).toEqual([3, 4, 5]);
    expect(positions(ring.after(3n, 1))).toEqual([4]);
    expect(ring.after(1n, 10)).toBeNull();
  });

  it('is bounded in characters too, and still holds one that is over', () => {
    const ring = new ChangeRing(0n, { recordsMax: 100, reasonCharsMax: 10 });
    for (const position of [1, 2, 3]) ring.push(record(position, 4));
    expect(positions(ring.after(1n, 10))).toEqual([2, 3]);
    ring.push(record(4, 1_000));
    expect(ring.size).toBe(1);
    expect(positions(ring.after(3n, 10))).toEqual([4]);
  });

  it('begins anew when a position is missing', () => {
    const ring = new ChangeRing(0n, { recordsMax: 3, reasonCharsMax: 100 });
    ring.push(record(1));
    ring.push(record(5));
    expect(ring.after(1n, 10)).toBeNull();
    expect(positions(ring.after(4n, 10))).toEqual([5]);
  });

  it('always answers with what follows without a gap, or with null', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), fc.nat(60), (reasonChars, recordsMax, asked) => {
        const ring = new ChangeRing(0n, { recordsMax, reasonCharsMax: 20 });
        for (const [index, chars] of reasonChars.entries()) ring.push(record(index + 1, chars));
        const found = positions(ring.after(BigInt(asked), 1_000));
        const all = reasonChars.map((_, index) => index + 1).filter((position) => position > asked);
        expect(ring.size).toBeLessThanOrEqual(recordsMax);
        if (found === null) expect(all.length).toBeGreaterThan(0);
        else expect(found).toEqual(all);
      }),
    );
  });
});
