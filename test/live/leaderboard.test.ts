import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import type { LiveSubscription } from '../support/live-client.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const BOARD = `subscription ($first: Int, $filter: ContactFilter, $maxPerSecond: Float = 10) {
  leaderboard(first: $first, filter: $filter, maxPerSecond: $maxPerSecond) {
    asOf entries { rank contact { email } score { total stage { key } } }
  }
}`;

interface Board {
  asOf: string;
  entries: { rank: number; contact: { email: string }; score: { total: number } }[];
}

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

/** Lets a contact act so many times, each worth 10 points. */
async function acts(name: string, times = 1): Promise<void> {
  const item = {
    kind: 'action' as const,
    contact: { kind: 'email' as const, value: `${name}@example.com` },
    type: 'email_opened',
    properties: {},
  };
  const outcomes = await server.services.recorder.record(
    world.tenant.tenantId,
    Array.from({ length: times }, () => item),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: times }, () => 'RECORDED'));
}

async function watch(variables: object = {}, query = BOARD): Promise<LiveSubscription> {
  const client = await server.client(world.tenant.apiKey);
  return client.subscribe(query, variables);
}

async function next(subscription: LiveSubscription): Promise<Board> {
  return (await subscription.data()).leaderboard as unknown as Board;
}

/** The board as lines: place, name, total. */
async function lines(subscription: LiveSubscription): Promise<string[]> {
  return (await next(subscription)).entries.map(
    ({ rank, contact, score }) => `${rank} ${contact.email.split('@')[0]} ${score.total}`,
  );
}

describe('leaderboard', () => {
  it('begins with the board as it is, then follows it', async () => {
    await acts('ada', 3);
    await acts('bob', 2);
    await world.contact({ email: 'nobody@example.com' });
    const board = await watch();
    const before = Date.now();
    expect(await lines(board)).toEqual(['1 ada 30', '2 bob 20']);
    await acts('bob', 2);
    const changed = await next(board);
    expect(changed.entries.map(({ contact }) => contact.email)).toEqual([
      'bob@example.com',
      'ada@example.com',
    ]);
    expect(Date.parse(changed.asOf)).toBeGreaterThanOrEqual(before);
  });

  it('is empty in an empty tenant', async () => {
    expect(await lines(await watch())).toEqual([]);
  });

  it('is sent only when it has become another', async () => {
    for (const [name, times] of [
      ['ada', 5],
      ['bob', 4],
      ['cyd', 1],
    ] as const)
      await acts(name, times);
    const board = await watch({ first: 2 });
    expect(await lines(board)).toEqual(['1 ada 50', '2 bob 40']);
    const page = vi.spyOn(server.services.contacts, 'page');
    await acts('cyd');
    await eventually(() => expect(page).toHaveBeenCalledTimes(1));
    await acts('cyd', 4);
    expect(await lines(board)).toEqual(['1 cyd 60', '2 ada 50']);
  });

  it('holds the contacts of the filter alone', async () => {
    await acts('ada', 9);
    await acts('bob', 2);
    const board = await watch({ filter: { maxTotal: 50 } });
    expect(await lines(board)).toEqual(['1 bob 20']);
    await acts('cyd', 3);
    expect(await lines(board)).toEqual(['1 cyd 30', '2 bob 20']);
  });

  it('is looked at once for all who watch the same one, and not at all while nothing happens', async () => {
    await acts('ada');
    const page = vi.spyOn(server.services.contacts, 'page');
    const boards = await Promise.all(Array.from({ length: 20 }, () => watch()));
    for (const board of boards) expect(await lines(board)).toEqual(['1 ada 10']);
    expect(page).toHaveBeenCalledTimes(1);
    await acts('ada');
    for (const board of boards) expect(await lines(board)).toEqual(['1 ada 20']);
    const late = await watch();
    expect(await lines(late)).toEqual(['1 ada 20']);
    // One look for the first board, one for the change; a batch may be seen in two steps.
    expect(page.mock.calls.length).toBeLessThanOrEqual(3);
  });

  it('is looked at no more often than is asked for', async () => {
    const board = await watch({ maxPerSecond: 0.1 });
    expect(await lines(board)).toEqual([]);
    const page = vi.spyOn(server.services.contacts, 'page');
    const changed = await watch({}, 'subscription { scoreChanged { totalAfter } }');
    await eventually(() => expect(server.operations.groupCount).toBe(2));
    for (let time = 0; time < 5; time += 1) await acts('ada');
    await changed.take(5);
    expect(page).not.toHaveBeenCalled();
  });

  it('goes on for others when one is gone, and leaves nothing behind', async () => {
    const [other, gone, stays] = await Promise.all([watch(), watch(), server.client(world.tenant.apiKey)]);
    const board = stays.subscribe(BOARD);
    for (const subscription of [other, gone, board]) expect(await lines(subscription)).toEqual([]);
    gone.complete();
    await acts('ada');
    expect(await lines(board)).toEqual(['1 ada 10']);
    expect(await lines(other)).toEqual(['1 ada 10']);
    other.complete();
    await stays.close();
    await eventually(() => expect(server.operations.groupCount).toBe(0));
    await eventually(() => expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(false));
  });

  it.each([
    [{ first: 0 }, 'BAD_USER_INPUT'],
    [{ first: 101 }, 'BAD_USER_INPUT'],
    [{ maxPerSecond: 0 }, 'BAD_USER_INPUT'],
    [{ maxPerSecond: 11 }, 'BAD_USER_INPUT'],
    [{ filter: { stages: ['nowhere'] } }, 'BAD_USER_INPUT'],
    [{ filter: { modelId: '00000000-0000-4000-8000-000000000000' } }, 'NOT_FOUND'],
  ])('refuses %o with %s', async (variables, code) => {
    expect(await (await watch(variables)).errorCodes()).toEqual([code]);
    expect(server.services.feed.isLive(world.tenant.tenantId)).toBe(false);
  });

  it('may not be read by a key that only writes', async () => {
    const key = { name: 'in', role: 'INGEST', expiresAt: null } as const;
    const { text } = await server.services.access.createApiKey(world.tenant.tenantId, key);
    const client = await server.client(text);
    expect(await client.subscribe(BOARD).errorCodes()).toEqual(['FORBIDDEN']);
  });
});
