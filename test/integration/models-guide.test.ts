import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ensureBuilt } from '../support/ensure-built.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';
import { TourRunner, TourShell } from '../support/tour-runner.js';

/** A guard only; where many answers are others than those documented, each is waited for in vain. */
const TEST_TIMEOUT_MS = 300_000;
const page = path.resolve(import.meta.dirname, '../../docs/models.md');

let database: TestDatabase;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'leadpulse-guide-'));
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'on' });
});

afterAll(async () => {
  await server?.kill();
  await database?.drop();
  await rm(folder, { recursive: true });
});

/** A shell in which `npx leadpulse` is the command line that was built, and speaks to the server of this test. */
async function openShell(): Promise<TourShell> {
  const bin = path.join(folder, 'bin');
  const npx = path.join(bin, 'npx');
  const main = ensureBuilt('src/cli/main.js');
  await mkdir(bin);
  await writeFile(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(npx, 0o755);
  return new TourShell(folder, {
    PATH: `${bin}:${process.env.PATH}`,
    LEADPULSE_API_KEY: TEST_KEY,
    PORT: new URL(server.url).port,
  });
}

it(
  'docs/models.md shows what the server answers (npx vitest run test/integration/models-guide.test.ts --update writes it anew)',
  async () => {
    const runner = new TourRunner(server, await openShell());
    await expect(await runner.run(readFileSync(page, 'utf8'))).toMatchFileSnapshot(page);
  },
  TEST_TIMEOUT_MS,
);
