import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BulkWorker } from '../../src/bulk/bulk-worker.js';
import { SegmentWorker } from '../../src/segments/segment-worker.js';
import { type ApiAnswer, type ApiTenant, ApiTestServer } from '../support/api-server.js';
import type { LiveClient } from '../support/live-client.js';
import { LiveTestServer } from '../support/live-server.js';

const CREATE = `mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id key name filter gathered } } }`;
const UPDATE = `mutation ($input: UpdateSegmentInput!) { updateSegment(input: $input) { segment { id key name filter } } }`;
const DELETE = `mutation ($id: ID!) { deleteSegment(input: { id: $id }) { id key } }`;
const ADJUST = `mutation ($email: String!, $points: Float!) {
  adjustScore(input: { contact: { email: $email }, points: $points, reason: "test" }) { contact { id } }
}`;
const BULK = `mutation ($input: BulkUpdateContactsInput!) { bulkUpdateContacts(input: $input) { job { id kind state } } }`;

let server: ApiTestServer;
let live: LiveTestServer;
let tenant: ApiTenant;
let client: LiveClient;
let worker: SegmentWorker;

beforeAll(async () => {
  server = await ApiTestServer.start();
  // Another process on the same database.
  live = await LiveTestServer.start(server.database.url);
  const { db, registry, log, wakeUps } = server.services;
  const announce = (tenantId: string) => wakeUps.announce(tenantId);
  worker = new SegmentWorker({ db, registry, log, feedRetentionDays: 90, announce });
});

beforeEach(async () => {
  tenant = await server.tenant();
  client = await live.client(tenant.key);
  await ask(
    'mutation { createScoringModelFromPreset(input: { preset: STARTER, key: "m" }) { model { id } } }',
  );
  await adjust('ada@x.io', 80);
  await adjust('bob@x.io', 60);
  await adjust('cy@x.io', 10);
  await settle();
});

afterAll(async () => {
  await live.stop();
  await server.stop();
});

async function settle(): Promise<void> {
  while (await worker.runOnce());
}

const send = (query: string, variables?: Record<string, unknown>): Promise<ApiAnswer> =>
  server.send(tenant.key, query, variables);

async function ask(query: string, variables?: Record<string, unknown>): Promise<ApiAnswer['data']> {
  const { data, errors } = await send(query, variables);
  expect(errors).toEqual([]);
  return data;
}

const adjust = (email: string, points: number) => ask(ADJUST, { email, points });

async function create(key: string, filter: object): Promise<string> {
  return (await ask(CREATE, { input: { key, name: key, filter } })).createSegment.segment.id;
}

describe('segments', () => {
  it('begin with hot, warm and cold, counted and paged', async () => {
    const { segments } = await ask(
      '{ segments { key name filter count countIsExact gathered fault contacts(first: 5) { totalCount nodes { email } } } }',
    );
    expect(segments).toEqual([
      segment('cold', 'Cold', { minTotal: 0, maxTotal: 50 }, ['cy@x.io']),
      segment('hot', 'Hot', { minTotal: 76, maxTotal: 100 }, ['ada@x.io']),
      segment('warm', 'Warm', { minTotal: 51, maxTotal: 75 }, ['bob@x.io']),
    ]);
  });

  it('are made, changed, found and deleted', async () => {
    const made = await ask(CREATE, {
      input: {
        key: 'recent',
        name: ' Recent ',
        filter: { activeSince: '2026-01-01T00:00:00Z', minTotal: null },
      },
    });
    const { id } = made.createSegment.segment;
    expect(made.createSegment.segment).toMatchObject({
      key: 'recent',
      name: 'Recent',
      filter: { activeSince: '2026-01-01T00:00:00.000Z' },
      gathered: false,
    });
    await ask(UPDATE, { input: { id, filter: { minTotal: 60 } } });
    const { segment: found } = await ask(
      '{ segment(key: "recent") { id name count createdBy changedBy contacts { nodes { email } } } }',
    );
    expect(found).toEqual({
      id,
      name: 'Recent',
      count: 2,
      createdBy: 'admin key',
      changedBy: 'admin key',
      contacts: { nodes: [{ email: 'ada@x.io' }, { email: 'bob@x.io' }] },
    });
    expect((await ask(DELETE, { id })).deleteSegment).toEqual({ id, key: 'recent' });
    expect((await ask(`{ segment(id: "${id}") { id } }`)).segment).toBeNull();
  });

  it('are part of filters and of each other, and cannot be part of themselves', async () => {
    const german = await create('german', {
      attribute: { attribute: 'country', operator: 'EQUALS', value: 'de' },
    });
    const { segment: hot } = await ask('{ segment(key: "hot") { id } }');
    const both = await create('both', { any: [{ segmentId: german }, { segmentId: hot.id }] });
    const { contacts } = await ask(
      `{ contacts(filter: { not: { segmentId: "${both}" } }) { nodes { email } totalCount totalCountIsExact } }`,
    );
    expect(contacts).toEqual({
      nodes: [{ email: 'bob@x.io' }, { email: 'cy@x.io' }],
      totalCount: 2,
      totalCountIsExact: true,
    });
    const circle = await send(UPDATE, { input: { id: german, filter: { not: { segmentId: both } } } });
    expect(circle.errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.filter.not.segmentId' }],
    });
    const used = await send(DELETE, { id: german });
    expect(used.errors[0]?.extensions.code).toBe('CONFLICT');
    expect(used.errors[0]?.message).toContain('both');
  });

  it.each([
    ['a bad key', { key: 'a b', name: 'x', filter: {} }, 'BAD_USER_INPUT', ['input.key']],
    [
      'a bad filter',
      { key: 'x', name: 'x', filter: { all: [{ stages: ['none'] }] } },
      'BAD_USER_INPUT',
      ['input.filter.all.0.stages.0'],
    ],
    [
      'an unknown segment',
      { key: 'x', name: 'x', filter: { segmentId: 'x' } },
      'BAD_USER_INPUT',
      ['input.filter.segmentId'],
    ],
    [
      'too many days',
      { key: 'x', name: 'x', filter: { activeWithinDays: 0 } },
      'BAD_USER_INPUT',
      ['input.filter.activeWithinDays'],
    ],
    [
      'a bad activity',
      { key: 'x', name: 'x', filter: { activity: { actionType: 'a*b', atLeast: 0 } } },
      'BAD_USER_INPUT',
      ['input.filter.activity.actionType', 'input.filter.activity.atLeast'],
    ],
    ['a key that is taken', { key: 'hot', name: 'x', filter: {} }, 'CONFLICT', undefined],
  ])('are refused with the path: %s', async (_name, input, code, paths) => {
    const { errors } = await send(CREATE, { input });
    expect(errors[0]?.extensions.code).toBe(code);
    expect(errors[0]?.extensions.fields?.map((field) => field.path)).toEqual(paths);
  });

  it('nest no deeper than filters do', async () => {
    let id = await create('s0', { minTotal: 1 });
    for (let depth = 1; depth < 7; depth++) id = await create(`s${depth}`, { segmentId: id });
    const { errors } = await send(CREATE, {
      input: { key: 'deep', name: 'deep', filter: { all: [{ segmentId: id }] } },
    });
    expect(errors[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.filter.all.0.segmentId' }],
    });
  });

  it('say why they can no longer be asked', async () => {
    const id = await create('staged', { stages: ['mql'] });
    const { scoringModels } = await ask('{ scoringModels { id } }');
    const stages = [{ key: 'only', name: 'Only', minScore: 0 }];
    await ask(
      'mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { id } } }',
      { input: { id: scoringModels[0].id, expectedVersion: 1, changes: [{ settings: { stages } }] } },
    );
    const { segment: staged } = await ask(
      `{ segment(id: "${id}") { fault count } contacts { nodes { segments { key } } } }`,
    );
    expect(staged.count).toBe(0);
    expect(staged.fault).toContain('only');
  });

  it('are shown with each contact', async () => {
    for (let nth = 0; nth < 20; nth++) await create(`n${nth}`, { minTotal: nth * 5 });
    const { contacts } = await ask('{ contacts { nodes { email segments { key } } } }');
    const keys = contacts.nodes.map((node: { segments: { key: string }[] }) => node.segments.length);
    expect(keys).toEqual([1 + 17, 1 + 13, 1 + 3]);
  });

  it('are seen by readers, and changed by marketers', async () => {
    const sales = await server.key(tenant, 'SALES');
    const ingest = await server.key(tenant, 'INGEST');
    const allowed = await server.send(sales, '{ segments { key } segmentCursor }');
    expect(allowed.errors).toEqual([]);
    const input = { key: 'x', name: 'x', filter: {} };
    for (const [key, query, variables] of [
      [sales, CREATE, { input }],
      [sales, BULK, { input: { filter: {}, action: { addToList: 'x' } } }],
      [ingest, '{ segments { key } }', {}],
      [ingest, '{ segmentChanges { nodes { cursor } } }', {}],
    ] as const) {
      expect((await server.send(key, query, variables)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  it('of one tenant are none of another', async () => {
    const id = await create('mine', {});
    const other = await server.tenant();
    const seen = await server.send(other.key, `{ segments { key } segment(id: "${id}") { id } }`);
    expect(seen.data).toEqual({
      segments: [{ key: 'cold' }, { key: 'hot' }, { key: 'warm' }],
      segment: null,
    });
    const used = await server.send(
      other.key,
      `{ contacts(filter: { segmentId: "${id}" }) { nodes { id } } }`,
    );
    expect(used.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('changes of segments', () => {
  const CHANGED = `subscription ($ids: [ID!], $after: String) {
    segmentChanged(segmentIds: $ids, after: $after) { cursor move segmentId segment { key } contact { email } }
  }`;

  it('are told live by another process, from a cursor on, for some segments', async () => {
    const { segmentCursor, segment: hot } = await ask('{ segmentCursor segment(key: "hot") { id } }');
    await adjust('bob@x.io', 30);
    await settle();
    const changed = client.subscribe(CHANGED, { after: segmentCursor, ids: [hot.id] });
    const [first] = await changed.take(1);
    expect(first).toMatchObject({
      segmentChanged: {
        move: 'ENTERED',
        segmentId: hot.id,
        segment: { key: 'hot' },
        contact: { email: 'bob@x.io' },
      },
    });
    await adjust('ada@x.io', -30);
    await settle();
    const [second] = await changed.take(1);
    expect(second).toMatchObject({ segmentChanged: { move: 'LEFT', contact: { email: 'ada@x.io' } } });
  });

  it('are paged for those who poll', async () => {
    const { segmentCursor } = await ask('{ segmentCursor }');
    await adjust('bob@x.io', 30);
    await settle();
    const page = (after: string, first: number) =>
      ask(
        `{ segmentChanges(after: "${after}", first: ${first}) { nodes { move segment { key } } pageInfo { hasNextPage endCursor } } }`,
      );
    const { segmentChanges: one } = await page(segmentCursor, 1);
    const { segmentChanges: two } = await page(one.pageInfo.endCursor, 5);
    expect(one.pageInfo.hasNextPage).toBe(true);
    expect([...one.nodes, ...two.nodes]).toEqual([
      { move: 'ENTERED', segment: { key: 'hot' } },
      { move: 'LEFT', segment: { key: 'warm' } },
    ]);
    const { feedCursor } = await ask('{ feedCursor }');
    const { errors } = await send(`{ segmentChanges(after: "${feedCursor}") { nodes { move } } }`);
    expect(errors[0]?.extensions.code).toBe('CURSOR_EXPIRED');
  });

  it('of scores are told for one segment alone', async () => {
    const { segment: hot, feedCursor } = await ask('{ feedCursor segment(key: "hot") { id } }');
    const changed = client.subscribe(
      'subscription ($filter: ScoreChangeFilter, $after: String) { scoreChanged(filter: $filter, after: $after) { contact { email } totalAfter } }',
      { filter: { segmentId: hot.id }, after: feedCursor },
    );
    await adjust('cy@x.io', 1);
    await adjust('ada@x.io', 1);
    await adjust('bob@x.io', 25);
    expect(await changed.take(2)).toMatchObject([
      { scoreChanged: { contact: { email: 'ada@x.io' }, totalAfter: 81 } },
      { scoreChanged: { contact: { email: 'bob@x.io' }, totalAfter: 85 } },
    ]);
    const unknown = await send(
      `{ scoreChanges(filter: { segmentId: "${tenant.tenantId}" }) { nodes { cursor } } }`,
    );
    expect(unknown.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('bulkUpdateContacts', () => {
  it('does it to a segment in the background, with progress, and lists show it', async () => {
    const { db, contacts, recorder, log, wakeUps } = server.services;
    const bulk = new BulkWorker({ db, contacts, recorder, log, announce: (id) => wakeUps.announce(id) });
    bulk.start();
    const { segment: hot } = await ask('{ segment(key: "hot") { id } }');
    const input = { filter: { segmentId: hot.id }, action: { addToList: 'callers' }, idempotencyKey: 'b1' };
    const { bulkUpdateContacts } = await ask(BULK, { input });
    const again = await ask(BULK, { input });
    expect(again.bulkUpdateContacts.job.id).toBe(bulkUpdateContacts.job.id);
    const jobs = client.subscribe(
      'subscription ($id: ID!) { jobProgress(id: $id) { state done total bulkAction { action changed failed } } }',
      { id: bulkUpdateContacts.job.id },
    );
    const events = await jobs.until(({ jobProgress }) => jobProgress?.state === 'DONE');
    expect(events.at(-1)?.jobProgress).toEqual({
      state: 'DONE',
      done: 1,
      total: 1,
      bulkAction: { action: { kind: 'addToList', list: 'callers' }, changed: 1, failed: 0 },
    });
    const { contactLists, contactList } = await ask(
      '{ contactLists(text: "CALL") { nodes { key memberCount } } contactList(key: "callers") { contacts { nodes { email } totalCount } } }',
    );
    expect(contactLists.nodes).toEqual([{ key: 'callers', memberCount: 1 }]);
    expect(contactList.contacts).toEqual({ nodes: [{ email: 'ada@x.io' }], totalCount: 1 });
    await bulk.stop();
  });

  it('asks for one selection and one action', async () => {
    const action = { addToList: 'x' };
    for (const input of [{ action }, { action, filter: {}, contactIds: [] }]) {
      expect((await send(BULK, { input })).errors[0]?.extensions.fields).toMatchObject([{ path: 'input' }]);
    }
    const both = await send(BULK, { input: { filter: {}, action: { ...action, removeFromList: 'y' } } });
    expect(both.errors).toHaveLength(1);
  });
});

describe('resumeBulkAction', () => {
  const RESUME = `mutation ($id: ID!) {
    resumeBulkAction(input: { id: $id }) { job { id state finishedAt bulkAction { changed } } } }`;

  it('goes on with what was cancelled, for those who may start it', async () => {
    const input = { filter: {}, action: { addToList: 'again' } };
    const { id } = (await ask(BULK, { input })).bulkUpdateContacts.job;
    await ask('mutation ($id: ID!) { cancelJob(input: { id: $id }) { job { state } } }', { id });
    for (const role of ['SALES', 'VIEWER', 'INGEST'] as const) {
      const { errors } = await server.send(await server.key(tenant, role), RESUME, { id });
      expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
    const other = await server.tenant();
    expect((await server.send(other.key, RESUME, { id })).errors[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await ask(RESUME, { id })).resumeBulkAction.job).toEqual({
      id,
      state: 'QUEUED',
      finishedAt: null,
      bulkAction: { changed: 0 },
    });
  });
});

describe('sales representatives', () => {
  it('are made, changed by id, found and told of', async () => {
    const made = await ask(
      'mutation { createSalesRep(input: { email: " Rep@X.io ", name: "Rep" }) { salesRep { id email active } } }',
    );
    const { id } = made.createSalesRep.salesRep;
    expect(made.createSalesRep.salesRep).toMatchObject({ email: 'rep@x.io', active: true });
    const taken = await send(
      'mutation { createSalesRep(input: { email: "REP@x.io", name: "Other" }) { salesRep { id } } }',
    );
    expect(taken.errors[0]?.extensions.code).toBe('CONFLICT');
    await ask(
      `mutation { setContactOwner(input: { contact: { email: "ada@x.io" }, ownerId: "${id}" }) { contact { id } } }`,
    );
    const changed = await ask(
      `mutation { updateSalesRep(input: { id: "${id}", email: "new@x.io", active: false }) { salesRep { name email active } } }`,
    );
    expect(changed.updateSalesRep.salesRep).toEqual({ name: 'Rep', email: 'new@x.io', active: false });
    const found = await ask(
      `{ salesRep(email: "NEW@x.io") { id } contacts(filter: { ownerIds: ["${id}"] }) { nodes { email owner { email } } }
        unowned: contacts(filter: { owned: false }) { totalCount } }`,
    );
    expect(found).toEqual({
      salesRep: { id },
      contacts: { nodes: [{ email: 'ada@x.io', owner: { email: 'new@x.io' } }] },
      unowned: { totalCount: 2 },
    });
    const missing = await send(
      `mutation { updateSalesRep(input: { id: "${tenant.tenantId}", name: "x" }) { salesRep { id } } }`,
    );
    expect(missing.errors[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

function segment(key: string, name: string, filter: object, emails: string[]) {
  return {
    key,
    name,
    filter,
    count: emails.length,
    countIsExact: true,
    gathered: true,
    fault: null,
    contacts: { totalCount: emails.length, nodes: emails.map((email) => ({ email })) },
  };
}
