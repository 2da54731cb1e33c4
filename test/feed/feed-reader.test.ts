import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FeedLimits, FeedReader } from '../../src/feed/feed-reader.js';
import type { FeedSubscriber } from '../../src/feed/feed-subscriber.js';
import { WakeUps } from '../../src/feed/wake-ups.js';
import { createLog } from '../../src/log.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createTenant, removeChangesUpTo, someChanges, writeChanges } from '../support/feed-writer.js';

const log = createLog('silent');
const never = new AbortController().signal;
/** No test waits for a poll unless it says so. */
const NO_POLL_MS = 3_600_000;

let test: TestDatabase;
let db: Database;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  db = await openDatabase({ url: test.url, readsMax: 4, writesMax: 2, applicationName: 'feed-test' });
});

afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
});

afterAll(async () => {
  await db?.close();
  await test?.drop();
});

/** The feed of one process: a reader with wake-ups of its own. */
async function startProcess(
  limits: Partial<FeedLimits> = {},
): Promise<{ feed: FeedReader; wakeUps: WakeUps }> {
  const wakeUps = new WakeUps({ url: test.url, log });
  await wakeUps.start();
  const feed = new FeedReader({ db, wakeUps, log, limits: { pollMs: NO_POLL_MS, ...limits } });
  open.push({ close: () => wakeUps.stop() }, feed);
  return { feed, wakeUps };
}

async function subscribe(feed: FeedReader, tenantId: string, after?: string): Promise<FeedSubscriber> {
  const subscriber = await feed.subscribe(tenantId, after);
  open.push(subscriber);
  return subscriber;
}

/** Pulls until `count` records are there. */
async function pull(subscriber: FeedSubscriber, count: number): Promise<number[]> {
  const positions: number[] = [];
  while (positions.length < count) {
    const { records } = await subscriber.pull(count - positions.length, Number.POSITIVE_INFINITY, never);
    positions.push(...records.map(({ position }) => Number(position)));
  }
  return positions;
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('FeedReader', () => {
  it('delivers from now on, in order, to every subscriber', async () => {
    const { feed, wakeUps } = await startProcess();
    const tenantId = await createTenant(db);
    await writeChanges(db, tenantId, someChanges(3));
    const subscribers = await Promise.all([subscribe(feed, tenantId), subscribe(feed, tenantId)]);
    await writeChanges(db, tenantId, someChanges(4));
    wakeUps.announce(tenantId);
    for (const subscriber of subscribers) expect(await pull(subscriber, 4)).toEqual(upTo(7, 4));
  });

  it('resumes after a cursor from the table and goes over to the ring without a gap', async () => {
    const { feed, wakeUps } = await startProcess({ ringRecordsMax: 4, pageRowsMax: 3 });
    const tenantId = await createTenant(db);
    await writeChanges(db, tenantId, someChanges(10));
    const subscriber = await subscribe(feed, tenantId, feed.cursor(tenantId, 2n));
    expect(await pull(subscriber, 5)).toEqual(upTo(7, 3));
    await writeChanges(db, tenantId, someChanges(6));
    wakeUps.announce(tenantId);
    expect(await pull(subscriber, 9)).toEqual(upTo(16, 8));
  });

  it('misses nothing while writers commit side by side', async () => {
    const { feed, wakeUps } = await startProcess({ ringRecordsMax: 16, pageRowsMax: 7 });
    const tenantId = await createTenant(db);
    const quick = await subscribe(feed, tenantId);
    const write = async () => {
      for (let round = 0; round < 20; round += 1) {
        await writeChanges(db, tenantId, someChanges(3));
        wakeUps.announce(tenantId);
      }
    };
    const writing = Promise.all([write(), write()]);
    const late = await subscribe(feed, tenantId, feed.cursor(tenantId, 0n));
    const [fromNow, fromStart] = await Promise.all([pull(quick, 120), pull(late, 120)]);
    await writing;
    expect(fromNow).toEqual(upTo(120));
    expect(fromStart).toEqual(upTo(120));
  });

  it('is woken by another process', async () => {
    const one = await startProcess();
    const other = await startProcess();
    const tenantId = await createTenant(db);
    const subscriber = await subscribe(one.feed, tenantId);
    await writeChanges(db, tenantId, someChanges(2));
    other.wakeUps.announce(tenantId);
    expect(await pull(subscriber, 2)).toEqual([1, 2]);
  });

  it('finds by polling what nobody announced', async () => {
    const { feed } = await startProcess({ pollMs: 20 });
    const tenantId = await createTenant(db);
    const subscriber = await subscribe(feed, tenantId);
    await writeChanges(db, tenantId, someChanges(2));
    expect(await pull(subscriber, 2)).toEqual([1, 2]);
  });

  it('refuses cursors ahead of the feed, below what is kept, and of other tenants', async () => {
    const { feed } = await startProcess();
    const tenantId = await createTenant(db);
    await writeChanges(db, tenantId, someChanges(5));
    await removeChangesUpTo(db, tenantId, 3n);
    const expired = expect.objectContaining({ code: 'CURSOR_EXPIRED' });
    await expect(feed.subscribe(tenantId, feed.cursor(tenantId, 6n))).rejects.toEqual(expired);
    await expect(feed.subscribe(tenantId, feed.cursor(tenantId, 2n))).rejects.toEqual(expired);
    await expect(feed.subscribe(tenantId, feed.cursor(await createTenant(db), 4n))).rejects.toEqual(expired);
    await expect(feed.subscribe(tenantId, 'nonsense')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const subscriber = await subscribe(feed, tenantId, feed.cursor(tenantId, 3n));
    expect(await pull(subscriber, 2)).toEqual([4, 5]);
  });

  it('tells a subscriber whom retention overtook', async () => {
    const { feed } = await startProcess({ ringRecordsMax: 2 });
    const tenantId = await createTenant(db);
    await writeChanges(db, tenantId, someChanges(5));
    const subscriber = await subscribe(feed, tenantId, feed.cursor(tenantId, 0n));
    expect(await pull(subscriber, 1)).toEqual([1]);
    await removeChangesUpTo(db, tenantId, 3n);
    await expect(pull(subscriber, 1)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    const removedWhole = await subscribe(feed, tenantId, feed.cursor(tenantId, 4n));
    await removeChangesUpTo(db, tenantId, 5n);
    await expect(pull(removedWhole, 1)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  });

  it('tells its subscribers when the database was set back', async () => {
    const { feed } = await startProcess({ pollMs: 20 });
    const tenantId = await createTenant(db);
    await writeChanges(db, tenantId, someChanges(5));
    const subscriber = await subscribe(feed, tenantId);
    await db.writes.query('UPDATE tenant_feeds SET position = 2 WHERE tenant_id = $1', [tenantId]);
    await expect(pull(subscriber, 1)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    const next = await subscribe(feed, tenantId);
    expect(next.position).toBe(2n);
  });

  it('holds no more than its ring for a subscriber that does not pull', async () => {
    const { feed, wakeUps } = await startProcess({ ringRecordsMax: 8, pageRowsMax: 50 });
    const tenantId = await createTenant(db);
    const slow = await subscribe(feed, tenantId);
    const quick = await subscribe(feed, tenantId);
    await writeChanges(db, tenantId, someChanges(100));
    wakeUps.announce(tenantId);
    expect(await pull(quick, 100)).toEqual(upTo(100));
    expect(feed.heldRecords(tenantId)).toBe(8);
    expect(await pull(slow, 100)).toEqual(upTo(100));
  });

  it('reads for a tenant only while it has subscribers', async () => {
    const { feed } = await startProcess();
    const tenantId = await createTenant(db);
    const first = await feed.subscribe(tenantId, null);
    const second = await feed.subscribe(tenantId, null);
    first.close();
    first.close();
    expect(feed.isLive(tenantId)).toBe(true);
    second.close();
    expect(feed.isLive(tenantId)).toBe(false);
  });

  it('ends a wait when it is aborted, and when its time is over', async () => {
    const { feed } = await startProcess();
    const subscriber = await subscribe(feed, await createTenant(db));
    const abort = new AbortController();
    const waiting = subscriber.pull(1, Number.POSITIVE_INFINITY, abort.signal);
    abort.abort();
    expect((await waiting).records).toEqual([]);
    expect(await subscriber.pull(1, 5, never)).toMatchObject({ records: [], caughtUp: true, position: 0n });
  });

  it('keeps tenants apart', async () => {
    const { feed, wakeUps } = await startProcess();
    const [one, other] = [await createTenant(db, 'one'), await createTenant(db, 'other')];
    const subscriber = await subscribe(feed, one);
    await writeChanges(db, other, someChanges(3));
    wakeUps.announce(other);
    await writeChanges(db, one, someChanges(1, { totalAfter: 77 }));
    wakeUps.announce(one);
    const { records } = await subscriber.pull(10, Number.POSITIVE_INFINITY, never);
    expect(records).toMatchObject([{ position: 1n, totalAfter: 77 }]);
  });
});
