import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ServerProcess } from '../support/server-process.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
});

/** What the server says when it does not start. */
async function refusal(env: Record<string, string>): Promise<string> {
  const server = await ServerProcess.start(env).catch((error: Error) => error.message);
  if (typeof server === 'string') return server;
  await server.kill();
  return 'it started';
}

it('a port in use is named, with another one to try', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const said = await refusal({ DATABASE_URL: database.url, PORT: String(port) });
  other.close();
  expect(said).toContain(`Port ${port} on 127.0.0.1 is in use by another program`);
  expect(said).toContain(`PORT=${port + 1}`);
});

it('a database that cannot be reached is named without its password, with the way out', async () => {
  const said = await refusal({ DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/none' });
  expect(said).toContain(
    'The database at 127.0.0.1:1/none cannot be used: nothing listens there (ECONNREFUSED).',
  );
  expect(said).toContain('leave DATABASE_URL out');
  expect(said).not.toContain('hidden');
});

it('every wrong variable is named at once', async () => {
  const said = await refusal({ DATABASE_URL: 'mysql://x', PORT: 'abc', LOG_LEVEL: 'loud' });
  for (const variable of ['DATABASE_URL', 'PORT', 'LOG_LEVEL'])
    expect(said).toContain(`- ${variable} must be`);
});

it('with several workers it serves through one port, and stops all of them', async () => {
  const server = await ServerProcess.start({ DATABASE_URL: database.url, WORKERS: '2' });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => server.ask<{ viewer: { role: string } }>('{ viewer { role } }')),
  );
  expect(new Set(answers.map((answer) => answer.viewer.role))).toEqual(new Set(['ADMIN']));
  expect(await server.kill()).toBe(0);
});
