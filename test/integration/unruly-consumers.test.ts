import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMemory } from '../../bench/contacts/peak-memory.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { LiveClient, type LiveEvent } from '../support/live-client.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';
import { TrickleProxy } from '../support/trickle-proxy.js';

const WAIT_MS = 180_000;
const ACTIONS = 600;
/** So many that no score meets its cap: each action is a change. */
const CONTACTS = 60;
const RECORD = 'mutation ($input: RecordActionInput!) { recordAction(input: $input) { duplicate } }';
/** Some ten kilobytes a change, so that what is not read soon fills the buffers of the network. */
const models = Array.from({ length: 8 }, (_, index) => `m${index}: model { definition }`).join(' ');
const FAT = `subscription ($after: String) {
  scoreFeed(after: $after, batchMax: 5) { cursor changes { cursor contactId totalAfter ${models} } } }`;

/** Sockets that take nothing at all, and how much each asks for. */
const DEAF = 8;
const SUBSCRIPTIONS_OF_DEAF = 20;
/** How much more memory a server may take at its peak than it has before: 150 were seen, most of them garbage. */
const MORE_MIB_MAX = 400;
const CHARS_PER_MIB = 1024 ** 2;

let database: TestDatabase;
let staying: ServerProcess;
let dying: ServerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  staying = await ServerProcess.start({ DATABASE_URL: database.url, LOG_LEVEL: 'info' });
  dying = await ServerProcess.start({ DATABASE_URL: database.url });
});

afterAll(async () => {
  await Promise.all([staying, dying].map((server) => server?.kill()));
  await database?.drop();
});

type Change = Pick<LiveEvent, 'cursor' | 'contactId' | 'totalAfter'>;

/** What a consumer does to its socket. */
interface Manners {
  /** Where it connects to, the nth time. */
  address(nth: number): string | Promise<string>;
  /** Called with each batch. */
  onBatch?(client: LiveClient, batches: number): void;
}

/** Reads until it has all changes; whenever its socket ends, by whomever, it comes back after its last cursor. */
async function consume(start: string, { address, onBatch }: Manners) {
  const changes: Change[] = [];
  let chars = 0;
  const ends: number[] = [];
  let after = start;
  let batches = 0;
  for (let nth = 0; changes.length < ACTIONS; nth++) {
    const client = await LiveClient.connect(await address(nth), TEST_KEY).catch(() => null);
    if (!client) {
      await pause(50);
      continue;
    }
    const feed = client.subscribe(FAT, { after });
    void client.ended.then(({ code }) => ends.push(code));
    try {
      while (changes.length < ACTIONS) {
        const { scoreFeed } = await feed.data();
        chars += JSON.stringify(scoreFeed).length;
        for (const { cursor, contactId, totalAfter } of scoreFeed!.changes)
          changes.push({ cursor, contactId, totalAfter });
        after = scoreFeed!.cursor;
        onBatch?.(client, ++batches);
      }
    } catch {
      // The socket has ended: come back.
    }
    client.socket.terminate();
  }
  // Without that of the last socket, which it ended itself.
  return { changes, chars, ends: [...ends] };
}

/** Subscribes again and again on one socket, and reads nothing from then on. */
async function turnDeaf(after: string): Promise<LiveClient> {
  const client = await LiveClient.connect(staying.webSocketUrl, TEST_KEY);
  for (let nth = 0; nth < SUBSCRIPTIONS_OF_DEAF; nth++) client.subscribe(FAT, { after });
  client.socket.pause();
  return client;
}

async function record(server: ServerProcess): Promise<void> {
  for (let index = 0; index < ACTIONS; index++) {
    const contact = { email: `c${index % CONTACTS}@example.com` };
    await server.ask(RECORD, { input: { contact, type: 'email_opened' } });
    if (index === ACTIONS / 3) await dying.kill('SIGKILL');
  }
}

it(
  'consumers that stall, read a byte a second, drop and return have every change once and in order in bounded memory, though one of two servers is killed',
  async () => {
    const { feedCursor } = await staying.ask<{ feedCursor: string }>('{ feedCursor }');
    const either = (nth: number) => (nth % 2 === 0 ? dying : staying).webSocketUrl;
    const network = await TrickleProxy.start(Number(new URL(staying.url).port));
    const consumers = Promise.all([
      consume(feedCursor, { address: () => staying.webSocketUrl }),
      consume(feedCursor, { address: either }),
      consume(feedCursor, {
        address: either,
        onBatch: (client, batches) => {
          if (batches % 15 === 0) client.socket.terminate();
        },
      }),
      consume(feedCursor, {
        address: either,
        onBatch: (client, batches) => {
          if (batches % 20 !== 5) return;
          client.socket.pause();
          void pause(700).then(() => client.socket.resume());
        },
      }),
      consume(feedCursor, {
        address: (nth) => (nth === 0 ? `ws://127.0.0.1:${network.port}/graphql` : staying.webSocketUrl),
        onBatch: (_client, batches) => {
          if (batches === 3) network.trickle();
        },
      }),
    ]);
    const deaf = await Promise.all(Array.from({ length: DEAF }, () => turnDeaf(feedCursor)));
    const memoryBefore = readMemory(staying.pid);
    await record(staying);
    // The deaf ones and the one that reads a byte a second.
    const letGo = /a socket that takes too little is let go/g;
    await eventually(() => expect(staying.output().match(letGo)?.length).toBe(DEAF + 1));
    for (const client of deaf) client.socket.terminate();
    network.cut();
    const [steady, ...others] = await consumers;
    await network.stop();
    const [orphan, dropping, , trickling] = others;
    expect(new Set(steady.changes.map(({ cursor }) => cursor)).size).toBe(ACTIONS);
    for (const { changes } of others) expect(changes).toEqual(steady.changes);
    // Whoever reads at its pace keeps its socket; the others have been through what they were meant to go through.
    expect(steady.ends).toEqual([]);
    expect(orphan?.ends[0]).toBe(1006);
    expect(dropping?.ends.length).toBeGreaterThan(3);
    expect(trickling?.ends.length).toBeGreaterThan(0);
    expect(staying.output()).not.toMatch(/"level":"error"/);
    const owedMib = (DEAF * SUBSCRIPTIONS_OF_DEAF * steady.chars) / CHARS_PER_MIB;
    expect(owedMib).toBeGreaterThan(3 * MORE_MIB_MAX);
    const memory = readMemory(staying.pid);
    // Where the system tells: /proc is Linux's.
    if (memory && memoryBefore) expect(memory.peakMib - memoryBefore.nowMib).toBeLessThan(MORE_MIB_MAX);
  },
  WAIT_MS,
);
