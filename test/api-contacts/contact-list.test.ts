import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCursor } from '../../src/feed/cursor.js';
import { testModel } from '../contacts/test-model.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, listChange, profile } from '../support/ingest-kit.js';
import { ApiKit } from './api-kit.js';

const CONTACTS = 60;

let server: TestDatabase;
let kit: ApiKit;

beforeAll(async () => {
  server = await createTestDatabase();
  kit = await ApiKit.open(server.url);
  const { ingest } = kit;
  await ingest.publish(testModel('main'));
  await ingest.publish(testModel('other'));
  await ingest.query('UPDATE scoring_models SET "primary" = (key = $2) WHERE tenant_id = $1', 'main');
  const emails = Array.from({ length: CONTACTS }, (_, index) => `c${index}@x.io`);
  await ingest.record(
    ...emails.map((email, index) => profile(email, { firstName: `c${index}`, jobTitle: 'CTO' })),
  );
  await ingest.record(
    ...emails.flatMap((email, index) => Array.from({ length: index % 5 }, () => act(email, 'click'))),
  );
  await ingest.record(...emails.map((email) => listChange(email, 'all', true)));
  const repId = uuidv7();
  await ingest.query(
    `INSERT INTO sales_reps (tenant_id, id, name, email) VALUES ($1, $2, 'Sal', 'sal@x.io')`,
    repId,
  );
  await ingest.query('UPDATE contacts SET owner_id = $2 WHERE tenant_id = $1', repId);
});

afterAll(async () => {
  await kit.close();
  await server.drop();
});

interface Page {
  contacts: {
    nodes: { email: string; score: { total: number } }[];
    edges: { cursor: string; node: { email: string } }[];
    pageInfo: {
      hasNextPage: boolean;
      hasPreviousPage: boolean;
      startCursor: string | null;
      endCursor: string | null;
    };
    feedCursor: string;
    totalCount: number;
  };
}

const PAGE = `query ($filter: ContactFilter, $orderBy: ContactOrder, $first: Int, $after: String, $last: Int, $before: String) {
  contacts(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { email score { total } } edges { cursor node { email } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } feedCursor totalCount } }`;

describe('contacts', () => {
  it('are listed with their scores, the best first, in a Relay connection', async () => {
    const { contacts } = await kit.data<Page>(PAGE, { first: 10 });
    expect(contacts.nodes.map((node) => node.score.total)).toEqual(Array.from({ length: 10 }, () => 60));
    expect(contacts.edges.map((edge) => edge.node.email)).toEqual(contacts.nodes.map((node) => node.email));
    expect(contacts.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: contacts.edges[0]?.cursor,
      endCursor: contacts.edges.at(-1)?.cursor,
    });
    expect(contacts.totalCount).toBe(CONTACTS);
  });

  it('are read forwards and back again', async () => {
    const orderBy = { field: 'NAME', direction: 'ASC' };
    const first = (await kit.data<Page>(PAGE, { orderBy, first: 20 })).contacts;
    const second = (await kit.data<Page>(PAGE, { orderBy, first: 20, after: first.pageInfo.endCursor }))
      .contacts;
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const back = (await kit.data<Page>(PAGE, { orderBy, last: 20, before: second.pageInfo.startCursor }))
      .contacts;
    expect(back.nodes).toEqual(first.nodes);
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  it('are ordered downwards when no direction is given', async () => {
    const names = async (orderBy: unknown) =>
      (await kit.data<Page>(PAGE, { orderBy, first: 5 })).contacts.nodes;
    const down = await names({ field: 'NAME', direction: 'DESC' });
    expect(await names({ field: 'NAME' })).toEqual(down);
    expect(await names({ field: 'NAME', direction: null })).toEqual(down);
    expect(down[0]?.email).toBe('c9@x.io');
  });

  it('have 25 on a page, and an empty page has no cursors', async () => {
    expect((await kit.data<Page>(PAGE)).contacts.nodes).toHaveLength(25);
    const { contacts } = await kit.data<Page>(PAGE, { filter: { list: 'none' } });
    expect(contacts).toMatchObject({ nodes: [], edges: [], totalCount: 0 });
    expect(contacts.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });

  it('tell where the feed stood before the page', async () => {
    const scope = { installationId: kit.ingest.db.installationId, tenantId: kit.ingest.tenantId };
    const position = async () =>
      decodeCursor(scope, (await kit.data<Page>(PAGE, { first: 1 })).contacts.feedCursor);
    const before = await position();
    const outcome = await kit.ingest.accept(act('c0@x.io', 'click'));
    expect(await position()).toBe(BigInt(outcome.position ?? 0));
    expect(await position()).toBeGreaterThan(before);
  });

  it.each<[Record<string, unknown>, string, string[]]>([
    [{ first: 201 }, 'BAD_USER_INPUT', ['first']],
    [{ last: -1 }, 'BAD_USER_INPUT', ['last']],
    [{ first: 1, last: 1 }, 'BAD_USER_INPUT', ['last']],
    [{ first: 1, after: 'x' }, 'BAD_USER_INPUT', ['after']],
    [{ last: 1, before: 'x'.repeat(9_000) }, 'BAD_USER_INPUT', ['before']],
    [{ filter: { any: [{ segmentId: '1' }] } }, 'BAD_USER_INPUT', ['filter.any.0.segmentId']],
    [{ filter: { modelId: 'x' } }, 'NOT_FOUND', []],
    [{ orderBy: { field: 'SCORE', modelId: 'x' } }, 'NOT_FOUND', []],
  ])('refuse %j with %s', async (variables, code, paths) => {
    expect((await kit.ask(PAGE, variables)).fault).toMatchObject({ code, paths });
  });

  it('need a role that may read contacts', async () => {
    expect((await kit.ask(PAGE, {}, 'INGEST')).fault).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('the statements of a page', () => {
  const wide = `query ($first: Int) { contacts(first: $first) { nodes { id email owner { name } lists { key memberCount }
    identities { value } timeline(first: 3) { nodes { kind } }
    score { total stage { key } label dimensions { points } explanation { points } current model { key }
      history(first: 2) { nodes { totalAfter model { key } } } }
    scores { total } } } }`;

  it('are as many for 50 contacts as for 2', async () => {
    await kit.data(wide, { first: 50 });
    const small = await kit.statements(() => kit.data(wide, { first: 2 }));
    const large = await kit.statements(() => kit.data(wide, { first: 50 }));
    const withoutSize = (texts: string[]) =>
      texts.map((text) => text.replace(/LIMIT \d+$/, 'LIMIT n')).sort();
    expect(withoutSize(large)).toEqual(withoutSize(small));
    expect(large.length).toBeGreaterThan(10);
    expect(large.length).toBeLessThan(40);
  });

  it('are the scope, the feed and the contacts with their scores', async () => {
    const page = '{ contacts(first: 50) { nodes { email company score { total stage { key } } } } }';
    await kit.data(page);
    const [scope, feed, contacts, ...others] = await kit.statements(() => kit.data(page));
    expect(scope).toContain('app.tenant');
    expect(feed).toContain('FROM tenant_feeds');
    expect(contacts).toContain('FROM contact_scores s JOIN contacts c');
    expect(others).toEqual([]);
  });

  it('are none for what is not asked', async () => {
    const ids = await kit.statements(() => kit.data('{ contacts(first: 50) { nodes { id email } } }'));
    expect(ids.filter((text) => text.includes('contact_scores'))).toHaveLength(1);
    expect(ids.filter((text) => text.includes('count(*)'))).toHaveLength(0);
  });
});
