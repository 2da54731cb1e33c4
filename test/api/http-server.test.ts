import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http-server.js';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start({
    env: { CORS_ORIGINS: 'https://crm.example', INTROSPECTION: 'false' },
  });
  tenant = await server.tenant();
});
afterAll(() => server.stop());

describe('request ids', () => {
  test('a sensible one is taken over, any other replaced', async () => {
    const own = await server.send(tenant.key, '{ viewer { name } }', {}, { 'x-request-id': 'crm-42' });
    expect(own.headers.get('x-request-id')).toBe('crm-42');
    const made = await server.send(tenant.key, '{ viewer { name } }', {}, { 'x-request-id': 'a b <script>' });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('what is unexpected', () => {
  test('is INTERNAL with the request id and nothing more, on both ways through the server; the log has the cause', async () => {
    const { models } = server.services;
    const list = models.list;
    models.list = () => Promise.reject(new Error('secret detail'));
    try {
      for (let round = 0; round < 2; round += 1) {
        const { errors, headers } = await server.send(tenant.key, '{ scoringModels { id } }');
        const requestId = headers.get('x-request-id');
        expect(errors[0]?.extensions).toEqual({ code: 'INTERNAL', requestId });
        expect(JSON.stringify(errors)).not.toContain('secret');
        expect(
          server.logLines.some((line) => line.includes('secret detail') && line.includes(String(requestId))),
        ).toBe(true);
      }
    } finally {
      models.list = list;
    }
  });

  test('a database that is away is UNAVAILABLE', async () => {
    const { models } = server.services;
    const list = models.list;
    models.list = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    try {
      const { errors } = await server.send(tenant.key, '{ scoringModels { id } }');
      expect(errors[0]?.extensions.code).toBe('UNAVAILABLE');
    } finally {
      models.list = list;
    }
  });

  test('when the key cannot be looked up, the answer says no more', async () => {
    const { access } = server.services;
    const authenticate = access.authenticate;
    try {
      for (const [error, status, code] of [
        [new Error('secret detail'), 500, 'INTERNAL'],
        [Object.assign(new Error('secret detail'), { code: '57P01' }), 503, 'UNAVAILABLE'],
      ] as const) {
        access.authenticate = () => Promise.reject(error);
        for (const query of ['{ viewer { name } }', '{ viewer { role name } }']) {
          const answer = await server.send(tenant.key, query);
          expect([answer.status, answer.errors[0]?.extensions.code]).toEqual([status, code]);
          expect(JSON.stringify(answer.errors)).not.toContain('secret');
        }
      }
    } finally {
      access.authenticate = authenticate;
    }
  });
});

describe('the log', () => {
  test('names operation, role, tenant and codes, and nothing of what was sent', async () => {
    const mutation =
      'mutation Track($input: RecordActionInput!) { recordAction(input: $input) { duplicate } }';
    await server.send(tenant.key, mutation, {
      input: { contact: { email: 'ann@secret.example' }, type: '', properties: { word: 'hush' } },
    });
    const line = server.logLines
      .map((text) => JSON.parse(text))
      .find((entry) => entry.operationName === 'Track');
    expect(line).toMatchObject({
      level: 'info',
      operation: 'mutation',
      role: 'ADMIN',
      tenantId: tenant.tenantId,
      codes: ['BAD_USER_INPUT'],
      ms: expect.any(Number),
    });
    const all = server.logLines.join('');
    for (const secret of ['ann@secret', 'hush', tenant.key]) expect(all).not.toContain(secret);
  });
});

describe('introspection that is switched off', () => {
  test('gives no schema and no hints', async () => {
    const schema = await server.send(tenant.key, '{ __schema { types { name } } }');
    expect(schema.errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const typo = await server.send(tenant.key, '{ scoringModel(key: "a") { idd } }');
    expect(typo.errors[0]?.message).not.toContain('Did you mean');
  });
});

describe('other origins', () => {
  const preflight = (origin: string, path = '/graphql') =>
    fetch(`${server.url}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });

  test('may call when they are listed', async () => {
    const allowed = await preflight('https://crm.example');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://crm.example',
    ]);
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('may send and fetch files', async () => {
    for (const path of ['/import/contacts', '/export/contacts']) {
      const { status, headers } = await preflight('https://crm.example', path);
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, 'https://crm.example']);
    }
    const refused = await fetch(`${server.url}/export/contacts`, {
      headers: { origin: 'https://crm.example' },
    });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://crm.example',
    ]);
  });
});

describe('health', () => {
  const ask = async (path: string) => {
    const response = await fetch(`${server.url}${path}`);
    return [response.status, await response.json()];
  };

  test('needs no key and says why the server is not ready', async () => {
    expect(await ask('/livez')).toEqual([200, { status: 'alive' }]);
    expect(await ask('/readyz')).toEqual([200, { status: 'ready' }]);
    const { reads } = server.services.db;
    const query = reads.query;
    Object.assign(reads, { query: () => Promise.reject(new Error('gone')) });
    expect(await ask('/readyz')).toEqual([
      503,
      { status: 'unavailable', reason: 'the database does not answer' },
    ]);
    Object.assign(reads, { query });
    expect((await ask('/readyz'))[0]).toBe(200);
  });

  test('a path that does not exist is NOT_FOUND', async () => {
    expect(await ask('/nothing')).toMatchObject([404, { errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
  });
});

describe('a second server', () => {
  test('on the same port says so and what to do; one of its own drains', async () => {
    const port = Number(new URL(server.url).port);
    const taken = await createHttpServer({ ...server.services, config: { ...server.services.config, port } });
    await expect(taken.listen()).rejects.toThrow(/Port \d+ on 127\.0\.0\.1 is in use.*PORT=/);
    await taken.close();
    const own = await createHttpServer(server.services);
    const { url } = await own.listen();
    own.drain();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    await own.close();
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });
});
