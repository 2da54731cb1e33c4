import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { printAnswer, readTour, VaryingValues } from '../support/documented-tour.js';
import { ensureBuilt } from '../support/ensure-built.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

const root = path.resolve(import.meta.dirname, '../..');
const PAGE = path.join(root, 'docs/contacts.md');
/** `<!-- file: people.csv -->` ahead of a block: the file that the commands of the page read. */
const FILES = /<!-- file: (?<name>[\w.-]+) -->\n```\w+\n(?<text>[\s\S]*?)```/g;
/** What differs from run to run in what a command prints. */
const VARYING = /[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z/g;

let database: TestDatabase;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'leadpulse-contacts-page-'));
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'off' });
});

afterAll(async () => {
  await server?.kill();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a command of the page prints, in a folder with the files of the page. */
function runCommand(command: string): Promise<string> {
  const own = `"${process.execPath}" "${ensureBuilt('src/cli/main.js')}"`;
  const env = {
    PATH: process.env.PATH ?? '',
    HOST: '127.0.0.1',
    PORT: new URL(server.url).port,
    LEADPULSE_API_KEY: TEST_KEY,
  };
  return new Promise((resolve) => {
    const shell = command.replaceAll('npx leadpulse', own);
    execFile('sh', ['-c', shell], { cwd: folder, env }, (_error, stdout) =>
      resolve(stdout.replaceAll('\r', '')),
    );
  });
}

/** The lines as the page may show them: ids and instants are those of the page. */
function keepVarying(documented: string, real: string): string {
  const mask = (text: string) => text.replace(VARYING, '*');
  return mask(documented) === mask(real) ? documented : real;
}

it('docs/contacts.md shows what commands print and the server answers (npx vitest run test/integration/contacts-page.test.ts --update writes it anew)', async () => {
  const page = readFileSync(PAGE, 'utf8');
  for (const { groups } of page.matchAll(FILES)) {
    writeFileSync(path.join(folder, groups?.name ?? ''), groups?.text ?? '');
  }
  const values = new VaryingValues();
  let shown = '';
  let readTo = 0;
  for (const block of readTour(page)) {
    let answer: string;
    if (block.kind === 'console') {
      if (block.command === null) throw new Error('A console block of this page begins with a command.');
      answer = keepVarying(page.slice(block.start, block.end), await runCommand(block.command));
    } else {
      const real = await server.request(values.toReal(block.query));
      answer = `${printAnswer(values.toDocumented(real, block.documented, block.varies))}\n`;
    }
    shown += page.slice(readTo, block.start) + answer;
    readTo = block.end;
  }
  shown += page.slice(readTo);
  await expect(shown).toMatchFileSnapshot(PAGE);
});
