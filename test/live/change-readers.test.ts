import { describe, expect, it, vi } from 'vitest';
import { abortableStream } from '../../src/api/live/abortable-stream.js';
import { ChangeReader } from '../../src/api/live/fan-out/change-reader.js';
import type { ChangeShape } from '../../src/api/live/fan-out/change-source.js';
import { ChangeFold } from '../../src/api/live/fan-out/fold-changes.js';
import { batchesOf } from '../../src/api/live/fan-out/frame.js';
import type { ChangeRecord } from '../../src/feed/change-record.js';
import { FeedSubscriber, type FeedSubscriberOptions } from '../../src/feed/feed-subscriber.js';
import { TenantTail } from '../../src/feed/tenant-tail.js';
import { createLog } from '../../src/log.js';

/** A feed in which nothing happens. */
function quietFeed(shape: ChangeShape): { reader: ChangeReader; onClose: ReturnType<typeof vi.fn> } {
  const onClose = vi.fn();
  const tail = new TenantTail({
    tenantId: 'tenant',
    position: 7n,
    bounds: { recordsMax: 10, reasonCharsMax: 10 },
    readRowsMax: 10,
    read: async () => [],
    log: createLog('silent'),
  });
  const options: FeedSubscriberOptions = {
    position: 7n,
    tail,
    readPage: async () => [],
    pageRowsMax: 10,
    fork: (position) => new FeedSubscriber({ ...options, position }),
    onClose,
  };
  const subscriber = new FeedSubscriber(options);
  const match = async <T>(records: readonly T[]) => [...records];
  return { reader: new ChangeReader({ subscriber, match, shape, showsSkipped: true }), onClose };
}

const change = (position: bigint, contactId: string, modelId = 'm'): ChangeRecord => ({
  position,
  contactId,
  modelId,
  version: 1,
  atMs: 0,
  recordedAtMs: 0,
  cause: 'ACTION',
  actionAtMs: null,
  actionSeq: null,
  points: 1,
  totalBefore: 0,
  totalAfter: 1,
  stageBefore: 'cold',
  stageAfter: 'cold',
  labelBefore: null,
  labelAfter: null,
  reasons: '[]',
});

describe('a reader', () => {
  it('ends at once while it waits', async () => {
    const { reader, onClose } = quietFeed({ kind: 'changes', folds: true });
    const stop = new AbortController();
    const waiting = reader.step({ wait: true, fold: false }, stop.signal);
    stop.abort();
    expect(await waiting).toMatchObject({ events: [], position: 7n });
    reader.close();
    expect(onClose).toHaveBeenCalled();
  });

  it('of batches is never silent for long', async () => {
    const { reader } = quietFeed({ kind: 'batches', batchMax: 10, silenceMsMax: 5 });
    const { signal } = new AbortController();
    for (let batch = 0; batch < 3; batch += 1) {
      const { events } = await reader.step({ wait: true, fold: false }, signal);
      expect(events.map(({ root }) => root)).toEqual([{ records: [], position: 7n, caughtUp: true }]);
      reader.sent();
    }
  });
});

describe('a fold', () => {
  const told = (fold: ReturnType<ChangeFold['fold']>) =>
    fold.map(({ record, skipped }) => [Number(record.position), skipped]);

  it('keeps the newest change of each contact and model, in order, with how many it stands for', () => {
    const records = [
      change(1n, 'a'),
      change(2n, 'b'),
      change(3n, 'a'),
      change(4n, 'a', 'n'),
      change(5n, 'a'),
    ];
    expect(told(new ChangeFold().fold(records))).toEqual([
      [2, 0],
      [4, 0],
      [5, 2],
    ]);
  });

  it('that was sent in part counts what the rest stands for when it is folded again', () => {
    const fold = new ChangeFold();
    const records = [change(1n, 'a'), change(2n, 'b'), change(3n, 'a'), change(4n, 'c')];
    fold.fold(records);
    fold.sentUpTo(2n);
    const later = [change(3n, 'a'), change(4n, 'c'), change(5n, 'a'), change(6n, 'b')];
    expect(told(fold.fold(later))).toEqual([
      [4, 0],
      [5, 2],
      [6, 0],
    ]);
    fold.sentUpTo(6n);
    expect(told(fold.fold([change(7n, 'a')]))).toEqual([[7, 0]]);
  });
});

describe('batches of frames', () => {
  it('are bounded in size, lie one behind the other, and end where the subscriber stands then', () => {
    const frames = [1n, 2n, 5n].map((position) => ({ payload: 'x'.repeat(20_000), position }));
    const batches = batchesOf(frames, 0n, 9n);
    expect(batches.map(({ frames: { length }, from, position }) => [length, from, position])).toEqual([
      [1, 0n, 1n],
      [1, 1n, 2n],
      [1, 2n, 9n],
    ]);
    const small = frames.map((frame) => ({ ...frame, payload: '{}' }));
    expect(batchesOf(small, 0n, 9n)).toEqual([{ frames: small, from: 0n, position: 9n }]);
  });
});

describe('abortableStream', () => {
  it('passes values, errors and the end on', async () => {
    const stream = abortableStream(async function* () {
      yield 1;
      yield 2;
    });
    const seen: number[] = [];
    for await (const value of stream) seen.push(value);
    expect(seen).toEqual([1, 2]);
    const broken = abortableStream(async function* () {
      yield 1;
      throw new Error('broken');
    });
    await broken.next();
    await expect(broken.next()).rejects.toThrow('broken');
  });
});
