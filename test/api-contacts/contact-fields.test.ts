import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel } from '../contacts/test-model.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, listChange, profile } from '../support/ingest-kit.js';
import { ApiKit } from './api-kit.js';

const DAY_MS = 86_400_000;
const START_MS = Date.now() - 60 * DAY_MS;
const dayAt = (day: number) => new Date(START_MS + day * DAY_MS).toISOString();

let server: TestDatabase;
let kit: ApiKit;
let modelId: string;
let adaId: string;

beforeAll(async () => {
  server = await createTestDatabase();
  kit = await ApiKit.open(server.url);
  const { ingest } = kit;
  modelId = await ingest.publish(testModel('main'));
  await ingest.query('UPDATE scoring_models SET "primary" = (key = $2) WHERE tenant_id = $1', 'main');
  await ingest.publish(testModel('other'));
  const ada = await ingest.accept(
    profile(
      'Ada@X.io',
      { firstName: 'Ada', jobTitle: 'CTO', companySize: 120, answers: { budget: 5 } },
      { at: dayAt(0) },
    ),
  );
  adaId = ada.contactId;
  await ingest.accept(act('ada@x.io', 'open', { at: dayAt(1), properties: { subject: 'Hi' } }));
  await ingest.accept(act('ada@x.io', 'click', { at: dayAt(10) }));
  await ingest.accept(act('ada@x.io', 'open', { at: dayAt(50) }));
  await ingest.accept(listChange('ada@x.io', 'vip', true, dayAt(20)));
  await ingest.accept({
    kind: 'adjustment',
    contact: { kind: 'email', value: 'ada@x.io' },
    points: 3,
    reason: 'met at a fair',
    occurredAtMs: Date.parse(dayAt(30)),
  });
});

afterAll(async () => {
  await kit.close();
  await server.drop();
});

describe('a contact', () => {
  it('is found by any key, shows its profile, lists and identities', async () => {
    const fields = `id email firstName jobTitle companySize attributes owner { name } createdAt
      lists { key memberCount } identities { kind value }`;
    const { byEmail, byId, nobody } = await kit.data<Record<string, Record<string, unknown> | null>>(
      `query ($id: ID!) {
        byEmail: contact(key: { email: " ADA@x.io " }) { ${fields} }
        byId: contact(key: { id: $id }) { ${fields} }
        nobody: contact(key: { externalId: "none" }) { id }
      }`,
      { id: adaId },
    );
    expect(byEmail).toMatchObject({
      id: adaId,
      firstName: 'Ada',
      jobTitle: 'CTO',
      companySize: 120,
      attributes: { answers: { budget: 5 } },
      owner: null,
      lists: [{ key: 'vip', memberCount: 1 }],
      identities: [{ kind: 'EMAIL', value: 'ada@x.io' }],
    });
    expect(byId).toEqual(byEmail);
    expect(nobody).toBeNull();
  });

  it('shows its score with everything that belongs to it', async () => {
    const { contact } = await kit.data<{ contact: { score: Record<string, unknown>; scores: unknown[] } }>(
      `query ($id: ID!, $until: DateTime!) { contact(key: { id: $id }) {
        score { model { key } modelVersion total previousTotal stage { key name hot minScore } label current asOf lastActivityAt
          nextChangeAt dimensions { key name points maxPoints label } explanation { kind ruleKey points awards }
          forecast(until: $until) { at total stage { key } } }
        scores { model { key } total } } }`,
      { id: adaId, until: dayAt(200) },
    );
    expect(contact.score).toMatchObject({
      model: { key: 'main' },
      modelVersion: 1,
      total: 38,
      stage: { key: 'warm', name: 'Warm', hot: false, minScore: 15 },
      label: '2A',
      current: true,
      lastActivityAt: dayAt(50),
      nextChangeAt: dayAt(80),
      dimensions: [
        { key: 'engagement', name: 'Engagement', points: 15, maxPoints: 60, label: '2' },
        { key: 'fit', name: 'Fit', points: 20, maxPoints: 40, label: 'A' },
      ],
      forecast: [{ total: 38 }, { at: dayAt(80), total: 33, stage: { key: 'warm' } }],
    });
    const lines = contact.score.explanation as { points: number }[];
    expect(lines.reduce((sum, line) => sum + line.points, 0)).toBeCloseTo(38, 6);
    expect(contact.scores).toEqual([
      { model: { key: 'main' }, total: 38 },
      { model: { key: 'other' }, total: 38 },
    ]);
  });

  it.each([
    ['before the first entry', -10, 0],
    ['between entries', 5, 25],
    ['at the instant of an entry', 10, 35],
    ['the instant before an expiry', 30.999999999, 38],
    ['at an expiry', 31, 33],
    ['in the future', 200, 33],
  ])('shows the score of another instant: %s', async (_name, day, total) => {
    const { contact } = await kit.data<{ contact: { score: unknown } }>(
      'query ($id: ID!, $at: DateTime) { contact(key: { id: $id }) { score(at: $at) { total asOf previousTotal } } }',
      { id: adaId, at: dayAt(day) },
    );
    expect(contact.score).toEqual({ total, asOf: dayAt(day), previousTotal: null });
  });

  it('counts a recorded entry of the near future when it is asked for later instants only', async () => {
    const aheadMs = Date.now() + 200_000;
    await kit.ingest.accept({ ...act('pending@x.io', 'click'), occurredAtMs: aheadMs });
    const { contact } = await kit.data<{ contact: Record<string, { total: number }> }>(
      `query ($at: DateTime!) { contact(key: { email: "pending@x.io" }) {
        now: score { total } later: score(at: $at) { total } } }`,
      { at: new Date(aheadMs).toISOString() },
    );
    expect(contact).toEqual({ now: { total: 0 }, later: { total: 10 } });
  });

  it('reads an older version, and says that it is not the current one', async () => {
    const contact = await kit.ingest.accept(act('versions@x.io', 'click'));
    const id = contact.contactId;
    const second = testModel('other');
    second.scoreSets[0]!.rules[1]!.action!.points = 25;
    await kit.ingest.publish(second);
    const ask =
      'query ($id: ID!, $version: Int) { contact(key: { id: $id }) { score(modelKey: "other", version: $version) { total modelVersion current } } }';
    const total = async (version?: number) =>
      (await kit.data<{ contact: { score: unknown } }>(ask, { id, version })).contact.score;
    expect(await total()).toEqual({ total: 10, modelVersion: 1, current: false });
    expect(await total(1)).toEqual({ total: 10, modelVersion: 1, current: false });
    expect(await total(2)).toEqual({ total: 25, modelVersion: 2, current: true });
    expect((await kit.ask(ask, { id, version: 3 })).fault).toMatchObject({
      code: 'NOT_FOUND',
      field: 'contact.score',
    });
  });

  it('answers null for a model that does not score', async () => {
    const { contact } = await kit.data<{ contact: unknown }>(
      `query ($id: ID!) { contact(key: { id: $id }) { unknown: score(modelKey: "none") { total }
        byId: score(modelId: "0190aaaa-0000-7000-8000-000000000000") { total } } }`,
      { id: adaId },
    );
    expect(contact).toEqual({ unknown: null, byId: null });
  });

  it.each([
    ['score(modelId: "x", modelKey: "y") { total }', 'modelKey'],
    ['score(at: "1969-12-31T00:00:00Z") { total }', 'at'],
    ['score { forecast(until: "2000-01-01T00:00:00Z") { total } }', 'until'],
    ['score { forecast(until: "9000-01-01T00:00:00Z") { total } }', 'until'],
    ['score { history(first: 201) { nodes { cursor } } }', 'first'],
    ['score { history(after: "abc") { nodes { cursor } } }', 'after'],
    ['timeline(first: -1) { nodes { id } }', 'first'],
    ['timeline(after: "abc") { nodes { id } }', 'after'],
  ])('refuses %s', async (selection, path) => {
    const { fault } = await kit.ask(`query ($id: ID!) { contact(key: { id: $id }) { ${selection} } }`, {
      id: adaId,
    });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', paths: [path] });
  });
});

describe('the timeline', () => {
  const ask = `query ($id: ID!, $first: Int, $after: String) { contact(key: { id: $id }) { timeline(first: $first, after: $after) {
    nodes { kind type occurredAt properties set list joined points reason } pageInfo { hasNextPage endCursor } } } }`;
  interface Timeline {
    contact: {
      timeline: { nodes: Record<string, unknown>[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
  }

  // Naming the contact by an unknown email made a profile entry of its own.
  it('is read newest first, page by page', async () => {
    const kinds: unknown[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const { contact }: Timeline = await kit.data<Timeline>(ask, { id: adaId, first: 4, after });
      kinds.push(...contact.timeline.nodes.map((node) => [node.kind, node.occurredAt]));
      after = contact.timeline.pageInfo.endCursor;
      more = contact.timeline.pageInfo.hasNextPage;
    }
    expect(kinds).toEqual([
      ['ACTION', dayAt(50)],
      ['ADJUSTMENT', dayAt(30)],
      ['LIST', dayAt(20)],
      ['ACTION', dayAt(10)],
      ['ACTION', dayAt(1)],
      ['PROFILE', dayAt(0)],
      ['PROFILE', dayAt(0)],
    ]);
  });

  it('shows what each kind carries', async () => {
    const { contact } = await kit.data<Timeline>(ask, { id: adaId });
    const { nodes } = contact.timeline;
    const empty = {
      type: null,
      properties: null,
      set: null,
      list: null,
      joined: null,
      points: null,
      reason: null,
    };
    expect(nodes[4]).toEqual({
      ...empty,
      kind: 'ACTION',
      type: 'open',
      occurredAt: dayAt(1),
      properties: { subject: 'Hi' },
    });
    expect(nodes[1]).toMatchObject({
      kind: 'ADJUSTMENT',
      points: 3,
      reason: 'met at a fair',
      properties: null,
    });
    expect(nodes[2]).toMatchObject({ kind: 'LIST', list: 'vip', joined: true });
    expect(nodes[5]).toMatchObject({ kind: 'PROFILE', set: { firstName: 'Ada', jobTitle: 'CTO' } });
  });

  it('refuses the cursor of another contact', async () => {
    const { contact } = await kit.data<Timeline>(ask, { id: adaId, first: 1 });
    const other = await kit.ingest.accept(act('other-timeline@x.io', 'open'));
    const after = contact.timeline.pageInfo.endCursor;
    expect((await kit.ask(ask, { id: other.contactId, after })).fault).toMatchObject({
      code: 'BAD_USER_INPUT',
      paths: ['after'],
    });
  });
});

describe('the history of a score', () => {
  it('is what was published, newest first, of that model alone', async () => {
    const ask = `query ($id: ID!, $after: String) { contact(key: { id: $id }) { score(modelKey: "main") { history(first: 2, after: $after) {
      nodes { totalAfter cause model { key } } pageInfo { hasNextPage endCursor } } } } }`;
    interface History {
      contact: {
        score: {
          history: { nodes: { totalAfter: number }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
        };
      };
    }
    const expected = (await kit.ingest.events(adaId)).filter((event) => event.model_id === modelId).reverse();
    const totals: number[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const page: History = await kit.data<History>(ask, { id: adaId, after });
      const { nodes, pageInfo } = page.contact.score.history;
      totals.push(...nodes.map((node) => node.totalAfter));
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    expect(totals).toEqual(expected.map((event) => event.total_after));
    expect(totals.length).toBeGreaterThan(3);
  });

  const FIELDS = `cursor at recordedAt contactId cause modelVersion points totalBefore totalAfter labelBefore labelAfter
    model { id } stageBefore { key } stageAfter { key } action { id } reasons { kind ruleKey points }`;

  it('says of each change what the feed says of it', async () => {
    const { contact, scoreChanges } = await kit.data<{
      contact: { score: { history: { nodes: { contactId: string }[] } } };
      scoreChanges: { nodes: { contactId: string; model: { id: string } }[] };
    }>(
      `query ($id: ID!) { contact(key: { id: $id }) { score(modelKey: "main") { history { nodes { ${FIELDS} } } } }
        scoreChanges(first: 200) { nodes { ${FIELDS} } } }`,
      { id: adaId },
    );
    const published = scoreChanges.nodes.filter(
      (change) => change.contactId === adaId && change.model.id === modelId,
    );
    expect(contact.score.history.nodes).toEqual(published.reverse());
  });

  // The change beyond the page is read only for those who ask whether there is more.
  it.each([
    ['nothing of the page', 'nodes { totalAfter }', undefined],
    ['whether there is more', 'nodes { totalAfter } pageInfo { hasNextPage }', true],
    ['the same in a fragment', 'nodes { totalAfter } ...Page', true],
    ['the same in fragments within', 'nodes { totalAfter } ... on ScoreChangeConnection { ...Page }', true],
  ])('has as many changes as asked for with %s', async (_, selection, more) => {
    const fragment = selection.includes('...Page')
      ? 'fragment Page on ScoreChangeConnection { pageInfo { hasNextPage } }'
      : '';
    const { contact } = await kit.data<{
      contact: { score: { history: { nodes: unknown[]; pageInfo?: { hasNextPage: boolean } } } };
    }>(
      `query ($id: ID!) { contact(key: { id: $id }) { score(modelKey: "main") { history(first: 2) { ${selection} } } } } ${fragment}`,
      { id: adaId },
    );
    expect(contact.score.history.nodes).toHaveLength(2);
    expect(contact.score.history.pageInfo?.hasNextPage).toBe(more);
  });
});

describe('a contact of an id with its scores', () => {
  const ask =
    'query ($id: ID!) { contact(key: { id: $id }) { email scores { total explanation { points } } } }';

  it('is read in one round trip', async () => {
    // Nothing waits to be replayed: it has just been scored.
    const { contactId: id } = await kit.ingest.accept(act('eve@x.io', 'open'));
    await kit.data(ask, { id });
    const statements = await kit.statements(() => kit.data(ask, { id }));
    expect(statements.filter((text) => text.includes('set_config'))).toHaveLength(1);
  });

  it('is read together with others that are asked for beside it', async () => {
    const { contactId: id } = await kit.ingest.accept(act('eva@x.io', 'open'));
    const both = `query ($id: ID!, $other: ID!) {
      one: contact(key: { id: $id }) { email scores { total } } other: contact(key: { id: $other }) { email scores { total } } }`;
    const { contactId: other } = await kit.ingest.accept(act('evi@x.io', 'open'));
    const statements = await kit.statements(() => kit.data(both, { id, other }));
    expect(statements.filter((text) => text.includes('set_config'))).toHaveLength(1);
    expect(await kit.data(both, { id, other })).toMatchObject({
      one: { email: 'eva@x.io', scores: [{}, {}] },
      other: { email: 'evi@x.io', scores: [{}, {}] },
    });
  });

  it('is null when there is none', async () => {
    const { contact } = await kit.data<{ contact: null }>(ask, {
      id: '01930000-0000-7000-8000-ffffffffffff',
    });
    expect(contact).toBeNull();
  });
});

describe('contactsByKey', () => {
  it('answers in the order of the keys, null for unknown ones', async () => {
    const { contactsByKey } = await kit.data<{ contactsByKey: ({ id: string } | null)[] }>(
      'query ($keys: [ContactKey!]!) { contactsByKey(keys: $keys) { id } }',
      {
        keys: [
          { email: 'nobody@x.io' },
          { id: adaId },
          { id: 'no id' },
          { email: 'ada@x.io' },
          { anonymousId: 'a\u0000' },
        ],
      },
    );
    expect(contactsByKey).toEqual([null, { id: adaId }, null, { id: adaId }, null]);
  });

  it('refuses more than 200 keys', async () => {
    const keys = Array.from({ length: 201 }, () => ({ id: adaId }));
    const { fault } = await kit.ask('query ($keys: [ContactKey!]!) { contactsByKey(keys: $keys) { id } }', {
      keys,
    });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', paths: ['keys'] });
  });

  it('leads from a merged contact to the one it became part of', async () => {
    const old = await kit.ingest.accept(act('merged@x.io', 'open'));
    await kit.ingest.query(
      'UPDATE contacts SET merged_into = $3 WHERE tenant_id = $1 AND id = $2',
      old.contactId,
      adaId,
    );
    const { contact } = await kit.data<{ contact: unknown }>(
      'query ($id: ID!) { contact(key: { id: $id }) { id firstName } }',
      { id: old.contactId },
    );
    expect(contact).toEqual({ id: adaId, firstName: 'Ada' });
  });
});

it('needs a role that may read contacts', async () => {
  const { fault } = await kit.ask('{ contact(key: { email: "ada@x.io" }) { id } }', {}, 'INGEST');
  expect(fault).toMatchObject({ code: 'FORBIDDEN' });
});
