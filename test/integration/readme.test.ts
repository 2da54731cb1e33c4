import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  type ConsoleBlock,
  type OperationBlock,
  printAnswer,
  readTour,
  VaryingValues,
} from '../support/documented-tour.js';
import { ServerProcess, TEST_KEY } from '../support/server-process.js';

const root = path.resolve(import.meta.dirname, '../..');
/** How long a query is asked again until it is answered as documented: a job takes its time. */
const ASK_AGAIN_MS = 15_000;
const ASK_AGAIN_EVERY_MS = 100;
/** What begins a printed line and differs from run to run. */
const CURSOR = /[\w-]{20,}/;

let database: TestDatabase;
let server: ServerProcess;
let program: Program | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await ServerProcess.start({ DATABASE_URL: database.url, SAMPLE_DATA: 'on' });
});

afterAll(async () => {
  await program?.stop();
  await server?.kill();
  await database?.drop();
});

/** A program that a page starts, and what it prints. */
class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string) {
    const [name, ...args] = command.split(' ');
    if (name !== 'node') throw new Error(`Only node can be started here, not '${name}'.`);
    const env = { ...process.env, LEADPULSE_WS: server.webSocketUrl, LEADPULSE_API_KEY: TEST_KEY };
    this.#child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error('The program has no output.');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    const { value, done } = await this.#lines.next();
    return done ? '(the program has ended)' : value;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    if (this.#child.exitCode === null && this.#child.kill()) await gone;
  }
}

/** The answer as the page may show it. A query is asked until that is what the page shows, or time is up. */
async function runOperation(block: OperationBlock, values: VaryingValues): Promise<string> {
  const key = block.keyField === null ? TEST_KEY : values.last(block.keyField);
  const documented = printAnswer(block.documented);
  let shown = '';
  const ask = async () => {
    const answer = await server.request(values.toReal(block.query), {}, key);
    shown = printAnswer(values.toDocumented(answer, block.documented, block.varies));
    if (shown !== documented) throw new Error('not yet as documented');
  };
  const timeout = /^\s*mutation/m.test(block.query) ? 0 : ASK_AGAIN_MS;
  // What is shown then is compared with the rest of the page.
  await (timeout === 0 ? ask() : vi.waitFor(ask, { timeout, interval: ASK_AGAIN_EVERY_MS })).catch(
    () => undefined,
  );
  return `${shown}\n`;
}

/** The lines as the page may show them: cursors are those of the page. */
async function runConsole(block: ConsoleBlock, values: VaryingValues): Promise<string> {
  if (block.command !== null) {
    await program?.stop();
    program = new Program(values.toReal(block.command));
  }
  let shown = '';
  for (const documented of block.lines) {
    const real = (await program?.next()) ?? '';
    const [ours, theirs] = [CURSOR.exec(documented)?.[0], CURSOR.exec(real)?.[0]];
    shown += `${ours && theirs ? real.replace(theirs, values.learn(ours, theirs)) : real}\n`;
  }
  return shown;
}

// On one server, in this order: the second page goes on where a reader of the first has come to.
it.each(['README.md', 'docs/feed-and-history.md'])(
  '%s shows what the server answers (npx vitest run test/integration/readme.test.ts --update writes it anew)',
  async (name) => {
    const page = readFileSync(path.join(root, name), 'utf8');
    const values = new VaryingValues();
    let shown = '';
    let readTo = 0;
    for (const block of readTour(page)) {
      const answer =
        block.kind === 'console' ? await runConsole(block, values) : await runOperation(block, values);
      shown += page.slice(readTo, block.start) + answer;
      readTo = block.end;
    }
    shown += page.slice(readTo);
    await expect(shown).toMatchFileSnapshot(path.join(root, name));
  },
);
