import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ServerProcess } from '../support/server-process.js';
import { TourRunner } from '../support/tour-runner.js';

const file = path.resolve(import.meta.dirname, '../../docs/rules.md');

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

it('docs/rules.md shows what the server answers (npx vitest run test/catalogue/documented --update writes it anew)', async () => {
  await expect(await runner.run(readFileSync(file, 'utf8'))).toMatchFileSnapshot(file);
});
