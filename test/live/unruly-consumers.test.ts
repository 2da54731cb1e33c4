import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

/** Events of a few kilobytes, so that the buffers of the network are soon full. */
const models = Array.from({ length: 8 }, (_, index) => `m${index}: model { definition }`).join(' ');
const STAGES = `subscription ($after: String) { stageChanged(after: $after) { cursor ${models} } }`;
const PLAIN = 'subscription ($after: String) { stageChanged(after: $after) { cursor } }';
const CHANGES = 2_000;
const STALL_MS = 150;

let test: TestDatabase;
let server: LiveTestServer;
let world: LiveWorld;

beforeAll(async () => {
  test = await createTestDatabase();
  server = await LiveTestServer.start(test.url, { live: { stalledMsMax: STALL_MS, closeMsMax: 100 } });
  world = await LiveWorld.create(server);
});

afterAll(async () => {
  await server?.stop();
  await test?.drop();
});

/** Reads until it has everything; whenever the socket ends, by whomever, it comes back after its last cursor. */
async function consume(
  query: string,
  last: string,
  disturb: (socket: { pause(): void; resume(): void; terminate(): void }, events: number) => void,
): Promise<{ cursors: string[]; comebacks: number }> {
  const cursors: string[] = [];
  let comebacks = -1;
  while (cursors.at(-1) !== last) {
    comebacks += 1;
    const client = await server.client(world.tenant.apiKey);
    const subscription = client.subscribe(query, { after: cursors.at(-1) ?? world.cursor(0n) });
    try {
      while (cursors.at(-1) !== last) {
        const { stageChanged } = await subscription.data();
        cursors.push(stageChanged!.cursor);
        disturb(client.socket, cursors.length);
      }
    } catch {
      // The socket has ended: come back.
    }
    client.socket.terminate();
  }
  return { cursors, comebacks };
}

describe('consumers that stall, drop and come back', () => {
  it('get every change in order and nothing twice, and those beside them notice nothing', async () => {
    const last = world.cursor(BigInt(CHANGES));
    const everything = Array.from({ length: CHANGES }, (_, index) => world.cursor(BigInt(index + 1)));
    const writing = (async () => {
      for (let made = 0; made < CHANGES; made += 50) {
        await world.changes(...Array.from({ length: 50 }, () => ({ stageAfter: 'warm' })));
      }
    })();
    const [steady, dropping, stalling, both] = await Promise.all([
      consume(PLAIN, last, () => undefined),
      consume(STAGES, last, (socket, events) => {
        if (events % 300 === 0) socket.terminate();
      }),
      // Longer than a socket may take nothing: those that have filled up by then are let go.
      consume(STAGES, last, (socket, events) => {
        if (events % 500 !== 250) return;
        socket.pause();
        void pause(4 * STALL_MS).then(() => socket.resume());
      }),
      consume(STAGES, last, (socket, events) => {
        if (events % 700 === 0) socket.terminate();
        if (events % 400 !== 100) return;
        socket.pause();
        void pause(STALL_MS / 2).then(() => socket.resume());
      }),
    ]);
    await writing;
    for (const { cursors } of [steady, dropping, stalling, both]) expect(cursors).toEqual(everything);
    expect(steady.comebacks).toBe(0);
    expect(dropping.comebacks).toBeGreaterThan(0);
  });
});
