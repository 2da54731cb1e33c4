import { describe, expect, it, vi } from 'vitest';
import { abortableStream } from '../../src/api/live/abortable-stream.js';
import { type FeedSource, openBatchStream, openChangeStream } from '../../src/api/live/change-streams.js';
import { FeedSubscriber } from '../../src/feed/feed-subscriber.js';
import { TenantTail } from '../../src/feed/tenant-tail.js';
import { createLog } from '../../src/log.js';

const everything = async <T>(records: readonly T[]) => [...records];

/** A feed in which nothing happens. */
function quietFeed(): { feed: FeedSource; onClose: ReturnType<typeof vi.fn> } {
  const onClose = vi.fn();
  const tail = new TenantTail({
    tenantId: 'tenant',
    position: 7n,
    bounds: { recordsMax: 10, reasonCharsMax: 10 },
    readRowsMax: 10,
    read: async () => [],
    log: createLog('silent'),
  });
  const subscribe = async () =>
    new FeedSubscriber({ position: 7n, tail, readPage: async () => [], pageRowsMax: 10, onClose });
  return { feed: { subscribe }, onClose };
}

const request = { tenantId: 'tenant', after: null, match: everything };

describe('a stream', () => {
  it('ends at once while it waits, and lets go of its subscriber', async () => {
    const { feed, onClose } = quietFeed();
    const stream = await openChangeStream(feed, request);
    const waiting = stream.next();
    await stream.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(onClose).toHaveBeenCalled();
  });

  it('lets go of its subscriber also when it was never begun', async () => {
    const { feed, onClose } = quietFeed();
    const stream = await openChangeStream(feed, request);
    await stream.return();
    expect(onClose).toHaveBeenCalled();
  });

  it('lets go of its subscriber when a match fails', async () => {
    const { feed, onClose } = quietFeed();
    const match = () => Promise.reject(new Error('no owners today'));
    const stream = await openBatchStream(feed, { ...request, match }, 10);
    await expect(stream.next()).rejects.toThrow('no owners today');
    expect(onClose).toHaveBeenCalled();
  });

  it('of batches is never silent for long', async () => {
    const { feed } = quietFeed();
    const stream = await openBatchStream(feed, request, 10, 5);
    const empty = { done: false, value: { records: [], position: 7n, caughtUp: true } };
    for (let batch = 0; batch < 3; batch += 1) expect(await stream.next()).toEqual(empty);
    await stream.return();
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
