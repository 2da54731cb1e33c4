import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { LiveClient, type LiveEvent } from '../support/live-client.js';
import { RedisServer, redisBinary } from '../support/redis-server.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

const RECORD = 'mutation ($input: RecordActionInput!) { recordAction(input: $input) { cursor } }';
const WATCH = 'subscription ($after: String) { scoreChanged(after: $after) { cursor contactId totalAfter } }';
const PAGE = `query ($after: String!) { scoreChanges(after: $after, first: 200) {
  nodes { cursor contactId totalAfter } pageInfo { hasNextPage } } }`;

let database: TestDatabase;
let redis: RedisServer | undefined;
let servers: ServerProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  servers = [];
  await redis?.kill();
});

afterAll(async () => {
  await database.drop();
});

async function startServer(busUrl: string): Promise<ServerProcess> {
  const server = await ServerProcess.start({ DATABASE_URL: database.url, BUS_URL: busUrl });
  servers.push(server);
  return server;
}

async function readiness(server: ServerProcess): Promise<[number, unknown]> {
  const response = await fetch(`${server.url}/readyz`);
  return [response.status, await response.json()];
}

async function record(server: ServerProcess, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    const input = {
      contact: { email: `bus${index % 10}@example.com` },
      type: 'email_opened',
      idempotencyKey: `bus-${index}`,
    };
    await server.ask(RECORD, { input });
  }
}

describe.skipIf(redisBinary === null)(
  'two server processes with a bus (skipped without redis-server or valkey-server on the PATH)',
  () => {
    it('a subscriber on the one, writes on the other, the bus killed in the middle and back: no gap, no repeat, in order', async () => {
      redis = await RedisServer.start();
      const [reader, writer] = [await startServer(redis.url), await startServer(redis.url)];
      const connected = [200, { status: 'ready', bus: 'connected' }];
      expect([await readiness(reader), await readiness(writer)]).toEqual([connected, connected]);
      const client = await LiveClient.connect(reader.webSocketUrl, TEST_KEY);
      const { feedCursor } = await reader.ask<{ feedCursor: string }>('{ feedCursor }');
      const changes = client.subscribe(WATCH, { after: feedCursor });
      await record(writer, 0, 30);
      const killed = redis.kill();
      await record(writer, 30, 60);
      await killed;
      const away = [200, { status: 'ready', bus: 'away' }];
      await eventually(async () => {
        expect([await readiness(reader), await readiness(writer)]).toEqual([away, away]);
      });
      await record(writer, 60, 90);
      await redis.startAgain();
      await eventually(async () => {
        expect([await readiness(reader), await readiness(writer)]).toEqual([connected, connected]);
      });
      await record(writer, 90, 120);
      const { scoreChanges } = await writer.ask<{
        scoreChanges: { nodes: LiveEvent[]; pageInfo: { hasNextPage: boolean } };
      }>(PAGE, { after: feedCursor });
      expect(scoreChanges.pageInfo.hasNextPage).toBe(false);
      expect(scoreChanges.nodes.length).toBeGreaterThanOrEqual(30);
      const seen = await changes.take(scoreChanges.nodes.length);
      expect(seen.map((data) => data.scoreChanged)).toEqual(scoreChanges.nodes);
      await client.close();
    });
  },
);

it('a bus that is not there when the server starts is warned of, and the server serves', async () => {
  const server = await startServer('redis://:hidden-secret@127.0.0.1:1');
  expect(await readiness(server)).toEqual([200, { status: 'ready', bus: 'away' }]);
  await record(server, 200, 201);
  expect(server.output()).toContain('no wake-ups from the bus');
  expect(server.output()).not.toContain('hidden-secret');
});

it('an address that is none of a bus ends the start, and is not repeated', async () => {
  const failed = await startServer('nats://:hidden-secret@127.0.0.1:4222').catch(
    (error: Error) => error.message,
  );
  expect(failed).toContain('BUS_URL must be an address that begins with redis:// or rediss://');
  expect(failed).not.toContain('hidden-secret');
});
