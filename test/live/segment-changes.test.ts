import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { appendSegmentChanges } from '../../src/segments/segment-changes.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import type { LiveClient, LiveSubscription } from '../support/live-client.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const CHANGED = `subscription ($ids: [ID!], $after: String) {
  segmentChanged(segmentIds: $ids, after: $after) { cursor move segmentId contactId contact { email } }
}`;
const HOT = randomUUID();
const COLD = randomUUID();

let test: TestDatabase;
let server: LiveTestServer;
let world: LiveWorld;

beforeAll(async () => {
  test = await createTestDatabase();
});

beforeEach(async () => {
  await server?.stop();
  server = await LiveTestServer.start(test.url);
  world = await LiveWorld.create(server);
  await server.services.db.writes.query(
    'INSERT INTO segment_feeds (tenant_id, sweep_at) VALUES ($1, now()) ON CONFLICT DO NOTHING',
    [world.tenant.tenantId],
  );
});

afterAll(async () => {
  await server?.stop();
  await test?.drop();
});

/** Contacts enter a segment, one after the other, and whoever watches is told that there is something new. */
async function enter(segmentId: string, ...contactIds: string[]): Promise<void> {
  const { db, wakeUps } = server.services;
  const { tenantId } = world.tenant;
  const client = await db.writes.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    const moves = contactIds.map((contactId) => ({ segmentId, contactId, entered: true, told: true }));
    await appendSegmentChanges(client, tenantId, moves);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  wakeUps.announce(tenantId);
}

const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
const cursor = (position: number) =>
  server.services.segmentFeed.cursor(world.tenant.tenantId, BigInt(position));
const clients = (count: number): Promise<LiveClient[]> =>
  Promise.all(Array.from({ length: count }, () => server.client(world.tenant.apiKey)));

/** Subscribes everybody and waits until each has had a change that is made for it. */
async function watching(everybody: LiveClient[], variables: object = {}): Promise<LiveSubscription[]> {
  const { segmentFeed } = server.services;
  const after = cursor(Number(await segmentFeed.head(world.tenant.tenantId)));
  const subscriptions = everybody.map((client) => client.subscribe(CHANGED, { after, ...variables }));
  await enter(HOT, randomUUID());
  for (const subscription of subscriptions) await subscription.data();
  return subscriptions;
}

const contactsOf = async (subscription: LiveSubscription, count: number) =>
  (await subscription.take(count)).map(({ segmentChanged }) => segmentChanged?.contactId);

/** Counts how often a change is executed: each execution makes its cursor. */
const executions = () => vi.spyOn(server.services.segmentFeed, 'cursor');

describe('equal subscriptions to segment changes', () => {
  it('are read and executed once a change, however many there are', async () => {
    const subscriptions = await watching(await clients(20));
    expect(server.operations.groupCount).toBe(1);
    const executed = executions();
    const entered = ids(3);
    await enter(HOT, ...entered);
    for (const subscription of subscriptions) expect(await contactsOf(subscription, 3)).toEqual(entered);
    expect(executed).toHaveBeenCalledTimes(3);
  });

  it('begin where each wants to, then go on together', async () => {
    const old = ids(250);
    await enter(HOT, ...old);
    const [one, two, three] = await clients(3);
    const all = one!.subscribe(CHANGED, { after: cursor(0) });
    const some = two!.subscribe(CHANGED, { after: cursor(200) });
    const none = three!.subscribe(CHANGED, { after: cursor(250) });
    expect(await contactsOf(all, 250)).toEqual(old);
    expect(await contactsOf(some, 50)).toEqual(old.slice(200));
    await enter(HOT, randomUUID());
    for (const subscription of [all, some, none]) await subscription.data();
    expect(server.operations.groupCount).toBe(1);
    const executed = executions();
    const entered = ids(2);
    await enter(HOT, ...entered);
    for (const subscription of [all, some, none]) expect(await contactsOf(subscription, 2)).toEqual(entered);
    expect(executed).toHaveBeenCalledTimes(2);
  });

  it('share nothing with those of other segments', async () => {
    const [mine] = await watching(await clients(1), { ids: [HOT] });
    const [both] = await watching(await clients(1));
    await mine!.data();
    const theirs = (await clients(1))[0]!.subscribe(CHANGED, { ids: [COLD], after: cursor(0) });
    await eventually(() => expect(server.operations.groupCount).toBe(3));
    const [hot, cold] = ids(2);
    await enter(HOT, hot!);
    await enter(COLD, cold!);
    expect(await contactsOf(mine!, 1)).toEqual([hot]);
    expect(await contactsOf(theirs, 1)).toEqual([cold]);
    expect(await contactsOf(both!, 2)).toEqual([hot, cold]);
  });

  it('leave nothing behind when the last of them ends', async () => {
    const [first, second] = await watching(await clients(2));
    first!.complete();
    const entered = ids(1);
    await enter(HOT, ...entered);
    expect(await contactsOf(second!, 1)).toEqual(entered);
    second!.complete();
    await eventually(() => expect(server.operations.groupCount).toBe(0));
  });

  it('all end with CURSOR_EXPIRED when the database was set back, also those that are quiet', async () => {
    await enter(HOT, ...ids(5));
    const subscriptions = await watching(await clients(3));
    await server.services.db.writes.query('UPDATE segment_feeds SET position = 2 WHERE tenant_id = $1', [
      world.tenant.tenantId,
    ]);
    for (const subscription of subscriptions)
      expect(await subscription.errorCodes()).toEqual(['CURSOR_EXPIRED']);
    expect(server.operations.groupCount).toBe(0);
  });

  it('of slow clients get every change, and hold up nobody', async () => {
    const [slow, quick] = await clients(2);
    // So much a change that the buffers of the network are full long before the last one.
    const more = Array.from({ length: 9 }, (_, nth) => `c${nth}: contactId`).join(' ');
    const fat = CHANGED.replace('contactId', `contactId ${more}`);
    const subscriptions = [slow!, quick!].map((client) => client.subscribe(fat, { after: cursor(0) }));
    await enter(HOT, randomUUID());
    for (const subscription of subscriptions) await subscription.data();
    slow!.socket.pause();
    const CHANGES = 15_000;
    const entered = ids(CHANGES);
    for (let made = 0; made < CHANGES; made += 500) await enter(HOT, ...entered.slice(made, made + 500));
    expect(await contactsOf(subscriptions[1]!, CHANGES)).toEqual(entered);
    slow!.socket.resume();
    expect(await contactsOf(subscriptions[0]!, CHANGES)).toEqual(entered);
  });
});
