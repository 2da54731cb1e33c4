import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPersistedOperations } from '../../src/api/persisted/operation-manifest.js';
import { PersistedOperations } from '../../src/api/persisted/persisted-operations.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { EventStreamClient } from '../support/event-stream-client.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const NAME = 'query Name { viewer { name } }';
const ROLE = 'query Role { viewer { role } }';
const CHANGED = 'subscription Changed($after: String) { scoreChanged(after: $after) { totalAfter } }';
const STAGES = 'subscription Stages($after: String) { stageChanged(after: $after) { totalAfter } }';

interface Answer {
  data?: Record<string, Record<string, unknown>>;
  errors?: { message: string; extensions: { code: string } }[];
}

let database: TestDatabase;
let folder: string;
let manifest: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'operations-'));
  manifest = path.join(folder, 'manifest.json');
  await writeFile(manifest, manifestOf([operation('name', NAME), operation(hashOf(CHANGED), CHANGED)]));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database?.drop();
});

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const referTo = (id: string) => ({ persistedQuery: { version: 1, sha256Hash: id } });
/** As Apollo's generate-persisted-query-manifest writes it. */
const operation = (id: string, body: string) => ({ id, name: 'X', type: 'query', body });
const manifestOf = (operations: object[]) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });

async function withServer(
  env: Record<string, string>,
  use: (server: LiveTestServer, world: LiveWorld) => Promise<void>,
): Promise<void> {
  const server = await LiveTestServer.start(database.url, { env });
  try {
    const world = await LiveWorld.create(server);
    await world.changes({ totalAfter: 7 });
    await use(server, world);
  } finally {
    await server.stop();
  }
}

async function post(
  server: LiveTestServer,
  apiKey: string | null,
  body: object,
): Promise<{ status: number; code?: string; message?: string; data?: Answer['data'] }> {
  const response = await fetch(server.httpUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify(body),
  });
  const { data, errors } = (await response.json()) as Answer;
  const [error] = errors ?? [];
  return {
    status: response.status,
    ...(error ? { code: error.extensions.code, message: error.message } : { data }),
  };
}

async function get(server: LiveTestServer, apiKey: string, parameters: Record<string, string>) {
  const response = await fetch(`${server.httpUrl}?${new URLSearchParams(parameters)}`, {
    headers: { authorization: `Bearer ${apiKey}`, 'apollo-require-preflight': '1' },
  });
  const { data, errors } = (await response.json()) as Answer;
  return { data, code: errors?.[0]?.extensions.code, cache: response.headers.get('cache-control') };
}

/** The total that a subscription begins with over a socket and as an event stream, or the code that refuses it. */
async function subscribeBothWays(server: LiveTestServer, world: LiveWorld, sent: object): Promise<unknown[]> {
  const variables = { after: world.cursor(0n) };
  const { apiKey } = world.tenant;
  const client = await server.client(apiKey);
  client.send({ id: 'p', type: 'subscribe', payload: { query: '', ...sent, variables } });
  const message = await new Promise<{ type: string; payload: unknown }>((resolve) =>
    client.socket.once('message', (data) => resolve(JSON.parse(String(data)))),
  );
  const stream = await EventStreamClient.open(server.httpUrl, apiKey, { ...sent, variables });
  const event = await stream.next();
  stream.leave();
  await client.close();
  const overSocket = message.type === 'error' ? { errors: message.payload } : message.payload;
  return [overSocket, event?.data].map((payload) => {
    const { data, errors } = payload as Answer;
    return errors?.[0]?.extensions.code ?? Object.values(data ?? {})[0]?.totalAfter;
  });
}

describe('automatic', () => {
  test('a text is sent in full once, then its hash will do; also over sockets and in event streams', () =>
    withServer({}, async (server, world) => {
      const { apiKey } = world.tenant;
      const extensions = referTo(hashOf(NAME));
      expect(await post(server, apiKey, { extensions })).toEqual({
        status: 200,
        code: 'PERSISTED_QUERY_NOT_FOUND',
        message: 'PersistedQueryNotFound',
      });
      const data = { viewer: { name: 'test' } };
      expect(await post(server, apiKey, { query: NAME, extensions })).toEqual({ status: 200, data });
      for (let round = 0; round < 2; round += 1)
        expect(await post(server, apiKey, { extensions })).toEqual({ status: 200, data });
      expect((await get(server, apiKey, { extensions: JSON.stringify(extensions) })).data).toEqual(data);
      const changed = { extensions: referTo(hashOf(CHANGED)) };
      expect(await subscribeBothWays(server, world, changed)).toEqual([
        'PERSISTED_QUERY_NOT_FOUND',
        'PERSISTED_QUERY_NOT_FOUND',
      ]);
      expect(await subscribeBothWays(server, world, { query: CHANGED, ...changed })).toEqual([7, 7]);
      expect(await subscribeBothWays(server, world, changed)).toEqual([7, 7]);
    }));

  test('what is not found may not be kept on the way, and a hash of another text is refused', () =>
    withServer({}, async (server, { tenant: { apiKey } }) => {
      const extensions = JSON.stringify(referTo(hashOf(ROLE)));
      expect(await get(server, apiKey, { extensions })).toMatchObject({
        code: 'PERSISTED_QUERY_NOT_FOUND',
        cache: 'no-store',
      });
      expect(await get(server, apiKey, { query: NAME, extensions })).toMatchObject({
        code: 'BAD_USER_INPUT',
      });
      expect(await post(server, apiKey, { extensions: referTo(hashOf(ROLE)) })).toMatchObject({
        code: 'PERSISTED_QUERY_NOT_FOUND',
      });
    }));

  test('nobody without a key fills the memory', () =>
    withServer({}, async (server, { tenant: { apiKey } }) => {
      const extensions = referTo(hashOf(NAME));
      expect(await post(server, null, { query: NAME, extensions })).toMatchObject({ status: 401 });
      expect(await post(server, apiKey, { extensions })).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
    }));

  test('a list is known from the start, and other operations run too', () =>
    withServer({ PERSISTED_OPERATIONS_FILE: manifest }, async (server, { tenant: { apiKey } }) => {
      expect(await post(server, apiKey, { extensions: referTo('name') })).toMatchObject({ status: 200 });
      expect(await post(server, apiKey, { query: ROLE })).toMatchObject({ status: 200 });
    }));

  test('a thousand texts are remembered, those that were used last', () => {
    const operations = new PersistedOperations('automatic', new Map());
    const text = (nth: number) => `{ viewer { a${nth}: name } }`;
    const find = (nth: number) => operations.textOf('', referTo(hashOf(text(nth))));
    for (let nth = 0; nth < 1_000; nth += 1) operations.textOf(text(nth), referTo(hashOf(text(nth))));
    expect(find(0)).toBe(text(0));
    operations.textOf(text(1_000), referTo(hashOf(text(1_000))));
    expect([find(0), find(1_000)]).toEqual([text(0), text(1_000)]);
    expect(() => find(1)).toThrow('PersistedQueryNotFound');
    const long = `{ viewer { name ${' '.repeat(20_000)} } }`;
    expect(operations.textOf(long, referTo(hashOf(long)))).toBe(long);
    expect(() => operations.textOf('', referTo(hashOf(long)))).toThrow('PersistedQueryNotFound');
  });
});

describe('off', () => {
  test('whoever refers to an operation is told to send it', () =>
    withServer({ PERSISTED_OPERATIONS: 'off' }, async (server, world) => {
      const { apiKey } = world.tenant;
      expect(await post(server, apiKey, { extensions: referTo(hashOf(NAME)) })).toEqual({
        status: 200,
        code: 'PERSISTED_QUERY_NOT_SUPPORTED',
        message: 'PersistedQueryNotSupported',
      });
      expect(await post(server, apiKey, { query: NAME })).toMatchObject({ status: 200 });
      expect(await subscribeBothWays(server, world, { extensions: referTo(hashOf(CHANGED)) })).toEqual([
        'PERSISTED_QUERY_NOT_SUPPORTED',
        'PERSISTED_QUERY_NOT_SUPPORTED',
      ]);
    }));
});

describe('locked', () => {
  const env = () => ({ PERSISTED_OPERATIONS: 'locked', PERSISTED_OPERATIONS_FILE: manifest });
  const NOT_IN_LIST = 'PERSISTED_QUERY_NOT_IN_LIST';

  test('what is on the list runs, by its id or word for word', () =>
    withServer(env(), async (server, world) => {
      const { apiKey } = world.tenant;
      const data = { viewer: { name: 'test' } };
      for (const sent of [
        { extensions: referTo('name') },
        { query: NAME },
        { query: NAME, extensions: referTo('name') },
      ]) {
        for (let round = 0; round < 2; round += 1)
          expect(await post(server, apiKey, sent)).toEqual({ status: 200, data });
      }
      expect((await get(server, apiKey, { extensions: JSON.stringify(referTo('name')) })).data).toEqual(data);
      expect(await subscribeBothWays(server, world, { extensions: referTo(hashOf(CHANGED)) })).toEqual([
        7, 7,
      ]);
      expect(await subscribeBothWays(server, world, { query: CHANGED })).toEqual([7, 7]);
    }));

  test.each([
    ['another operation', { query: ROLE }],
    ['the same operation written otherwise', { query: `${NAME} ` }],
    ['introspection', { query: '{ __schema { types { name } } }' }],
    ['another id', { extensions: referTo('nobody') }],
    ['another text under an id of the list', { query: ROLE, extensions: referTo('name') }],
    ['a text with its own hash', { query: ROLE, extensions: referTo(hashOf(ROLE)) }],
    ['one operation beside another', { query: `${NAME} ${ROLE}`, operationName: 'Name' }],
    ['nothing', { variables: {} }],
  ])('%s is refused', (_name, sent) =>
    withServer(env(), async (server, { tenant: { apiKey } }) => {
      for (let round = 0; round < 2; round += 1)
        expect(await post(server, apiKey, sent)).toMatchObject({ status: 400, code: NOT_IN_LIST });
    }),
  );

  test('other subscriptions are refused over sockets and in event streams', () =>
    withServer(env(), async (server, world) => {
      const refused = [NOT_IN_LIST, NOT_IN_LIST];
      expect(await subscribeBothWays(server, world, { query: STAGES })).toEqual(refused);
      expect(await subscribeBothWays(server, world, { extensions: referTo(hashOf(STAGES)) })).toEqual(
        refused,
      );
    }));

  test('no other way of writing a request leads around the list', () =>
    withServer(env(), async (server, { tenant: { apiKey } }) => {
      expect(await get(server, apiKey, { query: ROLE })).toMatchObject({ code: NOT_IN_LIST });
      const twice = `${server.httpUrl}?query=${encodeURIComponent(NAME)}&query=${encodeURIComponent(ROLE)}`;
      const headers = { authorization: `Bearer ${apiKey}`, 'apollo-require-preflight': '1' };
      expect(await (await fetch(twice, { headers })).json()).toEqual({ data: { viewer: { name: 'test' } } });
      const inAddress = await fetch(`${server.httpUrl}?query=${encodeURIComponent(ROLE)}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ extensions: referTo('name') }),
      });
      expect(await inAddress.json()).toEqual({ data: { viewer: { name: 'test' } } });
      for (const [body, type] of [
        [JSON.stringify([{ query: ROLE }]), 'application/json'],
        [JSON.stringify({ query: [ROLE] }), 'application/json'],
        [JSON.stringify({ query: ROLE }), 'text/plain'],
      ] as const) {
        const sent = { method: 'POST', headers: { ...headers, 'content-type': type }, body };
        const answer = await fetch(server.httpUrl, sent);
        expect(answer.status).toBe(400);
        expect(await answer.json()).not.toHaveProperty('data');
      }
    }));
});

describe('a list that cannot be used', () => {
  test.each([
    ['no JSON', '{', 'JSON'],
    ['another form', '{"format":"relay","version":1,"operations":[]}', 'is no manifest'],
    ['no list', '{"format":"apollo-persisted-query-manifest","version":1}', '"operations"'],
    ['an operation without text', manifestOf([{ id: 'a' }]), 'operation 0'],
    ['an id twice', manifestOf([operation('a', NAME), operation('a', ROLE)]), 'operation 1'],
  ])('%s ends the start with a sentence', async (_name, text, words) => {
    const file = path.join(folder, 'faulty.json');
    await writeFile(file, text);
    const open = () =>
      openPersistedOperations({ persistedOperations: 'locked', persistedOperationsFile: file });
    expect(open).toThrow(`PERSISTED_OPERATIONS_FILE ${file} cannot be used`);
    expect(open).toThrow(words);
  });

  test('neither does one that is not there', () => {
    const settings = { persistedOperations: 'locked', persistedOperationsFile: '/nowhere.json' } as const;
    expect(() => openPersistedOperations(settings)).toThrow('/nowhere.json cannot be used: ENOENT');
  });
});
