import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { someChanges } from '../support/feed-writer.js';
import { LiveClient, type LiveData } from '../support/live-client.js';
import { LiveTestServer, type LiveTestServerOptions } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const CHANGED = 'subscription ($after: String) { scoreChanged(after: $after) { cursor totalAfter } }';
/** Events of several kilobytes each. */
const FAT = fat('scoreChanged');
const FAT_STAGES = fat('stageChanged');

function fat(field: string): string {
  const models = Array.from({ length: 10 }, (_, index) => `m${index}: model { definition }`).join(' ');
  return `subscription ($after: String) { ${field}(after: $after) { cursor contactId skipped totalAfter ${models} } }`;
}

let test: TestDatabase;
const servers: LiveTestServer[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

afterAll(async () => {
  await test?.drop();
});

async function start(options: LiveTestServerOptions = {}): Promise<LiveTestServer> {
  const server = await LiveTestServer.start(test.url, options);
  servers.push(server);
  return server;
}

/** The status with which an upgrade is refused. */
async function refusal(url: string): Promise<string> {
  const client = new LiveClient(url);
  return client.opened().then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

describe('keys', () => {
  it.each([
    [undefined, 4401],
    [{}, 4401],
    [{ authorization: 7 }, 4401],
    [{ authorization: 'Bearer lp_nobody_knows' }, 4403],
    [{ authorization: 'nonsense' }, 4403],
  ])('%o is refused with %d', async (params, code) => {
    const server = await start();
    const client = new LiveClient(server.url);
    await expect(client.introduce(params)).rejects.toThrow(String(code));
    expect((await client.ended).code).toBe(code);
    await eventually(() => expect(server.live.socketCount).toBe(0));
  });

  it('that are revoked end their sockets with 4403, and no others', async () => {
    const server = await start({ live: { keyCheckMs: 20 } });
    const world = await LiveWorld.create(server);
    const { access } = server.services;
    const { tenantId, apiKey } = world.tenant;
    const second = await access.createApiKey(tenantId, { name: 'second', role: 'VIEWER', expiresAt: null });
    const stays = await server.client(apiKey);
    const goes = await server.client(second.text);
    const subscription = stays.subscribe(CHANGED, { after: world.cursor(0n) });
    goes.subscribe(CHANGED);
    await access.revokeApiKey(tenantId, second.row.id);
    expect((await goes.ended).code).toBe(4403);
    await world.changes({ totalAfter: 3 });
    expect((await subscription.data()).scoreChanged?.totalAfter).toBe(3);
  });

  it('that expire end their sockets', async () => {
    const server = await start({ live: { keyCheckMs: 20 } });
    const { tenantId } = await server.tenant();
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { access, db } = server.services;
    const { row, text } = await access.createApiKey(tenantId, { name: 'brief', role: 'VIEWER', expiresAt });
    const client = await server.client(text);
    await db.writes.query(
      `UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE tenant_id = $1 AND id = $2`,
      [tenantId, row.id],
    );
    expect((await client.ended).code).toBe(4403);
  });
});

describe('the protocol', () => {
  it.each([
    ['query { feedCursor }', 'BAD_USER_INPUT'],
    ['mutation { __typename }', 'BAD_USER_INPUT'],
    ['subscription { nothing { here } }', 'BAD_USER_INPUT'],
    ['subscription {', 'BAD_USER_INPUT'],
    [
      'subscription A { scoreChanged { cursor } } subscription B { scoreChanged { cursor } }',
      'BAD_USER_INPUT',
    ],
    [`subscription { scoreChanged { ${'cursor '.repeat(11)} } }`, 'TOO_COMPLEX'],
  ])('answers %s with %s', async (query, code) => {
    const server = await start();
    const client = await server.client((await server.tenant()).apiKey);
    expect(await client.subscribe(query).errorCodes()).toContain(code);
  });

  it('says nothing of faults of its own but the request id', async () => {
    const server = await start();
    const world = await LiveWorld.create(server);
    const client = await server.client(world.tenant.apiKey);
    const changed = client.subscribe(CHANGED, { after: world.cursor(0n) });
    // No such version: what a damaged database would do.
    await world.changes({ version: 99 });
    const message = await changed.next();
    if (message.type !== 'next') throw new Error(message.type);
    expect(message.payload.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
    expect(JSON.stringify(message)).not.toContain('version');
  });

  it.each([
    ['graphql-ws', 4406],
    ['graphql-transport-ws', 4408],
  ])('over %s without an introduction ends with %d', async (protocol, code) => {
    const server = await start({ live: { initMsMax: 50 } });
    const client = new LiveClient(server.url, protocol);
    // The client refuses to go on without the subprotocol it asked for.
    await client.opened().catch(() => undefined);
    expect([code, 1006]).toContain((await client.ended).code);
  });

  it('ends with a code of its own for each thing that is wrong', async () => {
    const server = await start({ live: { messageBytesMax: 1_000 } });
    const { apiKey } = await server.tenant();
    const code = async (act: (client: LiveClient) => void) => {
      const client = await server.client(apiKey);
      act(client);
      return (await client.ended).code;
    };
    expect(await code((client) => client.send('nonsense'))).toBe(4400);
    expect(await code((client) => client.send({ type: 'connection_init' }))).toBe(4429);
    expect(await code((client) => client.send('x'.repeat(1_001)))).toBe(1009);
    const same = { id: '1', type: 'subscribe', payload: { query: CHANGED } };
    const twice = await code((client) => {
      client.send(same);
      client.send(same);
    });
    expect(twice).toBe(4409);
    const stranger = new LiveClient(server.url);
    await stranger.opened();
    stranger.send(same);
    expect((await stranger.ended).code).toBe(4401);
  });

  it('refuses other paths', async () => {
    const server = await start();
    expect(await refusal(server.url.replace('/graphql', '/other'))).toContain('404');
  });
});

describe('bounds', () => {
  it('refuse one socket more with 503, and let it in when another has gone', async () => {
    const server = await start({ live: { connectionsMax: 2 } });
    const { apiKey } = await server.tenant();
    const first = await server.client(apiKey);
    await server.client(apiKey);
    expect(await refusal(server.url)).toContain('503');
    await first.close();
    await eventually(() => expect(server.live.socketCount).toBe(1));
    await server.client(apiKey);
  });

  it('refuse one subscription more with RATE_LIMITED and leave the others alone', async () => {
    const server = await start({ live: { subscriptionsPerSocketMax: 2 } });
    const world = await LiveWorld.create(server);
    const client = await server.client(world.tenant.apiKey);
    const variables = { after: world.cursor(0n) };
    const [first, second] = [client.subscribe(CHANGED, variables), client.subscribe(CHANGED, variables)];
    expect(await client.subscribe(CHANGED).errorCodes()).toEqual(['RATE_LIMITED']);
    await world.changes({ totalAfter: 8 });
    for (const subscription of [first, second]) {
      expect((await subscription.data()).scoreChanged?.totalAfter).toBe(8);
    }
    first.complete();
    await eventually(async () => {
      const third = client.subscribe(CHANGED, variables);
      expect((await third.data()).scoreChanged?.totalAfter).toBe(8);
    });
  });

  it('cut off a client that does not answer pings', async () => {
    const server = await start({ live: { keepAliveMs: 500 } });
    const { apiKey } = await server.tenant();
    const answers = await server.client(apiKey);
    const silent = new LiveClient(server.url);
    silent.socket.pong = () => undefined;
    await silent.introduce({ authorization: `Bearer ${apiKey}` });
    expect((await silent.ended).code).toBe(1006);
    expect(answers.socket.readyState).toBe(answers.socket.OPEN);
  });
});

describe('slow consumers', () => {
  /** More than the buffers of the network take, when they are fat. */
  const CHANGES = 3_000;

  it('are told of every stage that was reached, later, and others do not notice', async () => {
    const server = await start({
      live: { stalledMsMax: 600_000, keepAliveMs: 600_000 },
      feed: { ringRecordsMax: 64 },
    });
    const world = await LiveWorld.create(server);
    const made = vi.spyOn(server.services.registry, 'version');
    const slow = await server.client(world.tenant.apiKey);
    const quick = await server.client(world.tenant.apiKey);
    const variables = { after: world.cursor(0n) };
    const slowly = slow.subscribe(FAT_STAGES, variables);
    slow.socket.pause();
    const quickly = quick.subscribe(CHANGED, variables);
    await world.changes(...someChanges(CHANGES, { stageAfter: 'warm' }));
    const cursorsOf = (data: LiveData[]) =>
      data.map((event) => (event.scoreChanged ?? event.stageChanged)?.cursor);
    const expected = Array.from({ length: CHANGES }, (_, index) => world.cursor(BigInt(index + 1)));
    expect(cursorsOf(await quickly.take(CHANGES))).toEqual(expected);
    expect(server.services.feed.heldRecords(world.tenant.tenantId)).toBe(64);
    // Of the slow one only what the buffers of the network take was made; the rest is still in the table.
    expect(made.mock.calls.length).toBeLessThan(2 * CHANGES);
    slow.socket.resume();
    expect(cursorsOf(await slowly.take(CHANGES))).toEqual(expected);
  });

  it('are told everything under their own names for it, though many wait for the same text', async () => {
    const server = await start({ live: { stalledMsMax: 600_000, keepAliveMs: 600_000 } });
    const world = await LiveWorld.create(server);
    const cursors = Array.from({ length: CHANGES }, (_, index) => world.cursor(BigInt(index + 1)));
    const slow = await Promise.all([1, 2, 3].map(() => server.client(world.tenant.apiKey)));
    const subscriptions = slow.map((client, index) => {
      // Names as long as each other, and different: those of the ones before are used up.
      for (let spare = 0; spare < index; spare += 1) client.subscribe('{');
      return client.subscribe(FAT_STAGES, { after: world.cursor(0n) });
    });
    await world.changes({ stageAfter: 'warm' });
    for (const subscription of subscriptions) await subscription.data();
    for (const client of slow) client.socket.pause();
    await world.changes(...someChanges(CHANGES - 1, { stageAfter: 'warm' }));
    for (const client of slow) client.socket.resume();
    for (const subscription of subscriptions) {
      const told = (await subscription.take(CHANGES - 1)).map(({ stageChanged }) => stageChanged?.cursor);
      expect(told).toEqual(cursors.slice(1));
    }
  });

  it('of scores are told the newest change of each contact, and how many it stands for', async () => {
    const server = await start({ live: { stalledMsMax: 600_000, keepAliveMs: 600_000 } });
    const world = await LiveWorld.create(server);
    const slow = await server.client(world.tenant.apiKey);
    const quick = await server.client(world.tenant.apiKey);
    const variables = { after: world.cursor(0n) };
    const slowly = slow.subscribe(FAT, variables);
    const quickly = quick.subscribe(CHANGED, variables);
    const contactIds = [await world.contact(), await world.contact()];
    const changes = Array.from({ length: CHANGES }, (_, index) => ({
      contactId: contactIds[index % 2]!,
      totalAfter: index % 100,
    }));
    await world.changes(...changes.slice(0, 2));
    const events = await slowly.take(2);
    slow.socket.pause();
    for (let from = 2; from < CHANGES; from += 100) await world.changes(...changes.slice(from, from + 100));
    const last = world.cursor(BigInt(CHANGES));
    expect(await quickly.until((data) => data.scoreChanged?.cursor === last)).toHaveLength(CHANGES);
    slow.socket.resume();
    events.push(...(await slowly.until((data) => data.scoreChanged?.cursor === last)));
    const told = events.map(({ scoreChanged }) => scoreChanged!);
    // Some were left out, and every change is accounted for, in order.
    expect(told.length).toBeLessThan(CHANGES);
    const next = new Map(contactIds.map((contactId, index) => [contactId, index + 1]));
    let before = 0;
    for (const { contactId, cursor, skipped, totalAfter } of told) {
      const position = next.get(contactId)! + 2 * Number(skipped);
      expect(cursor).toBe(world.cursor(BigInt(position)));
      expect(totalAfter).toBe((position - 1) % 100);
      expect(position).toBeGreaterThan(before);
      next.set(contactId, position + 2);
      before = position;
    }
    expect([...next.values()].sort()).toEqual([CHANGES + 1, CHANGES + 2]);
  });

  it('that resume after a cursor are told everything, however slowly they take it', async () => {
    const server = await start({ live: { stalledMsMax: 600_000, keepAliveMs: 600_000 } });
    const world = await LiveWorld.create(server);
    await world.changes(...someChanges(CHANGES));
    const slow = await server.client(world.tenant.apiKey);
    const slowly = slow.subscribe(FAT, { after: world.cursor(0n) });
    await slowly.data();
    slow.socket.pause();
    slow.socket.resume();
    const events = await slowly.take(CHANGES - 1);
    expect(events.filter(({ scoreChanged }) => scoreChanged?.skipped !== 0)).toEqual([]);
    expect(events.at(-1)?.scoreChanged?.cursor).toBe(world.cursor(BigInt(CHANGES)));
  });

  it('are let go with 1013 when more waits in all sockets together than may', async () => {
    const server = await start({ live: { allBufferedBytesMax: 0, closeMsMax: 600_000 } });
    const world = await LiveWorld.create(server);
    const slow = await server.client(world.tenant.apiKey);
    const letGo = vi.spyOn(server.services.log, 'info');
    slow.subscribe(FAT, { after: world.cursor(0n) });
    slow.socket.pause();
    await world.changes(...someChanges(CHANGES));
    await eventually(() => expect(letGo).toHaveBeenCalledOnce());
    slow.socket.resume();
    expect((await slow.ended).code).toBe(1013);
  });

  it('are let go with 1013 when they take nothing at all', async () => {
    const server = await start({ live: { stalledMsMax: 200, closeMsMax: 600_000 } });
    const world = await LiveWorld.create(server);
    const letGo = vi.spyOn(server.services.log, 'info');
    const slow = await server.client(world.tenant.apiKey);
    slow.subscribe(FAT, { after: world.cursor(0n) });
    slow.socket.pause();
    await world.changes(...someChanges(CHANGES));
    await eventually(() => expect(letGo).toHaveBeenCalledOnce());
    slow.socket.resume();
    expect((await slow.ended).code).toBe(1013);
    await eventually(() => expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(false));
  });
});

describe('a drain', () => {
  it('lets everybody go with 1012 and takes no new ones', async () => {
    const server = await start();
    const world = await LiveWorld.create(server);
    const clients = [await server.client(world.tenant.apiKey), await server.client(world.tenant.apiKey)];
    clients[0]?.subscribe(CHANGED);
    const drained = server.live.drain();
    expect(await refusal(server.url)).toContain('503');
    await drained;
    for (const client of clients)
      expect(await client.ended).toEqual({ code: 1012, reason: 'Service Restart' });
    expect(server.live.socketCount).toBe(0);
    await eventually(() => expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(false));
  });

  it('does not wait for a client that is gone without a word', async () => {
    const server = await start({ live: { closeMsMax: 50 } });
    const { apiKey } = await server.tenant();
    const client = await server.client(apiKey);
    client.socket.pause();
    await server.live.drain();
    expect(server.live.socketCount).toBe(0);
  });
});
