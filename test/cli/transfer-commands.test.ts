import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ensureBuilt } from '../support/ensure-built.js';
import { eventually } from '../support/eventually.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

/** The kill, another start, and the client's pauses between its tries. */
const CRASH_TIMEOUT_MS = 180_000;

let program: string;
let database: TestDatabase;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  program = ensureBuilt('src/cli/main.js');
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'off' });
  folder = mkdtempSync(path.join(tmpdir(), 'leadpulse-transfer-test-'));
});

/** Keeps the contacts of one test apart from those of another. */
let turn = 0;

beforeEach(() => {
  turn += 1;
});

afterAll(async () => {
  await server?.kill();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Done {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `leadpulse` under way, in the test's folder. */
class Command {
  readonly child: ChildProcess;
  readonly done: Promise<Done>;
  stderr = '';

  constructor(args: string[], input?: string, url = `${server.url}/graphql`) {
    this.child = spawn(process.execPath, [program, ...args, '--url', url], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', LEADPULSE_API_KEY: TEST_KEY },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    this.child.stdout?.on('data', (part: Buffer) => {
      stdout += part.toString();
    });
    this.child.stderr?.on('data', (part: Buffer) => {
      this.stderr += part.toString();
    });
    this.child.stdin?.end(input ?? '');
    this.done = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout,
      stderr: this.stderr,
    }));
  }
}

function run(args: string[], input?: string): Promise<Done> {
  return new Command(args, input).done;
}

function write(name: string, text: string | Buffer): string {
  writeFileSync(path.join(folder, name), text);
  return name;
}

function bigFile(rows: number): string {
  const lines = ['email,event,time'];
  for (let row = 0; row < rows; row++) {
    const at = new Date(Date.UTC(2024, 0, 1) + row * 1_000).toISOString();
    lines.push(`big-${turn}-${row % 500}@example.com,login,${at}`);
  }
  return `${lines.join('\n')}\n`;
}

test('contacts: the mapping, the counts, and refused rows in a file that can be imported', async () => {
  write('people.csv', 'E-Mail;First name;Plan\nann@example.com;Ann;pro\nnobody;Bob;free\n');
  const done = await run(['import', 'contacts', 'people.csv']);
  expect(done.stdout).toBe(
    [
      'CSV, delimiter semicolon',
      '  E-Mail      ->  email            by its name',
      '  First name  ->  firstName        by its name',
      '  Plan        ->  attributes.Plan',
      '2 rows: 1 contacts created, 0 updated, 0 duplicates, 1 rejected.',
      '  row 2: contact.email: must be an email address',
      'The refused rows are in people.faults.csv: correct them there and import that file.',
      '',
    ].join('\n'),
  );
  expect(done.code).toBe(2);
  const faults = readFileSync(path.join(folder, 'people.faults.csv'), 'utf8');
  write('corrected.csv', faults.replace('nobody', 'bob@example.com'));
  const corrected = await run(['import', 'contacts', 'corrected.csv']);
  expect(corrected).toMatchObject({ code: 0, stdout: expect.stringContaining('1 contacts created') });
});

test('a dry run tells and does nothing; --map and --type say what the file does not', async () => {
  write('log.csv', 'Customer,When\nc-1,2024-01-01\nc-2,7/22/2018\n');
  const args = [
    'import',
    'actions',
    'log.csv',
    '--map',
    'Customer=externalId',
    '--map',
    'When=occurredAt',
    '--type',
    'visit',
  ];
  const dry = await run([...args, '--dry-run', '--faults', 'dry.csv']);
  expect(dry.stdout).toContain('2 rows: 1 sound, 1 rejected. Nothing was recorded.');
  expect(dry.stdout).toContain(
    "row 2: When: must be an instant such as 2026-03-01T09:30:00Z, not '7/22/2018'",
  );
  const done = await run(args);
  expect(done.stdout).toContain('2 rows: 1 actions recorded (1 contacts created), 0 duplicates, 1 rejected.');
});

test('standard input, twice: the second time everything is a duplicate', async () => {
  const lines = '{"email":"in@example.com","type":"login","occurredAt":"2024-01-01T00:00:00Z"}\n';
  expect((await run(['import', 'actions', '-'], lines)).stdout).toContain('1 actions recorded');
  expect((await run(['import', 'actions', '-'], lines)).stdout).toContain(
    '0 actions recorded (0 contacts created), 1 duplicates',
  );
});

test('what cannot be imported is said before anything is sent', async () => {
  write('latin1.csv', Buffer.from('email,city\na@x.io,Zürich\n', 'latin1'));
  const latin1 = await run(['import', 'contacts', 'latin1.csv']);
  expect(latin1).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('latin1.csv: Line 2 is not UTF-8'),
  });
  expect(await run(['import', 'contacts', 'gone.csv'])).toMatchObject({
    code: 1,
    stderr: 'gone.csv cannot be read: there is no such file.\n',
  });
  write('nokey.csv', 'name\nAnn\n');
  expect(await run(['import', 'contacts', 'nokey.csv'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No column is known to name the contact'),
  });
  const away = await new Command(['import', 'contacts', 'nokey.csv'], '', 'http://127.0.0.1:9/graphql').done;
  expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('No server answers') });
});

test('a client that is killed goes on where it was', async () => {
  write('killed.csv', bigFile(60_000));
  const first = new Command(['import', 'actions', 'killed.csv']);
  await eventually(async () => expect(await newestImportRows()).toBeGreaterThan(500));
  first.child.kill('SIGKILL');
  await first.done;
  const second = await run(['import', 'actions', 'killed.csv']);
  expect(second.stdout).toMatch(/^Going on behind row \d+\.\n/);
  expect(second.stdout).toContain(
    '60,000 rows: 60,000 actions recorded (500 contacts created), 0 duplicates, 0 rejected.',
  );
  expect(second.code).toBe(0);
});

test('a server that is killed and comes back is waited for, and every row counts once', {
  timeout: CRASH_TIMEOUT_MS,
}, async () => {
  write('crash.csv', bigFile(15_000));
  const importing = new Command(['import', 'actions', 'crash.csv']);
  await eventually(async () => expect(await newestImportRows()).toBeGreaterThan(500));
  const port = new URL(server.url).port;
  await server.kill('SIGKILL');
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'off', PORT: port });
  const done = await importing.done;
  expect(done.stderr).toContain('The upload was interrupted');
  expect(done.stdout).toContain(
    '15,000 rows: 15,000 actions recorded (500 contacts created), 0 duplicates, 0 rejected.',
  );
});

test('export: a file, standard output, a filter, and what is wrong with it', async () => {
  await run(['import', 'contacts', write('exported.csv', 'email,company\nout@example.com,=Initech\n')]);
  const filter = JSON.stringify({
    attribute: { attribute: 'email', operator: 'EQUALS', value: 'out@example.com' },
  });
  const file = await run(['export', 'contacts', 'out.csv', '--filter', filter]);
  expect(file).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('Written to out.csv') });
  const csv = readFileSync(path.join(folder, 'out.csv'), 'utf8');
  expect(csv.split('\r\n')).toHaveLength(3);
  expect(csv).toContain(",'=Initech,");
  const lines = await run(['export', 'contacts', '--format', 'jsonl', '--filter', filter]);
  expect(JSON.parse(lines.stdout)).toMatchObject({ email: 'out@example.com', company: '=Initech' });
  const faulty = await run(['export', 'contacts', 'no.csv', '--filter', '{"colour":"red"}']);
  expect(faulty).toMatchObject({ code: 1, stderr: expect.stringContaining('"colour" is not defined') });
});

/** Rows done of the import that was made last. */
async function newestImportRows(): Promise<number> {
  const { jobs } = await server.ask<{ jobs: { nodes: { done: number; state: string }[] } }>(
    '{ jobs(kinds: [IMPORT], first: 1) { nodes { done state } } }',
  );
  const [job] = jobs.nodes;
  return job?.state === 'RUNNING' ? job.done : 0;
}
