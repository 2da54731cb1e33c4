import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { removeChangesUpTo, someChanges } from '../support/feed-writer.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const CHANGES = `query ($after: String, $first: Int, $filter: ScoreChangeFilter) {
  scoreChanges(after: $after, first: $first, filter: $filter) {
    nodes { totalAfter } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Page {
  nodes: { totalAfter: number }[];
  edges: { cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string };
}

let test: TestDatabase;
let server: LiveTestServer;
let world: LiveWorld;

beforeAll(async () => {
  test = await createTestDatabase();
  server = await LiveTestServer.start(test.url);
});

beforeEach(async () => {
  world = await LiveWorld.create(server);
});

afterAll(async () => {
  await server?.stop();
  await test?.drop();
});

async function page(variables: Record<string, unknown> = {}): Promise<Page> {
  const { data, errors } = await server.query(world.tenant.apiKey, CHANGES, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.scoreChanges as Page;
}

async function code(variables: Record<string, unknown>): Promise<unknown> {
  const { errors } = await server.query(world.tenant.apiKey, CHANGES, variables);
  return errors?.[0]?.extensions?.code;
}

const totals = (last: number) => Array.from({ length: last }, (_, index) => ({ totalAfter: index + 1 }));

describe('feedCursor', () => {
  it('tells where the feed stands', async () => {
    const cursor = async () => (await server.query(world.tenant.apiKey, '{ feedCursor }')).data?.feedCursor;
    expect(await cursor()).toBe(world.cursor(0n));
    await world.changes(...someChanges(3));
    expect(await cursor()).toBe(world.cursor(3n));
  });

  it('is not for keys that only write', async () => {
    const { text } = await server.services.access.createApiKey(world.tenant.tenantId, {
      name: 'in',
      role: 'INGEST',
      expiresAt: null,
    });
    for (const query of ['{ feedCursor }', '{ scoreChanges { nodes { cursor } } }']) {
      expect((await server.query(text, query)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  });
});

describe('scoreChanges', () => {
  it('goes through the feed page by page and waits at its end', async () => {
    await world.changes(...totals(5));
    const first = await page({ first: 3 });
    expect(first.nodes).toEqual(totals(3));
    expect(first.edges.map((edge) => edge.cursor)).toEqual(
      [1n, 2n, 3n].map((position) => world.cursor(position)),
    );
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await page({ first: 3, after: first.pageInfo.endCursor });
    expect(second.nodes).toEqual([{ totalAfter: 4 }, { totalAfter: 5 }]);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const end = await page({ after: second.pageInfo.endCursor });
    expect(end).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false, endCursor: world.cursor(5n) } });
    await world.changes({ totalAfter: 6 });
    expect((await page({ after: end.pageInfo.endCursor })).nodes).toEqual([{ totalAfter: 6 }]);
  });

  it('knows when a full page was the last one', async () => {
    await world.changes(...totals(4));
    expect((await page({ first: 4 })).pageInfo).toMatchObject({
      hasNextPage: false,
      endCursor: world.cursor(4n),
    });
    expect((await page({ first: 0 })).pageInfo).toMatchObject({
      hasNextPage: true,
      endCursor: world.cursor(0n),
    });
  });

  it('begins with the oldest that is kept', async () => {
    await world.changes(...totals(4));
    await removeChangesUpTo(server.services.db, world.tenant.tenantId, 2n);
    expect((await page()).nodes).toEqual([{ totalAfter: 3 }, { totalAfter: 4 }]);
  });

  it('moves on past what the filter leaves out, a bounded stretch at a time', async () => {
    await world.changes(...someChanges(5_100, { totalAfter: 1 }), { totalAfter: 90 });
    const filter = { minTotal: 90 };
    const first = await page({ filter });
    expect(first).toMatchObject({
      nodes: [],
      pageInfo: { hasNextPage: true, endCursor: world.cursor(5_000n) },
    });
    const second = await page({ filter, after: first.pageInfo.endCursor });
    expect(second.nodes).toEqual([{ totalAfter: 90 }]);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, endCursor: world.cursor(5_101n) });
  });

  it('does not pass a match that the page had no room for', async () => {
    await world.changes({ totalAfter: 90 }, { totalAfter: 1 }, { totalAfter: 91 });
    const filter = { minTotal: 90 };
    const first = await page({ filter, first: 1 });
    expect(first).toMatchObject({ nodes: [{ totalAfter: 90 }], pageInfo: { endCursor: world.cursor(1n) } });
    expect((await page({ filter, first: 1, after: first.pageInfo.endCursor })).nodes).toEqual([
      { totalAfter: 91 },
    ]);
  });

  it('refuses pages, cursors and filters that are no good', async () => {
    expect(await code({ first: 201 })).toBe('BAD_USER_INPUT');
    expect(await code({ after: 'nonsense' })).toBe('BAD_USER_INPUT');
    expect(await code({ after: world.cursor(1n) })).toBe('CURSOR_EXPIRED');
    expect(await code({ filter: { segmentId: world.modelId } })).toBe('BAD_USER_INPUT');
    const stranger = await LiveWorld.create(server);
    expect(await code({ after: stranger.cursor(0n) })).toBe('CURSOR_EXPIRED');
  });
});
