import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AccessService } from '../../src/access/access-service.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ensureBuilt } from '../support/ensure-built.js';

let program: string;
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  program = ensureBuilt('src/cli/main.js');
  database = await createTestDatabase();
  db = await openDatabase({ url: database.url, readsMax: 1, writesMax: 1, applicationName: 'keys-test' });
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

/** Runs `leadpulse keys` to its end. */
function keys(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { DATABASE_URL: database.url };
  return promisify(execFile)(process.execPath, [program, 'keys', ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

test('without a tenant it says what to do', async () => {
  const done = await keys('list');
  expect(done).toMatchObject({ code: 1, stderr: expect.stringContaining('start the server once') });
});

test('a key is created, works, is listed, and is revoked', async () => {
  const access = new AccessService(db, null);
  const tenantId = await access.createTenant('Acme');
  const created = await keys('create', '--role', 'VIEWER', '--name', 'a dashboard');
  expect(created.code).toBe(0);
  const text = created.stdout.trim();
  expect(await access.authenticate(`Bearer ${text}`)).toMatchObject({
    tenantId,
    role: 'VIEWER',
    name: 'a dashboard',
  });

  const listed = await keys('list', '--tenant', 'Acme');
  expect(listed.stdout).toMatch(/^ID .*ROLE .*NAME\n[0-9a-f-]{36} {2}VIEWER .* never {4}a dashboard\n$/);
  expect(listed.stdout).not.toContain(text);

  const id = listed.stdout.split('\n')[1]?.split(' ')[0] ?? '';
  expect(await keys('revoke', id)).toMatchObject({ code: 0, stdout: "The key 'a dashboard' is revoked.\n" });
  await expect(new AccessService(db, null).authenticate(`Bearer ${text}`)).rejects.toThrow('not known');
});

test('with several tenants it asks which one, and takes names and ids', async () => {
  const access = new AccessService(db, null);
  const id = await access.createTenant('Globex');
  const unclear = await keys('create', '--role', 'ADMIN', '--name', 'x');
  expect(unclear.code).toBe(1);
  expect(unclear.stderr).toMatch(/choose one with --tenant ID:[\s\S]*Acme[\s\S]*Globex/);
  const created = await keys(
    'create',
    '--role',
    'ADMIN',
    '--name',
    'x',
    '--tenant',
    id,
    '--expires-in-days',
    '1',
  );
  expect(await access.authenticate(`Bearer ${created.stdout.trim()}`)).toMatchObject({
    tenantName: 'Globex',
  });
  expect(await keys('list', '--tenant', 'Initech')).toMatchObject({
    code: 1,
    stderr: "There is no tenant 'Initech'.\n",
  });
});

test.each([
  [['create', '--role', 'KING', '--name', 'x'], 'Allowed choices are ADMIN, MARKETER'],
  [['create', '--role', 'ADMIN', '--name', ' '], '1 to 200 characters'],
  [['create', '--role', 'ADMIN', '--name', 'x', '--expires-in-days', '0'], 'a number of days'],
  [['create', '--role', 'ADMIN'], "required option '--name <name>' not specified"],
  [['revoke', 'x'], 'is no id of a key'],
  [['revoke', '01a20412-53a8-7107-84f9-ed77e4dfb82a'], 'There is no API key of this id'],
])('%j is refused', async (args, message) => {
  const done = await keys(...args);
  expect(done.code).toBe(1);
  expect(done.stderr).toContain(message);
});
