import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { LiveClient } from '../support/live-client.js';
import { LiveTestServer, type LiveTestServerOptions } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const CHANGED = 'subscription ($after: String) { scoreChanged(after: $after) { cursor totalAfter } }';
const SECRET = 'a secret of thirty-two bytes or more';

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

/** A second key of the tenant. */
async function anotherKey(server: LiveTestServer, tenantId: string): Promise<string> {
  const key = { name: 'another', role: 'VIEWER', expiresAt: null } as const;
  return (await server.services.access.createApiKey(tenantId, key)).text;
}

function token(tenantId: string, expiresAtMs: number): Promise<string> {
  return new SignJWT({ tenant: tenantId, role: 'VIEWER' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('console')
    .setExpirationTime(Math.floor(expiresAtMs / 1000))
    .sign(new TextEncoder().encode(SECRET));
}

describe('connections of a key', () => {
  it('beyond its number are closed with 1013; other keys are let in, and this one again when it has closed one', async () => {
    const server = await start({ env: { WS_CONNECTIONS_PER_KEY_MAX: '2' } });
    const { apiKey, tenantId } = await server.tenant();
    const first = await server.client(apiKey);
    await server.client(apiKey);
    const third = new LiveClient(server.url);
    await expect(third.introduce({ authorization: `Bearer ${apiKey}` })).rejects.toThrow('1013');
    expect(await third.ended).toEqual({ code: 1013, reason: 'Too many connections of this key' });
    await server.client(await anotherKey(server, tenantId));
    await first.close();
    await eventually(() => expect(server.live.socketCount).toBe(2));
    await server.client(apiKey);
  });
});

describe('subscriptions', () => {
  it('of a key beyond its number are refused on all of its sockets, and begin again when one has ended', async () => {
    const server = await start({ env: { WS_SUBSCRIPTIONS_PER_KEY_MAX: '2' } });
    const world = await LiveWorld.create(server);
    const { apiKey, tenantId } = world.tenant;
    const variables = { after: world.cursor(0n) };
    await world.changes({ totalAfter: 8 });
    const [one, two] = [await server.client(apiKey), await server.client(apiKey)];
    const held = [one.subscribe(CHANGED, variables), two.subscribe(CHANGED, variables)];
    for (const subscription of held) await subscription.data();
    expect(await two.subscribe(CHANGED).errorCodes()).toEqual(['RATE_LIMITED']);
    const other = await server.client(await anotherKey(server, tenantId));
    await other.subscribe(CHANGED, variables).data();
    await one.close();
    await eventually(() => two.subscribe(CHANGED, variables).data());
  });

  it('of the whole server beyond its number are refused', async () => {
    const server = await start({ env: { WS_SUBSCRIPTIONS_MAX: '1' } });
    const world = await LiveWorld.create(server);
    const variables = { after: world.cursor(0n) };
    await world.changes({ totalAfter: 8 });
    const client = await server.client(world.tenant.apiKey);
    const held = client.subscribe(CHANGED, variables);
    await held.data();
    const other = await server.client((await server.tenant()).apiKey);
    expect(await other.subscribe(CHANGED).errorCodes()).toEqual(['RATE_LIMITED']);
    held.complete();
    await eventually(() => client.subscribe(CHANGED, variables).data());
  });

  it('that never began take no place', async () => {
    const server = await start({ env: { WS_SUBSCRIPTIONS_PER_KEY_MAX: '1' } });
    const world = await LiveWorld.create(server);
    const client = await server.client(world.tenant.apiKey);
    for (let round = 0; round < 3; round += 1)
      expect(await client.subscribe(CHANGED, { after: 'AAAA' }).errorCodes()).not.toContain('RATE_LIMITED');
    await world.changes({ totalAfter: 8 });
    await client.subscribe(CHANGED, { after: world.cursor(0n) }).data();
  });
});

describe('a socket', () => {
  it('with a message of more than 64 KiB ends with 1009, and takes one of 64 KiB', async () => {
    const server = await start();
    const client = await server.client((await server.tenant()).apiKey);
    const ping = (bytes: number) => {
      const message = (filler: string) => JSON.stringify({ type: 'ping', payload: { filler } });
      return message('x'.repeat(bytes - message('').length));
    };
    const pong = new Promise((resolve) => client.socket.once('message', (data) => resolve(String(data))));
    client.send(ping(65_536));
    expect(await pong).toContain('"pong"');
    client.send(ping(65_537));
    expect((await client.ended).code).toBe(1009);
  });

  it('that presents no key in time ends with 4408', async () => {
    const server = await start({ env: { WS_INIT_TIMEOUT_MS: '100' } });
    const client = new LiveClient(server.url);
    await client.opened();
    expect((await client.ended).code).toBe(4408);
  });

  it('without a subscription ends with 1000 after a while, and one with a subscription stays', async () => {
    const server = await start({ live: { keepAliveMs: 50, idleMsMax: 200 } });
    const world = await LiveWorld.create(server);
    const idle = await server.client(world.tenant.apiKey);
    const busy = await server.client(world.tenant.apiKey);
    const subscription = busy.subscribe(CHANGED, { after: world.cursor(0n) });
    expect(await idle.ended).toEqual({ code: 1000, reason: 'Idle' });
    await world.changes({ totalAfter: 9 });
    expect((await subscription.data()).scoreChanged?.totalAfter).toBe(9);
    subscription.complete();
    expect((await busy.ended).code).toBe(1000);
  });

  it('opened with a token ends with 4403 when the token expires', async () => {
    const server = await start({ token: { secret: SECRET }, live: { keyCheckMs: 20 } });
    const { tenantId } = await server.tenant();
    const client = await server.client(await token(tenantId, Date.now() + 3_000));
    client.subscribe(CHANGED);
    expect((await client.ended).code).toBe(4403);
  });
});

describe('validation', () => {
  it.each([
    'subscription { scoreChange { cursor } }',
    'subscription { scoreChanged { totalAfte } }',
    'subscription {',
    `subscription { scoreChanged { ${'cursor '.repeat(11)} } }`,
    `subscription { scoreChanged { ${Array.from({ length: 31 }, (_, n) => `a${n}: cursor`).join(' ')} } }`,
    'subscription ($after: Int) { scoreChanged(after: $after) { cursor } }',
    'subscription { scoreChanged { cursor } hotLead { id } }',
  ])('says over the socket what HTTP says: %s', async (query) => {
    for (const INTROSPECTION of ['on', 'off']) {
      const server = await start({ env: { INTROSPECTION } });
      const { apiKey } = await server.tenant();
      const response = await fetch(server.httpUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
        body: JSON.stringify({ query }),
      });
      const { errors } = (await response.json()) as { errors: { message: string }[] };
      const message = await (await server.client(apiKey)).subscribe(query).next();
      const facts = (error: { message: string; extensions?: { code?: unknown } }) => ({
        message: error.message,
        code: error.extensions?.code,
      });
      if (message.type !== 'error') throw new Error(message.type);
      expect(message.payload.map(facts)).toEqual(errors.map(facts));
    }
  });

  it('holds a batch to what an operation may cost', async () => {
    const server = await start();
    const client = await server.client((await server.tenant()).apiKey);
    const query =
      'subscription { scoreFeed(batchMax: 1000) { changes { contact { timeline(first: 100) { nodes { id } } } } } }';
    expect(await client.subscribe(query).errorCodes()).toEqual(['TOO_COMPLEX']);
  });
});
