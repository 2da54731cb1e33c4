import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
  tenant = await server.tenant();
});
afterAll(() => server.stop());

const codes = async (query: string, variables?: Record<string, unknown>) =>
  (await server.send(tenant.key, query, variables)).errors.map((error) => error.extensions.code);
const many = (count: number, part: (nth: number) => string) =>
  Array.from({ length: count }, (_, nth) => part(nth)).join(' ');
const nested = (depth: number, inner: string): string =>
  depth === 0 ? inner : `nodes { timeline { ${nested(depth - 1, inner)} } }`;

describe('documents that cost more than they look', () => {
  test.each([
    ['aliases', `{ ${many(31, (nth) => `a${nth}: feedCursor`)} }`],
    ['directives', `{ viewer { name ${many(9, () => '@include(if: true)')} } }`],
    ['repeated fields', `{ viewer { ${many(11, () => 'name')} } }`],
    ['repeated fragments', `{ viewer { ${many(11, () => '...F')} } } fragment F on Viewer { name }`],
    ['root fields', `{ ${many(21, () => '__typename')} }`],
    ['depth', `{ contacts { ${nested(8, 'nodes { id }')} } }`],
    [
      'pages in pages',
      '{ contacts(first: 200) { nodes { timeline(first: 200) { nodes { id } } score { history(first: 200) { nodes { at } } } } } }',
    ],
  ])('%s are TOO_COMPLEX, and the request is at fault', async (_name, query) => {
    const { status, errors } = await server.send(tenant.key, query);
    expect(errors.map((error) => error.extensions.code)).toContain('TOO_COMPLEX');
    expect(status).toBe(400);
  });

  test('page sizes in variables count as well, each time anew', async () => {
    const query =
      'query ($n: Int) { contacts(first: $n) { nodes { timeline(first: $n) { nodes { id } } scores { history(first: $n) { nodes { at } } } } } }';
    expect(await codes(query, { n: 5 })).toEqual([]);
    expect(await codes(query, { n: 200 })).toEqual(['TOO_COMPLEX']);
    expect(await codes(query, { n: 5 })).toEqual([]);
  });

  test('a document of very many tokens is TOO_COMPLEX, long variables are not', async () => {
    expect(
      await codes(`{ contactsByKey(keys: [${many(3_000, () => '{ email: "a@b.c" }')}]) { id } }`),
    ).toEqual(['TOO_COMPLEX']);
    expect(
      await codes('query ($key: String) { scoringModel(key: $key) { id } }', { key: 'x'.repeat(400) }),
    ).toEqual([]);
  });

  test('a fragment that contains itself comes to an end', async () => {
    expect(
      await codes('{ contacts { nodes { ...F } } } fragment F on Contact { id lists { key } ...F }'),
    ).toContain('BAD_USER_INPUT');
  });

  test('an ordinary page of a dashboard and introspection pass', async () => {
    const page =
      '{ contacts(first: 200) { nodes { id email owner { name } scores { total stage { key } explanation { title points } } lists { key } } } }';
    expect(await codes(page)).toEqual([]);
    expect(await codes(getIntrospectionQuery())).toEqual([]);
  });
});

describe('requests of another kind', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}`, ...headers },
      body,
    });

  test('too large is refused before it is read', async () => {
    const response = await post(
      JSON.stringify({ query: '{ viewer { name } }', variables: { x: 'x'.repeat(11 * 1024 * 1024) } }),
    );
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test.each<[string, string, Record<string, string>, number]>([
    ['no JSON', '{', {}, 400],
    ['an empty body', '', {}, 400],
    ['no query', '{}', {}, 400],
    ['a query that is no text', '{"query":{"a":1}}', {}, 400],
    ['variables that are no object', '{"query":"{ viewer { name } }","variables":"x"}', {}, 400],
    ['a batch', '[{"query":"{ viewer { name } }"}]', {}, 400],
    ['a form', 'query=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a reference without a hash', '{"extensions":{"persistedQuery":{"version":1}}}', {}, 400],
    [
      'a hash of something else',
      '{"query":"{ viewer { name } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}',
      {},
      400,
    ],
  ])('%s is BAD_USER_INPUT', async (_name, body, headers, status) => {
    const response = await post(body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('a page of another site cannot forge a request, and mutations do not run by GET', async () => {
    const url = `${server.url}/graphql?query=${encodeURIComponent('{ viewer { name } }')}`;
    const authorization = `Bearer ${tenant.key}`;
    expect((await fetch(url, { headers: { authorization } })).status).toBe(400);
    const careful = await fetch(url, { headers: { authorization, 'apollo-require-preflight': '1' } });
    expect(await careful.json()).toEqual({ data: { viewer: { name: 'admin key' } } });
    const mutation = `${server.url}/graphql?query=${encodeURIComponent('mutation { revokeApiKey(input: { id: "x" }) { apiKey { id } } }')}`;
    expect(
      (await fetch(mutation, { headers: { authorization, 'apollo-require-preflight': '1' } })).status,
    ).toBe(405);
  });

  test('a subscription over HTTP is told where to go', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { status, errors } = await server.send(tenant.key, 'subscription { scoreChanged { cursor } }');
      expect([status, errors[0]?.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
      expect(errors[0]?.message).toContain('WebSocket');
      expect(errors[0]?.message).toContain('text/event-stream');
    }
  });

  test('a document that was seen before is answered just as the first time', async () => {
    const query = 'query A($id: ID!) { scoringModel(id: $id) { id } } query B { viewer { role } }';
    for (let round = 0; round < 3; round += 1) {
      const missing = await server.send(tenant.key, query);
      expect([missing.status, missing.errors[0]?.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
      const named = await post(JSON.stringify({ query, operationName: 'B' }), { accept: '*/*' });
      expect([named.status, await named.json()]).toEqual([200, { data: { viewer: { role: 'ADMIN' } } }]);
      const bad = await post(JSON.stringify({ query, operationName: 'A', variables: {} }));
      expect([
        bad.status,
        ((await bad.json()) as { errors: { extensions: object }[] }).errors[0]?.extensions,
      ]).toEqual([400, { code: 'BAD_USER_INPUT', fields: [{ path: 'id', message: 'was not provided.' }] }]);
    }
  });
});
