import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Role } from '../../src/access/roles.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { removeChangesUpTo, someChanges } from '../support/feed-writer.js';
import type { LiveClient, LiveSubscription } from '../support/live-client.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const CHANGED = `subscription ($filter: ScoreChangeFilter, $after: String) {
  scoreChanged(filter: $filter, after: $after) { cursor contactId totalAfter contact { email } }
}`;
const FEED = `subscription ($after: String) {
  scoreFeed(after: $after, batchMax: 10) { cursor caughtUp changes { totalAfter } }
}`;

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
});

afterAll(async () => {
  await server?.stop();
  await test?.drop();
});

async function clients(count: number, apiKey = world.tenant.apiKey): Promise<LiveClient[]> {
  return Promise.all(Array.from({ length: count }, () => server.client(apiKey)));
}

async function keyOf(role: Role): Promise<string> {
  const { text } = await server.services.access.createApiKey(world.tenant.tenantId, {
    name: role,
    role,
    expiresAt: null,
  });
  return text;
}

/** Subscribes everybody and waits until each has had a change that is made for it. */
async function watching(
  everybody: LiveClient[],
  query: string,
  variables: object = {},
): Promise<LiveSubscription[]> {
  const { position } = await server.services.feed.head(world.tenant.tenantId);
  const after = world.cursor(position);
  const subscriptions = everybody.map((client) => client.subscribe(query, { after, ...variables }));
  await world.changes({ totalAfter: 0 });
  for (const subscription of subscriptions) await subscription.data();
  return subscriptions;
}

/** Counts how often a change is executed: each execution asks for the version of its model once. */
function executions() {
  return vi.spyOn(server.services.registry, 'knownVersion');
}

const totalsOf = async (subscription: LiveSubscription, count: number) =>
  (await subscription.take(count)).map(({ scoreChanged }) => scoreChanged?.totalAfter);

describe('equal subscriptions', () => {
  it('are executed once an event, however many there are, and each gets every event under its own id', async () => {
    const everybody = await clients(20);
    // An id of its own for each: their names for the subscription differ, and not only in length.
    for (const [index, client] of everybody.entries()) {
      for (let spare = 0; spare < index; spare += 1) client.subscribe('{').next();
    }
    const subscriptions = await watching(everybody, CHANGED);
    expect(server.operations.groupCount).toBe(1);
    const executed = executions();
    await world.changes({ totalAfter: 1 }, { totalAfter: 2 });
    await world.changes({ totalAfter: 3 });
    for (const subscription of subscriptions) expect(await totalsOf(subscription, 3)).toEqual([1, 2, 3]);
    expect(executed).toHaveBeenCalledTimes(3);
  });

  it('are equal also when they are spelt differently or begin elsewhere', async () => {
    await world.changes({ totalAfter: 7 }, { totalAfter: 8 });
    const [one, two, three] = await clients(3);
    const spelt = `# The same.\n${CHANGED.replaceAll(' ', '  ')}`;
    const behind = (position: bigint) => ({ after: world.cursor(position) });
    const early = one!.subscribe(CHANGED, behind(0n));
    const late = two!.subscribe(spelt, behind(1n));
    const now = three!.subscribe(CHANGED, { after: null });
    expect(await totalsOf(early, 2)).toEqual([7, 8]);
    expect(await totalsOf(late, 1)).toEqual([8]);
    expect(server.operations.groupCount).toBe(1);
    await world.changes({ totalAfter: 9 });
    for (const subscription of [early, late, now]) expect(await totalsOf(subscription, 1)).toEqual([9]);
  });

  it('share nothing with those of other rights, filters, variables or fields', async () => {
    const everybody = await clients(2);
    await watching(everybody, CHANGED);
    await watching(await clients(1, await keyOf('SALES')), CHANGED);
    await watching(await clients(1), CHANGED, { filter: { minDelta: 1 } });
    await watching(await clients(1), CHANGED.replace('totalAfter', 'totalBefore'));
    expect(server.operations.groupCount).toBe(4);
  });

  it('of two tenants never meet', async () => {
    const stranger = await LiveWorld.create(server);
    const [mine] = await watching(await clients(1), CHANGED);
    const theirs = (await server.client(stranger.tenant.apiKey)).subscribe(CHANGED);
    await eventually(() => expect(server.operations.groupCount).toBe(2));
    await eventually(() => expect(server.services.feed.isLive(stranger.tenant.tenantId)).toBe(true));
    await world.changes({ totalAfter: 1 });
    await stranger.changes({ totalAfter: 2 });
    expect(await totalsOf(mine!, 1)).toEqual([1]);
    expect(await totalsOf(theirs, 1)).toEqual([2]);
  });

  it('check their filter once an event and before anything is executed', async () => {
    const ownerId = crypto.randomUUID();
    const [mine, theirs] = [await world.contact({ ownerId }), await world.contact()];
    const everybody = await clients(10);
    const filter = { ownerIds: [ownerId] };
    const after = world.cursor(0n);
    const subscriptions = everybody.map((client) => client.subscribe(CHANGED, { filter, after }));
    await world.changes({ contactId: mine, totalAfter: 1 });
    for (const subscription of subscriptions) expect(await totalsOf(subscription, 1)).toEqual([1]);
    const executed = executions();
    const asked = vi.spyOn(server.services.feed.owners, 'ownerOf');
    await world.changes({ contactId: theirs, totalAfter: 2 }, { contactId: mine, totalAfter: 3 });
    for (const subscription of subscriptions) expect(await totalsOf(subscription, 1)).toEqual([3]);
    expect(executed).toHaveBeenCalledTimes(1);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('see a contact as it stands at each event', async () => {
    const contactId = await world.contact({ email: 'ada@example.com' });
    const [subscription] = await watching(await clients(1), CHANGED);
    const emailNow = async () => (await subscription!.data()).scoreChanged?.contact;
    await world.changes({ contactId });
    expect(await emailNow()).toEqual({ email: 'ada@example.com' });
    await world.erase(contactId);
    await world.changes({ contactId });
    expect(await emailNow()).toBeNull();
  });

  it('leave nothing behind when the last of them ends', async () => {
    const everybody = await clients(3);
    const subscriptions = await watching(everybody, CHANGED);
    subscriptions[0]!.complete();
    everybody[1]!.socket.terminate();
    await eventually(() => expect(server.live.socketCount).toBe(2));
    await world.changes({ totalAfter: 4 });
    expect(await totalsOf(subscriptions[2]!, 1)).toEqual([4]);
    await everybody[2]!.close();
    await eventually(() => expect(server.operations.groupCount).toBe(0));
    expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(false);
  });

  it('all end with the error when the filter can no longer be applied', async () => {
    const subscriptions = await watching(await clients(3), CHANGED, { filter: { ownerIds: null } });
    const broken = new Error('no owners today');
    const { owners } = server.services.feed;
    vi.spyOn(owners, 'ownerOf').mockRejectedValue(broken);
    const filtered = await Promise.all(
      (await clients(2)).map(async (client) =>
        client.subscribe(CHANGED, { filter: { ownerIds: [] }, after: world.cursor(0n) }),
      ),
    );
    for (const subscription of filtered) expect(await subscription.errorCodes()).toEqual(['INTERNAL']);
    await world.changes({ totalAfter: 6 });
    for (const subscription of subscriptions) expect(await totalsOf(subscription, 1)).toEqual([6]);
  });
});

describe('batches', () => {
  it('are shared: each begins with one that tells where it stands, then all get the same', async () => {
    await world.changes(...someChanges(3));
    const subscriptions = (await clients(5)).map((client) => client.subscribe(FEED));
    for (const subscription of subscriptions) {
      expect((await subscription.data()).scoreFeed).toEqual({
        changes: [],
        caughtUp: true,
        cursor: world.cursor(3n),
      });
    }
    const executed = executions();
    await world.changes({ totalAfter: 5 });
    for (const subscription of subscriptions) {
      expect((await subscription.data()).scoreFeed?.changes).toEqual([{ totalAfter: 5 }]);
    }
    expect(executed).toHaveBeenCalledTimes(1);
  });
});

describe('a transport that pulls', () => {
  it('gets the same payloads, in groups with everybody else, as many as it takes', async () => {
    const [socket] = await watching(await clients(1), CHANGED);
    const { position } = await server.services.feed.head(world.tenant.tenantId);
    const payloads = await server.payloads(world.tenant.apiKey, CHANGED, { after: world.cursor(position) });
    const first = payloads.next();
    await eventually(() => expect(server.operations.groupCount).toBe(1));
    await world.changes(...[1, 2, 3].map((totalAfter) => ({ totalAfter })));
    const total = ({ value }: IteratorResult<string>) => JSON.parse(value).data.scoreChanged.totalAfter;
    expect(total(await first)).toBe(1);
    expect(await totalsOf(socket!, 3)).toEqual([1, 2, 3]);
    expect(total(await payloads.next())).toBe(2);
    await payloads.return();
    expect(await payloads.next()).toEqual({ done: true, value: undefined });
  });

  it('is thrown what ends the subscription', async () => {
    await world.changes(...someChanges(5));
    const payloads = await server.payloads(world.tenant.apiKey, CHANGED);
    const waiting = payloads.next();
    await server.services.db.writes.query('UPDATE tenant_feeds SET position = 2 WHERE tenant_id = $1', [
      world.tenant.tenantId,
    ]);
    await expect(waiting).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  });
});

describe('those who come back', () => {
  it('at random places, while changes are made, miss nothing and get nothing twice', async () => {
    const CHANGES = 400;
    const ROUNDS = 4;
    const writing = (async () => {
      for (let made = 0; made < CHANGES; made += 10) await world.changes(...someChanges(10));
    })();
    const last = world.cursor(BigInt(CHANGES));
    const everything = Array.from({ length: CHANGES }, (_, index) => world.cursor(BigInt(index + 1)));
    const consume = async (breakAfter: number) => {
      const seen: (string | undefined)[] = [];
      for (let round = 0; seen.at(-1) !== last; round += 1) {
        const client = await server.client(world.tenant.apiKey);
        const subscription = client.subscribe(CHANGED, { after: seen.at(-1) ?? world.cursor(0n) });
        let left = round < ROUNDS ? breakAfter : CHANGES;
        const events = await subscription.until((data) => {
          left -= 1;
          return left === 0 || data.scoreChanged?.cursor === last;
        });
        seen.push(...events.map(({ scoreChanged }) => scoreChanged?.cursor));
        client.socket.terminate();
      }
      return seen;
    };
    const consumed = await Promise.all([1, 7, 33, 80, 399].map(consume));
    await writing;
    for (const seen of consumed) expect(seen).toEqual(everything);
  });

  it('are told CURSOR_EXPIRED when retention overtakes them, and the others go on', async () => {
    const [stays] = await watching(await clients(1), CHANGED);
    await world.changes(...someChanges(5));
    await stays!.take(5);
    await removeChangesUpTo(server.services.db, world.tenant.tenantId, 4n);
    const [late] = await clients(1);
    expect(await late!.subscribe(CHANGED, { after: world.cursor(2n) }).errorCodes()).toEqual([
      'CURSOR_EXPIRED',
    ]);
    await world.changes({ totalAfter: 3 });
    expect(await totalsOf(stays!, 1)).toEqual([3]);
  });
});
