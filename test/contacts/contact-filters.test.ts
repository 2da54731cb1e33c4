import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ContactFilter, FILTER_DEPTH_MAX, FILTER_PARTS_MAX } from '../../src/store/contact-filter.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ContactsKit } from './contacts-kit.js';
import { testModel } from './test-model.js';

const OWNER = uuidv7();

let server: TestDatabase;
let kit: ContactsKit;
let main: string;
let second: string;

beforeAll(async () => {
  server = await createTestDatabase();
  kit = await ContactsKit.open(server.url);
  main = await kit.ingest.publish(testModel('main'));
  second = await kit.ingest.publish(testModel('second'));
  await kit.makePrimary('main');
  const ids = await kit.insert([
    {
      firstName: 'ada',
      email: 'ada@acme.io',
      company: 'Acme 100%',
      ownerId: OWNER,
      attributes: { plan: 'Pro', answers: { budget: '50' } },
      scores: {
        [main]: {
          total: 45,
          stage: 'hot',
          label: '1A',
          dimensions: [25, 20],
          lastActivityAt: '2026-05-01T00:00:00Z',
        },
        [second]: { total: 3, dimensions: [3, 0] },
      },
    },
    {
      firstName: 'bob',
      email: 'bob@acme.io',
      company: 'Acme_Labs',
      attributes: { plan: ['free', 'PRO'] },
      scores: {
        [main]: {
          total: 20,
          stage: 'warm',
          label: '2A',
          dimensions: [0, 20],
          lastActivityAt: '2026-04-01T00:00:00Z',
        },
      },
    },
    {
      firstName: 'cy',
      email: 'cy@other.io',
      company: 'Other\\Co',
      scores: {
        [main]: { total: 0, dimensions: [0, 0] },
        [second]: { total: 50, stage: 'hot', dimensions: [50, 0] },
      },
    },
    { firstName: 'dot' },
  ]);
  await kit.ingest.query(
    `WITH list AS (INSERT INTO contact_lists (tenant_id, id, key) VALUES ($1, gen_random_uuid(), 'vip') RETURNING id)
    INSERT INTO list_members (tenant_id, list_id, contact_id, joined_at) SELECT $1, list.id, m, now() FROM list, unnest($2::uuid[]) AS m`,
    [ids[0], ids[3]],
  );
});

afterAll(async () => {
  await kit.close();
  await server.drop();
});

/** First names of those for whom a filter holds, in every way in which it can be asked. */
async function names(filter: ContactFilter): Promise<string> {
  const found = async (field: 'SCORE' | 'NAME', modelId?: string) => {
    const order = { field, direction: 'ASC' as const, ...(modelId ? { modelId } : {}) };
    const query = { filter, order, from: 'START' as const, count: 200, after: null, before: null };
    const { entries } = await kit.contacts.page(kit.tenantId, query);
    return entries
      .map((entry) => entry.row.firstName)
      .sort()
      .join(' ');
  };
  const byName = await found('NAME');
  expect(await found('SCORE')).toBe(byName);
  expect(await found('SCORE', second)).toBe(byName);
  const held = byName === '' ? 0 : byName.split(' ').length;
  expect(await kit.contacts.count(kit.tenantId, filter)).toEqual({ count: held, exact: true });
  expect(await kit.contacts.matchingIds(kit.tenantId, filter, null, 200, 'filter')).toHaveLength(held);
  return byName;
}

describe('a filter', () => {
  it.each<[string, string]>([
    ['{}', 'ada bob cy dot'],
    ['{"minTotal":20}', 'ada bob'],
    ['{"maxTotal":20}', 'bob cy'],
    ['{"minTotal":1,"maxTotal":44}', 'bob'],
    ['{"stages":["hot","warm"]}', 'ada bob'],
    ['{"stages":[]}', ''],
    ['{"labels":["1A"]}', 'ada'],
    ['{"labels":["A"]}', ''],
    ['{"not":{"labels":["1A"]}}', 'bob cy dot'],
    ['{"dimension":{"key":"fit","min":20}}', 'ada bob'],
    ['{"dimension":{"key":"engagement","max":24.5}}', 'bob cy'],
    ['{"dimension":{"key":"engagement","min":25,"max":25}}', 'ada'],
    ['{"attribute":{"attribute":"plan","operator":"EQUALS","value":"pro"}}', 'ada bob'],
    ['{"attribute":{"attribute":"plan","operator":"NOT_EQUALS","value":"pro"}}', 'cy dot'],
    ['{"attribute":{"attribute":"answers.budget","operator":"GTE","value":50}}', 'ada'],
    ['{"attribute":{"attribute":"company","operator":"STARTS_WITH","value":["acme","x"]}}', 'ada bob'],
    ['{"attribute":{"attribute":"email","operator":"EXISTS"}}', 'ada bob cy'],
    ['{"list":"vip"}', 'ada dot'],
    ['{"list":"unknown"}', ''],
    [`{"ownerIds":["${OWNER.toUpperCase()}"]}`, 'ada'],
    ['{"ownerIds":[]}', ''],
    [`{"not":{"ownerIds":["${OWNER}"]}}`, 'bob cy dot'],
    ['{"text":"ACME"}', 'ada bob'],
    ['{"text":"acme bob"}', 'bob'],
    ['{"text":"100%"}', 'ada'],
    ['{"text":"acme_"}', 'bob'],
    ['{"text":"r\\\\c"}', 'cy'],
    ['{"text":"  "}', 'ada bob cy dot'],
    ['{"any":[]}', ''],
    ['{"all":[]}', 'ada bob cy dot'],
    ['{"any":[{"minTotal":40},{"list":"vip"}]}', 'ada dot'],
    ['{"all":[{"minTotal":1},{"text":"bob"}]}', 'bob'],
    ['{"not":{"minTotal":20}}', 'cy dot'],
    ['{"not":{"any":[{"text":"ada"},{"not":{"text":"io"}}]}}', 'bob cy'],
    ['{"any":[{"minTotal":null,"stages":null}]}', 'ada bob cy dot'],
  ])('%s holds for: %s', async (filter, expected) => {
    expect(await names(JSON.parse(filter) as ContactFilter)).toBe(expected);
  });

  it('asks for activity on both sides of an instant', async () => {
    const since = new Date('2026-05-01T00:00:00Z');
    expect(await names({ activeSince: since })).toBe('ada');
    expect(await names({ inactiveSince: since })).toBe('bob cy');
    expect(await names({ activeSince: new Date(0), inactiveSince: since })).toBe('bob');
  });

  it('asks the model it names, and hands it down', async () => {
    expect(await names({ modelId: second, minTotal: 3 })).toBe('ada cy');
    expect(await names({ modelId: second.toUpperCase(), any: [{ minTotal: 50 }] })).toBe('cy');
    expect(
      await names({ modelId: second, any: [{ modelId: main, minTotal: 20 }, { stages: ['hot'] }] }),
    ).toBe('ada bob cy');
  });

  it('reads dimensions by the version of each row', async () => {
    const turned = testModel('second');
    turned.dimensions.reverse();
    await kit.ingest.publish(turned);
    await kit.insert([
      { firstName: 'eve', scores: { [second]: { total: 9, version: 2, dimensions: [7, 50] } } },
    ]);
    expect(await names({ modelId: second, dimension: { key: 'engagement', min: 50 } })).toBe('cy eve');
    expect(await names({ modelId: second, dimension: { key: 'fit', min: 7 } })).toBe('eve');
    await kit.ingest.query(`DELETE FROM contacts WHERE tenant_id = $1 AND first_name = 'eve'`);
  });
});

describe('a faulty filter', () => {
  const deep = (depth: number): ContactFilter => (depth === 0 ? {} : { not: deep(depth - 1) });
  const wide = (parts: number): ContactFilter => ({ any: Array.from({ length: parts }, () => ({})) });

  it.each<[string, () => ContactFilter, string[]]>([
    ['unknown stages', () => ({ stages: ['hot', 'none'] }), ['filter.stages.1']],
    [
      'an unknown dimension',
      () => ({ any: [{}, { dimension: { key: 'none', min: 1 } }] }),
      ['filter.any.1.dimension.key'],
    ],
    ['a dimension without bounds', () => ({ dimension: { key: 'fit' } }), ['filter.dimension']],
    [
      'turned bounds',
      () => ({ minTotal: 5, maxTotal: 4, dimension: { key: 'fit', min: 2, max: 1 } }),
      ['filter.minTotal', 'filter.dimension.min'],
    ],
    ['a segment', () => ({ not: { segmentId: 'x' } }), ['filter.not.segmentId']],
    ['what is no id', () => ({ ownerIds: [OWNER, 'x'] }), ['filter.ownerIds.1']],
    [
      'a wrong operand in a list',
      () => ({ attribute: { attribute: 'a', operator: 'IN', value: ['x', ['y'], 'a\0'] } }),
      ['filter.attribute.value.1', 'filter.attribute.value.2'],
    ],
    ['NUL', () => ({ text: 'a\0' }), ['filter.text']],
    [
      'half a surrogate pair',
      () => ({ list: '\ud800', labels: ['\ud800'] }),
      ['filter.labels.0', 'filter.list'],
    ],
    ['long text', () => ({ text: 'x'.repeat(1_025) }), ['filter.text']],
    ['many words', () => ({ text: 'a b c d e f g h i j k' }), ['filter.text']],
    [
      'a wrong operand',
      () => ({ attribute: { attribute: 'a', operator: 'BETWEEN', value: 3 } }),
      ['filter.attribute.value'],
    ],
    [
      'an operand too many',
      () => ({ attribute: { attribute: 'a', operator: 'EXISTS', value: 3 } }),
      ['filter.attribute.value'],
    ],
    [
      'no attribute',
      () => ({ attribute: { attribute: '', operator: 'EXISTS' } }),
      ['filter.attribute.attribute'],
    ],
    [
      'a deep path',
      () => ({ attribute: { attribute: 'a.'.repeat(16), operator: 'EXISTS' } }),
      ['filter.attribute.attribute'],
    ],
    ['too deep', () => deep(FILTER_DEPTH_MAX), [`filter${'.not'.repeat(FILTER_DEPTH_MAX)}`]],
    ['too many parts', () => wide(FILTER_PARTS_MAX), [`filter.any.${FILTER_PARTS_MAX - 1}`]],
  ])('is refused with its path: %s', async (_name, filter, paths) => {
    const fault = await kit.contacts.count(kit.tenantId, filter()).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(
      (fault as { details: { fields: { path: string }[] } }).details.fields.map((field) => field.path),
    ).toEqual(paths);
  });

  it('is not too deep or wide at its bounds', async () => {
    await expect(kit.contacts.count(kit.tenantId, deep(FILTER_DEPTH_MAX - 1))).resolves.toMatchObject({
      exact: true,
    });
    await expect(kit.contacts.count(kit.tenantId, wide(FILTER_PARTS_MAX - 1))).resolves.toMatchObject({
      count: 4,
    });
  });

  it('names a model that is not there: NOT_FOUND', async () => {
    await expect(kit.contacts.count(kit.tenantId, { modelId: 'x' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(kit.contacts.count(kit.tenantId, { any: [{ modelId: uuidv7() }] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
