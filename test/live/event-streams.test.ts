import { promisify } from 'node:util';
import { createClient } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { EventStreamClient, type StreamRequest } from '../support/event-stream-client.js';
import { eventually } from '../support/eventually.js';
import { someChanges } from '../support/feed-writer.js';
import type { LiveData } from '../support/live-client.js';
import { LiveTestServer, type LiveTestServerOptions } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const CHANGED = 'subscription ($after: String) { scoreChanged(after: $after) { cursor totalAfter } }';
/** Events of several kilobytes each. */
const FAT = `subscription ($after: String) { stageChanged(after: $after) { cursor ${Array.from(
  { length: 10 },
  (_, index) => `m${index}: model { definition }`,
).join(' ')} } }`;
/** More than the buffers of the network take, when they are fat. */
const CHANGES = 3_000;

let test: TestDatabase;
const servers: LiveTestServer[] = [];
const clients: EventStreamClient[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.leave();
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

async function open(
  server: LiveTestServer,
  apiKey: string | null,
  wanted: StreamRequest,
): Promise<EventStreamClient> {
  const client = await EventStreamClient.open(server.httpUrl, apiKey, wanted);
  clients.push(client);
  return client;
}

const totals = (data: LiveData[]) => data.map((event) => event.scoreChanged?.totalAfter);

describe('a stream', () => {
  it.each(['POST', 'GET'] as const)(
    'asked for by %s carries events, each with its cursor as id',
    async (method) => {
      const server = await start();
      const world = await LiveWorld.create(server);
      await world.changes({ totalAfter: 3 });
      const stream = await open(server, world.tenant.apiKey, {
        method,
        query: CHANGED,
        variables: { after: world.cursor(0n) },
      });
      expect(stream.status).toBe(200);
      expect(stream.headers).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
        'x-request-id': expect.any(String),
      });
      expect(stream.headers).not.toHaveProperty('content-encoding');
      expect(await stream.next()).toEqual({
        event: 'next',
        id: world.cursor(1n),
        data: { data: { scoreChanged: { cursor: world.cursor(1n), totalAfter: 3 } } },
      });
      await world.changes({ totalAfter: 4 });
      expect((await stream.data()).scoreChanged?.totalAfter).toBe(4);
    },
  );

  it('goes on after Last-Event-ID, whatever the variable says', async () => {
    const server = await start();
    const world = await LiveWorld.create(server);
    await world.changes(...someChanges(3));
    const stream = await open(server, world.tenant.apiKey, {
      query: CHANGED,
      variables: { after: world.cursor(0n) },
      headers: { 'last-event-id': world.cursor(2n) },
    });
    expect((await stream.next())?.id).toBe(world.cursor(3n));
  });

  it('never carries an id that is no cursor', async () => {
    const server = await start();
    const world = await LiveWorld.create(server);
    const contactId = await world.contact({ email: 'a b@example.com' });
    await world.changes({ contactId });
    const query =
      'subscription ($after: String) { hotLead: scoreChanged(after: $after) { cursor: stageAfter { name } } }';
    const stream = await open(server, world.tenant.apiKey, { query, variables: { after: world.cursor(0n) } });
    expect((await stream.next())?.id).toBeNull();
  });

  it('fills silence with comments', async () => {
    const server = await start({ live: { keepAliveMs: 20 } });
    const world = await LiveWorld.create(server);
    const stream = await open(server, world.tenant.apiKey, { query: CHANGED });
    const data = stream.data();
    await eventually(() => expect(stream.comments).toBeGreaterThan(3));
    await world.changes({ totalAfter: 5 });
    expect((await data).scoreChanged?.totalAfter).toBe(5);
  });

  it('is what graphql-sse understands, which goes on after a restart', async () => {
    const first = await start();
    const world = await LiveWorld.create(first);
    await world.changes({ totalAfter: 1 });
    const { port } = first;
    const client = createClient({
      url: first.httpUrl,
      headers: { authorization: `Bearer ${world.tenant.apiKey}` },
      retryAttempts: 1_000,
      retry: () => new Promise((resolve) => setTimeout(resolve, 20)),
    });
    const results = client.iterate<LiveData>({ query: CHANGED, variables: { after: world.cursor(0n) } });
    try {
      const next = async () => (await results.next()).value?.data?.scoreChanged?.totalAfter;
      expect(await next()).toBe(1);
      await servers.pop()?.stop();
      const second = await start({ port });
      await LiveWorld.at(second, world).changes({ totalAfter: 2 });
      // The client begins again with its first variables, as that of sockets does.
      expect([await next(), await next()]).toEqual([1, 2]);
    } finally {
      client.dispose();
    }
  });

  it('ends with complete when its subscription does', async () => {
    const server = await start();
    const { apiKey } = await server.tenant();
    const stream = await open(server, apiKey, {
      query: 'subscription { jobProgress(id: "0b7e6a3e-9d8b-4b39-8f0e-6a5f4b3c2d1e") { id } }',
    });
    expect(await stream.errorCodes()).toEqual(['NOT_FOUND']);
    expect(await stream.next()).toEqual({ event: 'complete', id: null, data: null });
    expect(await stream.next()).toBeNull();
    await eventually(() => expect(server.http.streams.streamCount).toBe(0));
  });
});

describe('what is refused', () => {
  it.each([
    [null, 401],
    ['lp_nobody_knows', 401],
  ])('a key %s with %d', async (apiKey, status) => {
    const server = await start();
    const stream = await open(server, apiKey, { query: CHANGED });
    expect(stream.status).toBe(status);
    expect((await stream.json()).errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it.each([
    { method: 'GET', query: CHANGED, variables: [1] },
    { query: 7 },
    { query: CHANGED, variables: 'after' },
    { query: CHANGED, operationName: 7 },
    { query: CHANGED, extensions: [] },
    { query: `${CHANGED}${' '.repeat(65_536)}` },
  ])('a request that is none with 400: %#', async (wanted) => {
    const server = await start();
    const stream = await open(server, (await server.tenant()).apiKey, wanted as StreamRequest);
    expect(stream.status).toBe(400);
    expect((await stream.json()).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it.each([
    ['query { feedCursor }', 'BAD_USER_INPUT'],
    ['mutation { __typename }', 'BAD_USER_INPUT'],
    ['subscription { nothing { here } }', 'BAD_USER_INPUT'],
    ['', 'BAD_USER_INPUT'],
    [`subscription { scoreChanged { ${'cursor '.repeat(11)} } }`, 'TOO_COMPLEX'],
    ['subscription { scoreChanged(after: "AAAA") { cursor } }', 'BAD_USER_INPUT'],
  ])('%s in the stream, with %s', async (query, code) => {
    const server = await start();
    const stream = await open(server, (await server.tenant()).apiKey, { query });
    expect(await stream.errorCodes()).toContain(code);
    expect((await stream.next())?.event).toBe('complete');
    expect(await stream.next()).toBeNull();
  });

  it('a cursor of another tenant', async () => {
    const server = await start();
    const world = await LiveWorld.create(server);
    const { apiKey } = await server.tenant();
    const variables = { after: world.cursor(0n) };
    expect(await (await open(server, apiKey, { query: CHANGED, variables })).errorCodes()).toEqual([
      'CURSOR_EXPIRED',
    ]);
  });

  it('a role that may not see contacts', async () => {
    const server = await start();
    const stream = await open(server, (await server.tenant('INGEST')).apiKey, { query: CHANGED });
    expect(await stream.errorCodes()).toEqual(['FORBIDDEN']);
  });

  it('is answered as JSON when the client takes JSON too', async () => {
    const server = await start();
    const stream = await open(server, (await server.tenant()).apiKey, {
      query: CHANGED,
      headers: { accept: 'application/json, text/event-stream' },
    });
    expect(stream.status).toBe(400);
    expect((await stream.json()).errors[0]?.message).toContain('text/event-stream');
  });
});

describe('bounds', () => {
  it('of a key are answered with 429, those of the server with 503, and both say when to come again', async () => {
    const server = await start({ live: { connectionsPerKeyMax: 1, connectionsMax: 2 } });
    const [one, two] = [await server.tenant(), await server.tenant()];
    const first = await open(server, one.apiKey, { query: CHANGED });
    const ofKey = await open(server, one.apiKey, { query: CHANGED });
    expect([ofKey.status, ofKey.headers['retry-after']]).toEqual([429, '5']);
    await server.client(two.apiKey);
    const ofServer = await open(server, two.apiKey, { query: CHANGED });
    expect([ofServer.status, ofServer.headers['retry-after']]).toEqual([503, '5']);
    first.leave();
    await eventually(async () => {
      const again = await open(server, one.apiKey, { query: CHANGED });
      expect(again.status).toBe(200);
    });
  });

  it('of subscriptions count sockets and streams together', async () => {
    const server = await start({ live: { subscriptionsPerKeyMax: 1 } });
    const world = await LiveWorld.create(server);
    await world.changes({ totalAfter: 8 });
    const variables = { after: world.cursor(0n) };
    const client = await server.client(world.tenant.apiKey);
    await client.subscribe(CHANGED, variables).data();
    const stream = await open(server, world.tenant.apiKey, { query: CHANGED, variables });
    expect(await stream.errorCodes()).toEqual(['RATE_LIMITED']);
  });
});

describe('keys', () => {
  it('that are revoked end their streams and say so, and no others', async () => {
    const server = await start({ live: { keyCheckMs: 20 } });
    const world = await LiveWorld.create(server);
    const { access } = server.services;
    const { tenantId, apiKey } = world.tenant;
    const second = await access.createApiKey(tenantId, { name: 'second', role: 'VIEWER', expiresAt: null });
    const stays = await open(server, apiKey, { query: CHANGED });
    const goes = await open(server, second.text, { query: CHANGED });
    await access.revokeApiKey(tenantId, second.row.id);
    expect(await goes.errorCodes()).toEqual(['UNAUTHENTICATED']);
    expect((await goes.next())?.event).toBe('complete');
    expect(await goes.next()).toBeNull();
    await world.changes({ totalAfter: 3 });
    expect((await stays.data()).scoreChanged?.totalAfter).toBe(3);
  });
});

describe('slow consumers', () => {
  it('take what they missed later, and the server makes no more than they take', async () => {
    const server = await start({ live: { stalledMsMax: 600_000 }, feed: { ringRecordsMax: 64 } });
    const world = await LiveWorld.create(server);
    const made = vi.spyOn(server.services.registry, 'version');
    const slow = await open(server, world.tenant.apiKey, {
      query: FAT,
      variables: { after: world.cursor(0n) },
    });
    const quick = await open(server, world.tenant.apiKey, {
      query: CHANGED,
      variables: { after: world.cursor(0n) },
    });
    await world.changes(...someChanges(CHANGES, { stageAfter: 'warm' }));
    const take = async (stream: EventStreamClient) => {
      const ids: (string | null | undefined)[] = [];
      while (ids.length < CHANGES) ids.push((await stream.next())?.id);
      return ids;
    };
    const expected = Array.from({ length: CHANGES }, (_, index) => world.cursor(BigInt(index + 1)));
    expect(await take(quick)).toEqual(expected);
    expect(made.mock.calls.length).toBeLessThan(2 * CHANGES);
    expect(await take(slow)).toEqual(expected);
  });

  it('are cut off when they take nothing at all', async () => {
    const server = await start({ live: { stalledMsMax: 200 } });
    const world = await LiveWorld.create(server);
    await open(server, world.tenant.apiKey, { query: FAT, variables: { after: world.cursor(0n) } });
    await world.changes(...someChanges(CHANGES, { stageAfter: 'warm' }));
    await eventually(() => expect(server.http.streams.streamCount).toBe(0));
    await eventually(() => expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(false));
  });
});

describe('the end', () => {
  it('of a client ends its subscription', async () => {
    const server = await start();
    const world = await LiveWorld.create(server);
    const stream = await open(server, world.tenant.apiKey, { query: CHANGED });
    await eventually(() => expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(true));
    stream.leave();
    await eventually(() => expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(false));
    expect(server.http.streams.streamCount).toBe(0);
  });

  it('of a client that leaves while its stream begins takes no place for good', async () => {
    const server = await start({ live: { connectionsPerKeyMax: 1 } });
    const world = await LiveWorld.create(server);
    const { begin } = server.http.live;
    const left = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    server.http.live.begin = async (args) => {
      begun.resolve();
      await left.promise;
      return begin(args);
    };
    const away = new AbortController();
    const asked = fetch(server.httpUrl, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${world.tenant.apiKey}`,
      },
      body: JSON.stringify({ query: CHANGED }),
      signal: away.signal,
    });
    await begun.promise;
    away.abort();
    await expect(asked).rejects.toThrow('aborted');
    await eventually(async () => {
      const connections = promisify(server.http.app.server.getConnections.bind(server.http.app.server));
      expect(await connections()).toBe(0);
    });
    left.resolve();
    await eventually(async () => {
      expect((await open(server, world.tenant.apiKey, { query: CHANGED })).status).toBe(200);
    });
    expect(server.http.streams.streamCount).toBe(1);
  });

  it('of the server is no complete, so that clients come again; new ones are sent away until then', async () => {
    const server = await start();
    const world = await LiveWorld.create(server);
    await world.changes({ totalAfter: 1 });
    const variables = { after: world.cursor(0n) };
    const stream = await open(server, world.tenant.apiKey, { query: CHANGED, variables });
    expect(totals([await stream.data()])).toEqual([1]);
    await server.http.streams.drain();
    expect(await stream.next()).toBeNull();
    expect((await open(server, world.tenant.apiKey, { query: CHANGED })).status).toBe(503);
  });

  it('of the server does not wait for a client that takes nothing', async () => {
    const server = await start({ live: { closeMsMax: 50, stalledMsMax: 600_000 } });
    const world = await LiveWorld.create(server);
    await open(server, world.tenant.apiKey, { query: FAT, variables: { after: world.cursor(0n) } });
    const made = vi.spyOn(server.services.registry, 'version');
    await world.changes(...someChanges(CHANGES, { stageAfter: 'warm' }));
    await eventually(() => expect(made).toHaveBeenCalled());
    await server.http.streams.drain();
    expect(server.http.streams.streamCount).toBe(0);
  });
});
