import fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTACT_ORDER_FIELDS, type ContactOrder } from '../../src/contacts/contact-order.js';
import type { ContactPage } from '../../src/contacts/contact-pages.js';
import { ContactService } from '../../src/contacts/contact-service.js';
import type { ContactFilter } from '../../src/store/contact-filter.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type ContactSeed, ContactsKit } from './contacts-kit.js';
import { testModel } from './test-model.js';

const CONTACTS = 120;
const NAMES = ['', 'ada', 'Ada', 'Zoë', 'élan', 'Bob', "O'Hara", '李'];

let server: TestDatabase;
let kit: ContactsKit;
let main: string;
let seeds: (ContactSeed & { id: string })[];

beforeAll(async () => {
  server = await createTestDatabase();
  kit = await ContactsKit.open(server.url);
  main = await kit.ingest.publish(testModel('main'));
  await kit.makePrimary('main');
  const [random] = fc.sample(fc.array(seedArbitrary(main), { minLength: CONTACTS, maxLength: CONTACTS }), {
    numRuns: 1,
    seed: 7,
  });
  seeds = random ?? [];
  await kit.insert(seeds);
  await kit.insert([{ mergedInto: seeds[0]!.id, scores: { [main]: { total: 50 } } }]);
});

afterAll(async () => {
  await kit.close();
  await server.drop();
});

/** Few distinct values, so that ties are everywhere. */
function seedArbitrary(modelId: string): fc.Arbitrary<ContactSeed & { id: string }> {
  const score = fc.record({
    total: fc.integer({ min: 0, max: 6 }),
    lastActivityAt: fc.constantFrom(
      null,
      '2026-01-01T00:00:00Z',
      '2026-02-01T00:00:00.001Z',
      '1970-01-01T00:00:00Z',
    ),
  });
  return fc
    .record({
      firstName: fc.constantFrom(...NAMES),
      createdAt: fc.constantFrom(
        '2026-01-01T00:00:00Z',
        '2026-01-01T00:00:00.000001Z',
        '2026-03-01T10:00:00.5Z',
      ),
      score: fc.option(score, { freq: 5 }),
    })
    .map(({ score: given, ...seed }) => ({
      ...seed,
      id: uuidv7(),
      scores: given ? { [modelId]: given } : {},
    }));
}

interface Walk {
  order: ContactOrder;
  filter?: ContactFilter;
  from: 'START' | 'END';
  count: number;
}

/** All ids of a list, page by page, in the order of the list. */
async function walk(
  { order, filter, from, count }: Walk,
  between?: () => Promise<unknown>,
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let more = true; more; ) {
    const bounds: { after: string | null; before: string | null } =
      from === 'START' ? { after: cursor, before: null } : { after: null, before: cursor };
    const page: ContactPage = await kit.contacts.page(kit.tenantId, {
      order,
      filter,
      from,
      count,
      ...bounds,
    });
    const found = page.entries.map((entry) => entry.row.id);
    ids.splice(from === 'START' ? ids.length : 0, 0, ...found);
    cursor = (from === 'START' ? page.entries.at(-1) : page.entries[0])?.cursor ?? null;
    more = page.hasMore;
    expect(found.length).toBeLessThanOrEqual(count);
    if (more) expect(found.length).toBe(count);
    await between?.();
  }
  return ids;
}

/** The order as PostgreSQL sorts it in one piece, unscored contacts last. */
async function expectedIds({ field, direction }: ContactOrder): Promise<string[]> {
  const sort = {
    SCORE: 's.total',
    LAST_ACTIVITY: 's.last_activity_at',
    NAME: 'c.sort_name',
    CREATED: 'c.created_at',
    RELEVANCE: '0',
  }[field];
  const scored = field === 'SCORE' || field === 'LAST_ACTIVITY';
  const rows = await kit.ingest.query<{ id: string }>(
    `SELECT c.id FROM contacts c LEFT JOIN contact_scores s ON s.tenant_id = $1 AND s.contact_id = c.id AND s.model_id = $2
      WHERE c.tenant_id = $1 AND c.merged_into IS NULL
      ORDER BY ${scored ? '(s.total IS NULL),' : ''} ${sort} ${direction} NULLS LAST, c.id ${direction}`,
    main,
  );
  return rows.map((row) => row.id);
}

/** RELEVANCE needs a text; it has cases of its own in contact-text.test.ts. */
const ORDERS = CONTACT_ORDER_FIELDS.filter((field) => field !== 'RELEVANCE').flatMap((field) => [
  { field, direction: 'ASC' as const },
  { field, direction: 'DESC' as const },
]);

describe('pages of contacts', () => {
  it.each(ORDERS)('go through every contact once, from either end: $field $direction', async (order) => {
    const expected = await expectedIds(order);
    expect(expected).toHaveLength(CONTACTS);
    for (const count of [1, 7, 50, CONTACTS, 200]) {
      expect(await walk({ order, from: 'START', count })).toEqual(expected);
      expect(await walk({ order, from: 'END', count })).toEqual(expected);
    }
  });

  it.each(ORDERS)('are what lies between two cursors: $field $direction', async (order) => {
    const expected = await expectedIds(order);
    const all = await kit.contacts.page(kit.tenantId, {
      order,
      from: 'START',
      count: 200,
      after: null,
      before: null,
    });
    const cursor = (index: number) => all.entries[index]!.cursor;
    for (const [first, last] of [
      [0, 30],
      [40, 119],
      [90, 110],
      [5, 6],
      [10, 10],
      [20, 3],
    ] as const) {
      const bounds = { after: cursor(first), before: cursor(last) };
      const page = async (from: 'START' | 'END') =>
        (await kit.contacts.page(kit.tenantId, { order, from, count: 5, ...bounds })).entries.map(
          (entry) => entry.row.id,
        );
      const between = expected.slice(first + 1, Math.max(last, first + 1));
      expect(await page('START')).toEqual(between.slice(0, 5));
      expect(await page('END')).toEqual(between.slice(-5));
    }
  });

  it('show a contact whose score stands still exactly once while others move', async () => {
    const order: ContactOrder = { field: 'SCORE', direction: 'DESC' };
    const moving = seeds
      .filter((seed, index) => seed.scores?.[main] && index % 2 === 0)
      .map((seed) => seed.id);
    const move = () =>
      kit.ingest.query(
        `UPDATE contact_scores SET total = floor(random() * 8)::int WHERE tenant_id = $1 AND contact_id = ANY($2)`,
        moving,
      );
    for (const from of ['START', 'END'] as const) {
      const seen = await walk({ order, from, count: 9 }, move);
      const standing = seen.filter((id) => !moving.includes(id));
      const expected = (await expectedIds(order)).filter((id) => !moving.includes(id));
      expect(standing).toEqual(expected);
    }
  });

  it('can be empty', async () => {
    const filter = { minTotal: 1_000 };
    const page = await kit.contacts.page(kit.tenantId, {
      filter,
      from: 'START',
      count: 10,
      after: null,
      before: null,
    });
    expect(page).toMatchObject({ entries: [], hasMore: false });
    const none = await kit.contacts.page(kit.tenantId, {
      from: 'START',
      count: 0,
      after: null,
      before: null,
    });
    expect(none).toMatchObject({ entries: [], hasMore: true });
  });

  it('begin with the best score when no order is given', async () => {
    const page = await kit.contacts.page(kit.tenantId, {
      from: 'START',
      count: 10,
      after: null,
      before: null,
    });
    const expected = await expectedIds({ field: 'SCORE', direction: 'DESC' });
    expect(page.entries.map((entry) => entry.row.id)).toEqual(expected.slice(0, 10));
  });
});

describe('a cursor', () => {
  const at = (order: ContactOrder, after: string | null, tenantId = kit.tenantId) =>
    kit.contacts.page(tenantId, { order, from: 'START', count: 1, after, before: null });

  it.each([
    ['another field', { field: 'NAME', direction: 'DESC' }],
    ['another direction', { field: 'SCORE', direction: 'ASC' }],
    ['another score', { field: 'LAST_ACTIVITY', direction: 'DESC' }],
  ] as [string, ContactOrder][])('of %s is refused', async (_name, order) => {
    const { entries } = await at({ field: 'SCORE', direction: 'DESC' }, null);
    await expect(at(order, entries[0]!.cursor)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { fields: [{ path: 'after' }] },
    });
  });

  it('of another model or tenant is refused', async () => {
    const order: ContactOrder = { field: 'SCORE', direction: 'DESC' };
    const { entries } = await at(order, null);
    const cursor = entries[0]!.cursor;
    const other = await kit.ingest.publish(testModel('second'));
    await expect(at({ ...order, modelId: other }, cursor)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(at(order, cursor, uuidv7())).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('that was tampered with is refused and never reaches the database', async () => {
    for (const field of CONTACT_ORDER_FIELDS.filter((one) => one !== 'RELEVANCE')) {
      const order: ContactOrder = { field, direction: 'DESC' };
      const { entries } = await at(order, null);
      const parts = JSON.parse(Buffer.from(entries[0]!.cursor, 'base64url').toString()) as unknown[];
      const ill =
        field === 'NAME' ? ['a\u0000', null, 7] : ['x', '99999999999999999999', 'infinity', null, 7];
      for (const value of ill) {
        const forged = Buffer.from(JSON.stringify([parts[0], parts[1], value, parts[3]])).toString(
          'base64url',
        );
        await expect(at(order, forged), `${field} ${value}`).rejects.toMatchObject({
          code: 'BAD_USER_INPUT',
        });
      }
    }
    for (const text of ['', 'abc', '{}', Buffer.from('[1,2,3]').toString('base64url'), '\u{1f680}']) {
      await expect(at({ field: 'NAME', direction: 'ASC' }, text)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    }
  });
});

describe('a tenant', () => {
  it('sees its own contacts alone, also with the same emails', async () => {
    const other = await ContactsKit.open(server.url);
    try {
      const theirs = await other.ingest.publish(testModel('main'));
      await other.makePrimary('main');
      const [id] = await other.insert([{ email: 'same@x.io', scores: { [theirs]: { total: 5 } } }]);
      const [ours] = await kit.insert([{ email: 'same@x.io', createdAt: '2020-01-01T00:00:00Z' }]);
      const query = { from: 'START' as const, count: 200, after: null, before: null };
      const page = await other.contacts.page(other.tenantId, query);
      expect(page.entries.map((entry) => entry.row.id)).toEqual([id]);
      const filter: ContactFilter = {
        attribute: { attribute: 'email', operator: 'EQUALS', value: 'SAME@x.io' },
      };
      const found = await kit.contacts.page(kit.tenantId, { ...query, filter });
      expect(found.entries.map((entry) => entry.row.id)).toEqual([ours]);
      expect(await other.contacts.count(other.tenantId, filter)).toMatchObject({ count: 1 });
      await expect(
        other.contacts.page(other.tenantId, { ...query, filter: { modelId: main } }),
      ).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    } finally {
      await other.close();
    }
  });

  it('is read under the models that stand now, whichever process has changed them', async () => {
    const other = await ContactsKit.open(server.url);
    try {
      const first = await other.ingest.publish(testModel('first'));
      await other.makePrimary('first');
      // A process that has seen the first model only.
      const elsewhere = new ContactService(other.ingest.db, new ModelRegistry(other.ingest.db));
      const query = { from: 'START' as const, count: 10, after: null, before: null };
      expect((await elsewhere.page(other.tenantId, query)).model?.modelId).toBe(first);
      const second = await other.ingest.publish(testModel('second'));
      const [low, high] = await other.insert([
        { firstName: 'low', scores: { [first]: { total: 1 }, [second]: { total: 2 } } },
        { firstName: 'high', scores: { [first]: { total: 0 }, [second]: { total: 9 } } },
      ]);
      const bySecond = await elsewhere.page(other.tenantId, { ...query, filter: { modelId: second } });
      expect(bySecond.entries.map(({ row, score }) => [row.id, score?.total])).toEqual([
        [high, 9],
        [low, 2],
      ]);
      const byFirst = await elsewhere.page(other.tenantId, query);
      expect(byFirst.entries.map(({ row, score }) => [row.id, score?.total])).toEqual([
        [low, 1],
        [high, 0],
      ]);
      expect(byFirst.active.models.map(({ key }) => key)).toEqual(['first', 'second']);
    } finally {
      await other.close();
    }
  });

  it('without a model still lists its contacts', async () => {
    const other = await ContactsKit.open(server.url);
    try {
      const ids = await other.insert([{ firstName: 'a' }, { firstName: 'b' }]);
      const query = { from: 'START' as const, count: 200, after: null, before: null };
      const page = await other.contacts.page(other.tenantId, query);
      expect(page.entries.map((entry) => entry.row.id)).toEqual([...ids].reverse());
      expect(
        (await other.contacts.page(other.tenantId, { ...query, filter: { minTotal: 0 } })).entries,
      ).toEqual([]);
    } finally {
      await other.close();
    }
  });
});
