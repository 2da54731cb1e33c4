import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const RECORD =
  'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded duplicates } }';
const UPSERT =
  'mutation ($input: [UpsertContactInput!]!) { upsertContacts(input: $input) { created updated } }';
const TYPES = `query ($category: ActionCategory, $text: String, $first: Int, $after: String) {
  actionTypes(category: $category, text: $text, first: $first, after: $after) {
    nodes { type label category count firstSeenAt lastSeenAt usedByRules properties { name kinds samples } }
    edges { cursor }
    pageInfo { hasNextPage endCursor }
  }
}`;
const ATTRIBUTES =
  '{ contactAttributes { attribute label standard kind filled fillRate sampled samples asOf } }';
const PRESET =
  'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { id version } } }';

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  tenant = await server.tenant();
});
afterAll(() => server.stop());

interface TypeNode {
  type: string;
  count: number;
  usedByRules: number;
}

async function record(...types: string[]): Promise<void> {
  const input = types.map((type, nth) => ({
    contact: { email: `${nth % 3}@example.com` },
    type,
    occurredAt: '2026-03-01T10:00:00Z',
    properties: { page: `/${nth}`, done: true },
  }));
  const { data } = await server.send(tenant.key, RECORD, { input });
  expect(data.recordActions.recorded).toBe(types.length);
}

async function types(variables: Record<string, unknown> = {}): Promise<TypeNode[]> {
  const { data } = await server.send(tenant.key, TYPES, variables);
  return data.actionTypes.nodes;
}

function typesOf(nodes: TypeNode[]): string[] {
  return nodes.map((node) => node.type);
}

describe('action types', () => {
  test('are shown with all that a rule builder offers', async () => {
    await record('visited_pricing_page', 'visited_pricing_page', 'email_opened');
    const { data } = await server.send(tenant.key, TYPES);
    expect(data.actionTypes.nodes[0]).toEqual({
      type: 'visited_pricing_page',
      label: 'Visited pricing page',
      category: 'WEBSITE',
      count: 2,
      firstSeenAt: '2026-03-01T10:00:00.000Z',
      lastSeenAt: '2026-03-01T10:00:00.000Z',
      usedByRules: 0,
      properties: [
        { name: 'page', kinds: ['TEXT'], samples: ['/0', '/1'] },
        { name: 'done', kinds: ['BOOLEAN'], samples: [true] },
      ],
    });
    expect(data.actionTypes.nodes[1]).toMatchObject({ type: 'email_opened', count: 1 });
  });

  test('that only rules name are shown as never recorded, with how many rules do', async () => {
    const input = { preset: 'STARTER', key: 'a' };
    await server.send(tenant.key, PRESET, { input });
    await server.send(tenant.key, PRESET, { input: { ...input, key: 'b' } });
    await record('email_opened', 'email_bounced_hard', 'xyzzy');
    const nodes = await types();
    expect(nodes.map(({ type, count, usedByRules }) => [type, count, usedByRules])).toEqual([
      ['email_bounced_hard', 1, 2],
      ['email_opened', 1, 2],
      ['xyzzy', 1, 0],
      ['clicked_link', 0, 2],
      ['marked_spam', 0, 2],
      ['replied_to_email', 0, 2],
      ['unsubscribed', 0, 2],
    ]);
    expect(nodes.at(-1)).toMatchObject({ firstSeenAt: null, lastSeenAt: null, properties: [] });
  });

  test('rules of the published version count, those of a draft do not', async () => {
    const { data } = await server.send(tenant.key, PRESET, { input: { preset: 'STARTER', key: 'a' } });
    const change = `mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { version } } }`;
    const rule = (key: string, actionType: string) => ({
      putRule: { scoreSet: 'email', rule: { key, action: { actionType, points: 1 } } },
    });
    const visited = {
      key: 'twice',
      criteria: {
        points: 5,
        when: {
          all: [
            { activity: { actionType: 'visited' } },
            { not: { activity: { actionType: 'visited', atLeast: 9 } } },
          ],
        },
      },
    };
    const edit = { id: data.createScoringModelFromPreset.model.id, expectedVersion: 1 };
    await server.send(tenant.key, change, {
      input: { ...edit, publish: false, changes: [rule('drafted', 'only_drafted')] },
    });
    await server.send(tenant.key, change, {
      input: {
        ...edit,
        changes: [
          { putRule: { scoreSet: 'email', rule: visited } },
          rule('any', '*'),
          rule('off', 'visited'),
          { setActive: { rule: 'off', active: false } },
        ],
      },
    });
    const nodes = await types({ text: 'i' });
    expect(nodes.find((node) => node.type === 'visited')).toMatchObject({ count: 0, usedByRules: 2 });
    expect(typesOf(nodes)).not.toContain('only_drafted');
    expect(typesOf(await types({ text: '*' }))).toEqual([]);
  });

  test('are filtered by category and by text', async () => {
    await record('visited_pricing_page', 'email_opened', 'email_bounced', 'order_placed', 'order_placed');
    expect(typesOf(await types({ category: 'COMMERCE' }))).toEqual(['order_placed']);
    expect(typesOf(await types({ text: 'pricing page' }))).toEqual(['visited_pricing_page']);
    expect(typesOf(await types({ text: 'EMAIL', category: 'NEGATIVE' }))).toEqual(['email_bounced']);
    expect(typesOf(await types({ text: ' ' }))).toHaveLength(4);
    const { errors } = await server.send(tenant.key, TYPES, { text: 'x'.repeat(201) });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'text' }] });
  });

  test('come page by page, each once, and a foreign cursor is refused', async () => {
    await record(...Array.from({ length: 12 }, (_, nth) => `type_${nth % 5}`));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data } = await server.send(tenant.key, TYPES, { first: 2, after });
      seen.push(...typesOf(data.actionTypes.nodes));
      after = data.actionTypes.pageInfo.hasNextPage ? data.actionTypes.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(['type_0', 'type_1', 'type_2', 'type_3', 'type_4']);
    for (const cursor of [
      'nonsense',
      Buffer.from('["a", 1]').toString('base64url'),
      Buffer.from('null').toString('base64url'),
    ]) {
      const { errors } = await server.send(tenant.key, TYPES, { after: cursor });
      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'after' }] });
    }
  });

  test('a page whose counts grow meanwhile repeats nothing that stood still', async () => {
    await record('a', 'a', 'a', 'b', 'b', 'c');
    const first = await server.send(tenant.key, TYPES, { first: 1 });
    await record('a', 'd');
    const { data } = await server.send(tenant.key, TYPES, {
      after: first.data.actionTypes.pageInfo.endCursor,
    });
    expect(typesOf(data.actionTypes.nodes)).toEqual(['b', 'c', 'd']);
  });
});

describe('attributes', () => {
  test('are shown with all that a rule builder offers', async () => {
    const person = (nth: number, given: object) => ({ contact: { email: `${nth}@example.com` }, ...given });
    const input = [
      person(1, {
        firstName: 'Ada',
        companySize: 20,
        industry: 'saas',
        attributes: { plan: 'pro', seats: 3 },
      }),
      person(2, { firstName: 'Ada', industry: 'saas', attributes: { plan: 'pro' } }),
      person(3, { industry: 'retail', attributes: { plan: 'free' } }),
      person(4, {}),
    ];
    await server.send(tenant.key, UPSERT, { input });
    const { data } = await server.send(tenant.key, ATTRIBUTES);
    const shown = data.contactAttributes as Record<string, unknown>[];
    expect(shown.map((node) => node.attribute)).toEqual([
      'email',
      'externalId',
      'firstName',
      'lastName',
      'jobTitle',
      'company',
      'companySize',
      'industry',
      'annualRevenue',
      'country',
      'plan',
      'seats',
    ]);
    const of = (name: string) => shown.find((node) => node.attribute === name);
    expect(of('industry')).toEqual({
      attribute: 'industry',
      label: 'Industry',
      standard: true,
      kind: 'TEXT',
      filled: 3,
      fillRate: 0.75,
      sampled: false,
      samples: ['saas'],
      asOf: expect.any(String),
    });
    expect(of('plan')).toMatchObject({ standard: false, filled: 3, samples: ['pro'] });
    expect(of('seats')).toMatchObject({ kind: 'NUMBER', filled: 1, fillRate: 0.25, samples: [] });
    expect(of('companySize')).toMatchObject({ label: 'Company size', kind: 'NUMBER' });
    expect(of('firstName')).toMatchObject({ filled: 2, samples: [] });
    expect(Date.parse(String(of('plan')?.asOf))).toBeGreaterThan(Date.now() - 3_600_000);
  });

  test('of a tenant without contacts are there, held by nobody', async () => {
    const { data } = await server.send(tenant.key, ATTRIBUTES);
    expect(data.contactAttributes).toHaveLength(10);
    expect(data.contactAttributes[0]).toMatchObject({ filled: 0, fillRate: 0, samples: [] });
  });
});

describe('who may ask', () => {
  test('those who may read models; a tenant sees its own data alone', async () => {
    await record('visited');
    await server.send(tenant.key, UPSERT, {
      input: [{ contact: { email: 'a@example.com' }, attributes: { plan: 1 } }],
    });
    const both = '{ actionTypes { nodes { type properties { name } } } contactAttributes { attribute } }';
    for (const role of ['ADMIN', 'MARKETER', 'SALES', 'VIEWER'] as const) {
      const { data, errors } = await server.send(await server.key(tenant, role), both);
      expect(errors).toEqual([]);
      expect(typesOf(data.actionTypes.nodes)).toEqual(['visited']);
    }
    const writer = await server.key(tenant, 'INGEST');
    for (const query of ['{ actionTypes { nodes { type } } }', '{ contactAttributes { attribute } }']) {
      const { errors } = await server.send(writer, query);
      expect(errors.map((error) => error.extensions.code)).toEqual(['FORBIDDEN']);
    }
    const stranger = await server.tenant();
    const { data } = await server.send(stranger.key, both);
    expect(data.actionTypes.nodes).toEqual([]);
    expect(data.contactAttributes).toHaveLength(10);
  });
});

describe('warnings of a model', () => {
  test('name the action types and attributes that no data has, with the nearest that it has', async () => {
    await record('visited_pricing_page');
    await server.send(tenant.key, UPSERT, {
      input: [{ contact: { email: 'a@example.com' }, attributes: { plan: 'pro' } }],
    });
    const create = `mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) {
      warnings { code ruleKey suggestion } } }`;
    const input = {
      key: 'a',
      name: 'A',
      dimensions: [{ key: 'd', maxPoints: 100 }],
      stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
      scoreSets: [
        {
          key: 's',
          dimension: 'd',
          rules: [
            { key: 'typo', action: { actionType: 'visited_pricing_pages', points: 5 } },
            { key: 'right', action: { actionType: 'visited_pricing_page', points: 5 } },
            {
              key: 'wrong',
              criteria: { points: 5, when: { attribute: { attribute: 'plans', operator: 'EXISTS' } } },
            },
            {
              key: 'known',
              criteria: { points: 5, when: { attribute: { attribute: 'plan', operator: 'EXISTS' } } },
            },
            {
              key: 'standard',
              criteria: { points: 5, when: { attribute: { attribute: 'jobTitle', operator: 'EXISTS' } } },
            },
          ],
        },
      ],
    };
    const { data } = await server.send(tenant.key, create, { input });
    const unknown = data.createScoringModel.warnings.filter((warning: { code: string }) =>
      warning.code.startsWith('UNKNOWN_'),
    );
    expect(unknown).toEqual([
      { code: 'UNKNOWN_ACTION_TYPE', ruleKey: 'typo', suggestion: 'visited_pricing_page' },
      { code: 'UNKNOWN_ATTRIBUTE', ruleKey: 'wrong', suggestion: 'plan' },
    ]);
  });
});
