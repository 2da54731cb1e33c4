import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { LiveClient, type LiveSubscription } from '../support/live-client.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

const WORKERS = 2;
/** Sockets go to the workers in turns, so that each has some. */
const CLIENTS = 6;
const RECORD = 'mutation ($input: RecordActionInput!) { recordAction(input: $input) { duplicate cursor } }';
const WATCH = 'subscription ($after: String) { scoreChanged(after: $after) { cursor contactId totalAfter } }';
const CREATE_KEY =
  'mutation { createApiKey(input: { name: "short-lived", role: VIEWER }) { apiKey { id } secret } }';

let database: TestDatabase;
let server: ServerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await ServerProcess.start({
    DATABASE_URL: database.url,
    WORKERS: String(WORKERS),
    LOG_LEVEL: 'info',
  });
});

afterAll(async () => {
  await server?.kill();
  await database?.drop();
});

/** Process ids of the workers that have ever served, oldest first; the first process serves nothing itself. */
function workerPids(): number[] {
  const lines = server.output().match(/^\{.*"msg":"listening"\}$/gm) ?? [];
  return lines.map((line) => JSON.parse(line).pid as number).filter((pid) => pid !== server.pid);
}

function connectAll(key = TEST_KEY): Promise<LiveClient[]> {
  return Promise.all(Array.from({ length: CLIENTS }, () => LiveClient.connect(server.webSocketUrl, key)));
}

function act(index: number): Promise<unknown> {
  const input = {
    contact: { email: `w${index % 5}@example.com` },
    type: 'email_opened',
    idempotencyKey: `w-${index}`,
  };
  return server.ask(RECORD, { input });
}

/** Sends until it is answered: a worker may be killed under a request. */
async function actAll(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) await eventually(() => act(index));
}

async function cursors(subscription: LiveSubscription, count: number): Promise<string[]> {
  return (await subscription.take(count)).map((data) => data.scoreChanged?.cursor ?? '');
}

describe('several workers behind one port', () => {
  it('a worker killed in the middle is replaced, and its subscribers go on by cursor at any other', async () => {
    const { feedCursor } = await server.ask<{ feedCursor: string }>('{ feedCursor }');
    const clients = await connectAll();
    const firsts = clients.map((client) => client.subscribe(WATCH, { after: feedCursor }));
    await actAll(0, 10);
    const seen = await Promise.all(firsts.map((subscription) => cursors(subscription, 10)));
    for (const one of seen) expect(one).toEqual(seen[0]);
    const before = workerPids();
    expect(before).toHaveLength(WORKERS);
    const [victim] = before as [number];
    const closed = clients.map((client) => client.ended.then(({ code }) => code));
    process.kill(victim, 'SIGKILL');
    // Requests that reach it in its last moment are cut off, and it is for their callers to send them again.
    await eventually(() => expect(() => process.kill(victim, 0)).toThrow());
    await actAll(10, 20);
    await eventually(() => expect(workerPids()).toHaveLength(WORKERS + 1));
    const cutOff = await Promise.all(closed.map((code) => Promise.race([code, Promise.resolve(null)])));
    // Some were at the worker that died, some at the other one, which did not notice.
    expect(new Set(cutOff)).toEqual(new Set([1006, null]));
    const again = await connectAll();
    const seconds = again.map((client, index) => client.subscribe(WATCH, { after: seen[index]?.at(-1) }));
    await actAll(20, 30);
    const rest = await Promise.all(seconds.map((subscription) => cursors(subscription, 20)));
    for (const one of rest) expect(one).toEqual(rest[0]);
    const all = [...(seen[0] ?? []), ...(rest[0] ?? [])];
    expect(new Set(all).size).toBe(30);
    const spared = firsts.find((_, index) => cutOff[index] === null);
    expect(await cursors(spared as LiveSubscription, 20)).toEqual(rest[0]);
    for (const client of [...clients, ...again]) client.socket.terminate();
  });

  it('a key that is revoked at one of them stops to work at all of them', async () => {
    const { createApiKey } = await server.ask<{ createApiKey: { apiKey: { id: string }; secret: string } }>(
      CREATE_KEY,
    );
    const clients = await connectAll(createApiKey.secret);
    const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }';
    await server.ask(revoke, { id: createApiKey.apiKey.id });
    const codes = await Promise.all(clients.map((client) => client.ended.then(({ code }) => code)));
    expect(new Set(codes)).toEqual(new Set([4403]));
    // Each request on a connection of its own, so that every worker is asked.
    const refused = await Promise.all(
      Array.from({ length: CLIENTS }, () => server.request('{ feedCursor }', {}, createApiKey.secret)),
    );
    expect(new Set(refused.map(({ errors }) => errors?.[0]?.extensions.code))).toEqual(
      new Set(['UNAUTHENTICATED']),
    );
  });

  it('the same idempotency key at all of them at once has one effect', async () => {
    const input = { contact: { email: 'once@example.com' }, type: 'email_opened', idempotencyKey: 'once' };
    const answers = await Promise.all(
      Array.from({ length: 12 }, () =>
        server.ask<{ recordAction: { duplicate: boolean; cursor: string } }>(RECORD, { input }),
      ),
    );
    expect(answers.filter(({ recordAction }) => !recordAction.duplicate)).toHaveLength(1);
    expect(new Set(answers.map(({ recordAction }) => recordAction.cursor)).size).toBe(1);
  });
});
