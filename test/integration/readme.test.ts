import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ServerProcess } from '../support/server-process.js';
import { TourRunner } from '../support/tour-runner.js';

const root = path.resolve(import.meta.dirname, '../..');

let database: TestDatabase;
let server: ServerProcess;
let runner: TourRunner;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'on' });
  runner = new TourRunner(server);
});

afterAll(async () => {
  await runner?.stop();
  await server?.kill();
  await database?.drop();
});

// On one server, in this order: the second page goes on where a reader of the first has come to.
it.each(['README.md', 'docs/feed-and-history.md'])(
  '%s shows what the server answers (npx vitest run test/integration/readme.test.ts --update writes it anew)',
  async (name) => {
    const page = readFileSync(path.join(root, name), 'utf8');
    await expect(await runner.run(page)).toMatchFileSnapshot(path.join(root, name));
  },
);
