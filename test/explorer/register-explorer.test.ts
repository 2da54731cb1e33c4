import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerExplorer } from '../../src/api/explorer/register-explorer.js';
import { loadConfig } from '../../src/config.js';

let app: FastifyInstance;

beforeAll(() => {
  app = createApp({});
});

afterAll(() => app.close());

function createApp(env: Record<string, string>): FastifyInstance {
  const made = Fastify();
  registerExplorer(made, { config: loadConfig(env) });
  return made;
}

function get(url: string, acceptEncoding?: string) {
  return app.inject({
    url,
    headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding },
  });
}

/** The addresses that the page names. */
async function linkedFiles(): Promise<string[]> {
  const page = await get('/explorer');
  return [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
}

test.each(['/', '/explorer'])('%s is the page', async (url) => {
  const page = await get(url);
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.body).toContain('<title>Leadpulse explorer</title>');
});

test('the page runs no script but those of its own origin, and speaks to nobody else', async () => {
  const page = await get('/explorer');
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self';");
  expect(policy).not.toMatch(/https?:|unsafe-eval|\*/);
  expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
  const outside = (await linkedFiles()).filter(
    (file) => !file.startsWith('/explorer/assets/') && file !== 'data:,',
  );
  expect(outside).toEqual([]);
});

test('every file that the page names is there and may be kept for ever', async () => {
  const files = (await linkedFiles()).filter((file) => file !== 'data:,');
  expect(files.length).toBeGreaterThanOrEqual(5);
  for (const file of files) {
    const answer = await get(file);
    expect([file, answer.statusCode]).toEqual([file, 200]);
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.headers['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/);
    expect(answer.headers.vary).toBe('accept-encoding');
  }
});

test('files go out compressed to those who take it', async () => {
  const files = await linkedFiles();
  const ruru = files.find((file) => file.endsWith('/ruru.js')) ?? '';
  const plain = await get(ruru);
  const brotli = await get(ruru, 'gzip, br');
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(brotli.rawPayload).equals(plain.rawPayload)).toBe(true);
  const client = files.find((file) => file.endsWith('/graphql-ws.min.js')) ?? '';
  const gzip = await get(client, 'gzip, br');
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip.rawPayload).equals((await get(client)).rawPayload)).toBe(true);
});

test('nothing else is served', async () => {
  const folder = ((await linkedFiles())[1] ?? '').replace(/[^/]+$/, '');
  for (const file of [
    'nothing.js',
    '',
    '../../package.json',
    '%2e%2e/package.json',
    '__proto__',
    'ruru.js.map',
  ]) {
    expect([file, (await get(`${folder}${file}`)).statusCode]).toEqual([file, 404]);
  }
  expect((await get('/explorer/assets/0000000000000000/ruru.js')).statusCode).toBe(404);
  expect((await app.inject({ method: 'POST', url: '/explorer' })).statusCode).toBe(404);
});

test('without introspection the page does not ask for the schema', async () => {
  const closed = createApp({ INTROSPECTION: 'off' });
  const page = await closed.inject('/explorer');
  expect(page.body).toContain('data-introspection="off"');
  expect((await get('/explorer')).body).toContain('data-introspection="on"');
  await closed.close();
});
