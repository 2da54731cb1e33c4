import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { removeChangesUpTo, someChanges } from '../support/feed-writer.js';
import type { LiveClient } from '../support/live-client.js';
import { LiveTestServer } from '../support/live-server.js';
import { LIVE_MODEL, LiveWorld } from '../support/live-world.js';

const CHANGED = `subscription ($filter: ScoreChangeFilter, $after: String) {
  scoreChanged(filter: $filter, after: $after) { cursor contactId totalBefore totalAfter cause }
}`;
const FEED = `subscription ($filter: ScoreChangeFilter, $after: String, $batchMax: Int) {
  scoreFeed(filter: $filter, after: $after, batchMax: $batchMax) { cursor caughtUp changes { totalAfter } }
}`;

let test: TestDatabase;
let server: LiveTestServer;
let other: LiveTestServer;
let world: LiveWorld;
let client: LiveClient;

beforeAll(async () => {
  test = await createTestDatabase();
  server = await LiveTestServer.start(test.url);
  other = await LiveTestServer.start(test.url);
});

beforeEach(async () => {
  world = await LiveWorld.create(server);
  client = await server.client(world.tenant.apiKey);
});

afterAll(async () => {
  await server?.stop();
  await other?.stop();
  await test?.drop();
});

/** Waits until as many tenants are read live; those of earlier tests end with their clients. */
async function live(at: LiveTestServer): Promise<void> {
  const { tenantId } = world.tenant;
  await eventually(() => expect(at.services.feed.isLive(tenantId)).toBe(true));
}

const totals = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => ({ totalAfter: from + index }));

describe('scoreChanged', () => {
  it('delivers what is committed from now on', async () => {
    await world.changes({ totalAfter: 1 });
    const changed = client.subscribe(CHANGED);
    await live(server);
    await world.changes({ totalAfter: 2 }, { totalAfter: 3 });
    const events = await changed.take(2);
    expect(events.map((event) => event.scoreChanged?.totalAfter)).toEqual([2, 3]);
    expect(events[1]?.scoreChanged).toMatchObject({
      cursor: world.cursor(3n),
      cause: 'ACTION',
      totalBefore: 10,
    });
  });

  it('resumes after a cursor on another server, nothing missing, nothing twice', async () => {
    await world.changes(...totals(1, 250));
    const first = client.subscribe(CHANGED, { after: world.cursor(0n) });
    const seen = await first.take(120);
    client.socket.terminate();
    await client.ended;
    const after = seen.at(-1)?.scoreChanged?.cursor;
    const elsewhere = await other.client(world.tenant.apiKey);
    const second = elsewhere.subscribe(CHANGED, { after });
    const writing = Promise.all([world.changes(...totals(251, 300)), world.changes(...totals(301, 320))]);
    seen.push(...(await second.take(200)));
    await writing;
    const received = seen.map((event) => event.scoreChanged?.totalAfter ?? 0);
    expect(received.slice(0, 250)).toEqual(totals(1, 250).map(({ totalAfter }) => totalAfter));
    expect([...received].sort((one, two) => one - two)).toEqual(
      totals(1, 320).map(({ totalAfter }) => totalAfter),
    );
    const cursors = seen.map((event) => event.scoreChanged?.cursor);
    expect(cursors).toEqual(totals(1, 320).map(({ totalAfter }) => world.cursor(BigInt(totalAfter))));
  });

  it('reaches subscribers of every server', async () => {
    const elsewhere = await other.client(world.tenant.apiKey);
    const subscriptions = [client.subscribe(CHANGED), elsewhere.subscribe(CHANGED)];
    await live(server);
    await live(other);
    await world.changes({ totalAfter: 42 });
    for (const subscription of subscriptions) {
      expect((await subscription.data()).scoreChanged?.totalAfter).toBe(42);
    }
  });

  it('shows nothing of another tenant, and refuses its cursor', async () => {
    const stranger = await LiveWorld.create(server);
    const changed = client.subscribe(CHANGED);
    await live(server);
    await stranger.changes({ totalAfter: 66 });
    await world.changes({ totalAfter: 7 });
    expect((await changed.data()).scoreChanged?.totalAfter).toBe(7);
    const refused = client.subscribe(CHANGED, { after: stranger.cursor(1n) });
    expect(await refused.errorCodes()).toEqual(['CURSOR_EXPIRED']);
  });

  it.each([
    ['modelId', () => ({ modelId: world.modelId.toUpperCase() }), { modelId: randomUUID() }],
    ['minTotal', () => ({ minTotal: 20 }), { totalAfter: 19 }],
    ['minDelta', () => ({ minDelta: 10 }), { totalBefore: 20, totalAfter: 11 }],
    ['causes', () => ({ causes: ['DECAY', 'ACTION'] }), { cause: 'EXPIRY' as const }],
  ])('filters by %s', async (_name, filter, unwanted) => {
    await world.changes(unwanted, { totalAfter: 20 }, unwanted, { totalBefore: 31, totalAfter: 21 });
    const changed = client.subscribe(CHANGED, { after: world.cursor(0n), filter: filter() });
    const events = await changed.take(2);
    expect(events.map((event) => event.scoreChanged?.totalAfter)).toEqual([20, 21]);
  });

  it('filters by contacts and by their owners now', async () => {
    const [ownerId, strangerId] = [randomUUID(), randomUUID()];
    const mine = await world.contact({ ownerId });
    const free = await world.contact();
    const theirs = await world.contact({ ownerId: strangerId });
    await world.changes(...[theirs, free, mine].map((contactId) => ({ contactId })), {
      contactId: randomUUID(),
    });
    const after = world.cursor(0n);
    const byOwner = client.subscribe(CHANGED, { after, filter: { ownerIds: [ownerId.toUpperCase()] } });
    const byContact = client.subscribe(CHANGED, { after, filter: { contactIds: [free, mine] } });
    expect((await byOwner.data()).scoreChanged?.contactId).toBe(mine);
    const contactIds = (await byContact.take(2)).map((event) => event.scoreChanged?.contactId);
    expect(contactIds).toEqual([free, mine]);
  });

  it.each([
    [{ segmentId: randomUUID() }, 'BAD_USER_INPUT'],
    [{ minDelta: -1 }, 'BAD_USER_INPUT'],
    [{ contactIds: ['Ada'] }, 'BAD_USER_INPUT'],
    [{ ownerIds: Array.from({ length: 1_001 }, () => randomUUID()) }, 'BAD_USER_INPUT'],
    [{ causes: ['BOREDOM'] }, 'BAD_USER_INPUT'],
    [{ modelId: randomUUID() }, 'NOT_FOUND'],
  ])('refuses the filter %o', async (filter, code) => {
    expect(await client.subscribe(CHANGED, { filter }).errorCodes()).toEqual([code]);
    const fresh = client.subscribe(CHANGED, { after: world.cursor(0n) });
    await world.changes({ totalAfter: 5 });
    expect((await fresh.data()).scoreChanged?.totalAfter).toBe(5);
  });

  it('refuses cursors that are unreadable, ahead, or below what is kept', async () => {
    await world.changes(...someChanges(5));
    await removeChangesUpTo(server.services.db, world.tenant.tenantId, 3n);
    const codes = async (after: string) => client.subscribe(CHANGED, { after }).errorCodes();
    expect(await codes('nonsense')).toEqual(['BAD_USER_INPUT']);
    expect(await codes(world.cursor(6n))).toEqual(['CURSOR_EXPIRED']);
    expect(await codes(world.cursor(2n))).toEqual(['CURSOR_EXPIRED']);
    const kept = client.subscribe(CHANGED, { after: world.cursor(3n) });
    expect((await kept.data()).scoreChanged?.cursor).toBe(world.cursor(4n));
  });

  it('ends with an error when the database was set back', async () => {
    await world.changes(...someChanges(5));
    const changed = client.subscribe(CHANGED);
    await live(server);
    const { tenantId } = world.tenant;
    await server.services.db.writes.query('UPDATE tenant_feeds SET position = 2 WHERE tenant_id = $1', [
      tenantId,
    ]);
    expect(await changed.errorCodes()).toEqual(['CURSOR_EXPIRED']);
  });

  it('stops reading for the tenant when the client ends it', async () => {
    const { feed } = server.services;
    const subscription = client.subscribe(CHANGED);
    await live(server);
    subscription.complete();
    await eventually(() => expect(feed.isLive(world.tenant.tenantId)).toBe(false));
    client.subscribe(CHANGED);
    await live(server);
    await client.close();
    await eventually(() => expect(feed.isLive(world.tenant.tenantId)).toBe(false));
  });

  it('may not be read by a key that only writes', async () => {
    const { access } = server.services;
    const { text } = await access.createApiKey(world.tenant.tenantId, {
      name: 'in',
      role: 'INGEST',
      expiresAt: null,
    });
    const ingest = await server.client(text);
    expect(await ingest.subscribe(CHANGED).errorCodes()).toEqual(['FORBIDDEN']);
  });
});

describe('the parts of a change', () => {
  const WHOLE = `subscription ($after: String) { scoreChanged(after: $after) {
    contact { id email owner { id } } model { key version } modelVersion points labelBefore labelAfter action { id }
    stageBefore { key name hot } stageAfter { key name hot } reasons { points }
  } }`;

  it('are read anew for every event', async () => {
    const contactId = await world.contact({ email: 'ada@example.com' });
    const changed = client.subscribe(WHOLE);
    await live(server);
    await world.changes({ contactId, stageBefore: null, stageAfter: 'hot' });
    expect((await changed.data()).scoreChanged).toMatchObject({
      contact: { id: contactId, email: 'ada@example.com', owner: null },
      model: { key: LIVE_MODEL.key, version: 1 },
      modelVersion: 1,
      points: 10,
      labelBefore: null,
      action: null,
      stageBefore: null,
      stageAfter: { key: 'hot', name: 'Hot', hot: true },
      reasons: [],
    });
    await world.erase(contactId);
    await world.changes({ contactId, stageBefore: 'gone', cause: 'ERASED' });
    expect((await changed.data()).scoreChanged).toMatchObject({
      contact: null,
      stageBefore: { key: 'gone', name: 'gone', hot: false },
    });
  });

  it('name the action behind a change that the service made', async () => {
    const changed = client.subscribe(
      `subscription { scoreChanged { totalAfter contact { email } action { id type properties }
        reasons { kind ruleKey title points } } }`,
    );
    await live(server);
    const [outcome] = await server.services.recorder.record(world.tenant.tenantId, [
      {
        kind: 'action',
        contact: { kind: 'email', value: 'ada@example.com' },
        type: 'email_opened',
        properties: { campaign: 'spring' },
      },
    ]);
    if (outcome?.status !== 'RECORDED') throw new Error(JSON.stringify(outcome));
    expect((await changed.data()).scoreChanged).toEqual({
      totalAfter: 10,
      contact: { email: 'ada@example.com' },
      action: { id: outcome.entryId, type: 'email_opened', properties: { campaign: 'spring' } },
      reasons: [{ kind: 'RULE', ruleKey: 'opened', title: 'Opened', points: 10 }],
    });
  });
});

describe('stageChanged', () => {
  const STAGES = `subscription ($toStages: [String!], $after: String) {
    stageChanged(toStages: $toStages, after: $after) { totalAfter }
  }`;

  it('delivers only changes across a boundary, to the stages that are asked for', async () => {
    await world.changes(
      { totalAfter: 1 },
      { totalAfter: 2, stageAfter: 'warm' },
      { totalAfter: 3, stageBefore: 'warm', stageAfter: 'hot' },
      { totalAfter: 4, stageBefore: 'hot', stageAfter: 'hot' },
      { totalAfter: 5, stageBefore: null },
    );
    const after = world.cursor(0n);
    const all = await client.subscribe(STAGES, { after }).take(3);
    expect(all.map((event) => event.stageChanged?.totalAfter)).toEqual([2, 3, 5]);
    const some = await client.subscribe(STAGES, { after, toStages: ['hot', 'cold'] }).take(2);
    expect(some.map((event) => event.stageChanged?.totalAfter)).toEqual([3, 5]);
  });
});

describe('hotLead', () => {
  const HOT = `subscription ($ownerIds: [ID!], $after: String) {
    hotLead(ownerIds: $ownerIds, after: $after) { id cursor at contact { id } change { totalAfter cursor } }
  }`;

  it('raises one alert for each entry into a hot stage, the same for everybody', async () => {
    const contactId = await world.contact();
    const intoHot = { contactId, stageBefore: 'warm', stageAfter: 'hot' };
    await world.changes(
      { contactId, stageAfter: 'warm' },
      { ...intoHot, totalAfter: 81 },
      { ...intoHot, stageBefore: 'hot' },
      { ...intoHot, contactId: randomUUID() },
      { contactId, stageBefore: 'hot' },
      { ...intoHot, stageBefore: null, totalAfter: 82 },
    );
    const after = world.cursor(0n);
    const alerts = await client.subscribe(HOT, { after }).take(2);
    expect(alerts.map((alert) => alert.hotLead)).toMatchObject([
      {
        contact: { id: contactId },
        cursor: world.cursor(2n),
        change: { totalAfter: 81, cursor: world.cursor(2n) },
      },
      { contact: { id: contactId }, cursor: world.cursor(6n), change: { totalAfter: 82 } },
    ]);
    const elsewhere = await other.client(world.tenant.apiKey);
    const again = await elsewhere.subscribe(HOT, { after }).take(2);
    expect(again).toEqual(alerts);
    expect(alerts[0]?.hotLead?.id).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    expect(alerts[0]?.hotLead?.id).not.toBe(alerts[1]?.hotLead?.id);
  });

  it('tells an owner of their contacts alone', async () => {
    const ownerId = randomUUID();
    const [mine, theirs] = [await world.contact({ ownerId }), await world.contact()];
    await world.changes(...[theirs, mine].map((contactId) => ({ contactId, stageAfter: 'hot' })));
    const alert = await client.subscribe(HOT, { after: world.cursor(0n), ownerIds: [ownerId] }).data();
    expect(alert.hotLead).toMatchObject({ contact: { id: mine } });
    expect(await client.subscribe(HOT, { ownerIds: ['me'] }).errorCodes()).toEqual(['BAD_USER_INPUT']);
  });
});

describe('scoreFeed', () => {
  it('begins with a batch at once that tells where it stands', async () => {
    await world.changes(...someChanges(3));
    const feed = client.subscribe(FEED);
    expect((await feed.data()).scoreFeed).toEqual({ changes: [], caughtUp: true, cursor: world.cursor(3n) });
    await world.changes({ totalAfter: 5 });
    expect((await feed.data()).scoreFeed).toMatchObject({
      changes: [{ totalAfter: 5 }],
      cursor: world.cursor(4n),
    });
  });

  it('makes batches of the size that is asked for, without losing the rest', async () => {
    await world.changes(...totals(1, 25));
    const feed = client.subscribe(FEED, { after: world.cursor(0n), batchMax: 10 });
    const batches = await feed.until((data) => data.scoreFeed?.caughtUp === true);
    expect(batches.map((batch) => batch.scoreFeed?.changes.length)).toEqual([10, 10, 5]);
    expect(batches.flatMap((batch) => batch.scoreFeed?.changes)).toEqual(totals(1, 25));
    const cursors = batches.map((batch) => batch.scoreFeed?.cursor);
    expect(cursors).toEqual([10n, 20n, 25n].map((position) => world.cursor(position)));
  });

  it('moves its cursor past what the filter leaves out', async () => {
    await world.changes(...someChanges(1_200, { totalAfter: 1 }), { totalAfter: 90 });
    const feed = client.subscribe(FEED, { after: world.cursor(0n), filter: { minTotal: 90 } });
    const batches = await feed.until((data) => data.scoreFeed?.caughtUp === true);
    expect(batches.flatMap((batch) => batch.scoreFeed?.changes)).toEqual([{ totalAfter: 90 }]);
    expect(batches.at(-1)?.scoreFeed?.cursor).toBe(world.cursor(1_201n));
  });

  it.each([0, 1_001])('refuses batches of %d', async (batchMax) => {
    expect(await client.subscribe(FEED, { batchMax }).errorCodes()).toEqual(['BAD_USER_INPUT']);
  });
});
