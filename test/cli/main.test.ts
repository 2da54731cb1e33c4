import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ensureBuilt } from '../support/ensure-built.js';

let program: string;
let database: TestDatabase;

beforeAll(async () => {
  program = ensureBuilt('src/cli/main.js');
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** Runs the command to its end; the environment is what is given and nothing else. */
async function leadpulse(args: string[], env: Record<string, string> = {}) {
  const run = promisify(execFile)(process.execPath, [program, ...args], { env });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

test('an unknown command is refused, with a suggestion and the help', async () => {
  const { code, stderr } = await leadpulse(['migrat']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/unknown command 'migrat'[\s\S]*Did you mean migrate\?[\s\S]*Usage: leadpulse/);
});

test('the help lists commands and variables', async () => {
  const { code, stdout } = await leadpulse(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/migrate[\s\S]*DATABASE_URL[\s\S]*SHUTDOWN_TIMEOUT_MS/);
});

test('config --check names what is wrong', async () => {
  const wrong = await leadpulse(['config', '--check'], { PORT: 'abc' });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("PORT must be a whole number from 0 to 65535, got 'abc'");
  const right = await leadpulse(['config', '--check'], { PORT: '4001' });
  expect(right).toMatchObject({ code: 0, stdout: 'The configuration is valid.\n' });
});

test('migrate does nothing to a database that is up to date', async () => {
  const done = await leadpulse(['migrate'], { DATABASE_URL: database.url });
  expect(done).toMatchObject({ code: 0, stdout: 'The database is up to date.\n' });
});

test('migrate says plainly that there is no server', async () => {
  const done = await leadpulse(['migrate'], { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none' });
  expect(done.code).toBe(1);
  expect(done.stderr).toMatch(/^The database cannot be reached \(ECONNREFUSED\)/);
});
