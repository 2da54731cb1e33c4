import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import {
  type ConsoleBlock,
  type OperationBlock,
  printAnswer,
  readTour,
  VaryingValues,
} from './documented-tour.js';
import { type ServerProcess, TEST_KEY } from './server-process.js';

const root = path.resolve(import.meta.dirname, '../..');
/** How long a query is asked again until it is answered as documented: a job takes its time. */
const ASK_AGAIN_MS = 15_000;
const ASK_AGAIN_EVERY_MS = 100;
/** What stands in a printed line and differs from run to run. */
const CURSOR = /[\w-]{20,}/;

/** Runs the operations and programs of pages against one server. */
export class TourRunner {
  readonly #server: ServerProcess;
  readonly #shell: TourShell | null;
  #program: Program | undefined;

  /** @param shell runs the commands of pages that are not `node`; none may occur when null. */
  constructor(server: ServerProcess, shell: TourShell | null = null) {
    this.#server = server;
    this.#shell = shell;
  }

  /** The page with what the server answers now in the place of what it was answered. */
  async run(page: string): Promise<string> {
    const values = new VaryingValues();
    let shown = '';
    let readTo = 0;
    for (const block of readTour(page)) {
      const answer =
        block.kind === 'console'
          ? await this.#runConsole(block, values)
          : await this.#runOperation(block, values);
      shown += page.slice(readTo, block.start) + answer;
      readTo = block.end;
    }
    return shown + page.slice(readTo);
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  /** The answer as the page may show it. A query is asked until that is what the page shows, if it shows any, or time is up. */
  async #runOperation(block: OperationBlock, values: VaryingValues): Promise<string> {
    const key = block.keyField === null ? TEST_KEY : values.last(block.keyField);
    const documented = printAnswer(block.documented);
    let shown = '';
    const ask = async () => {
      const answer = await this.#server.request(values.toReal(block.query), {}, key);
      shown = printAnswer(values.toDocumented(answer, block.documented, block.varies));
      if (shown !== documented) throw new Error('not yet as documented');
    };
    const isFinal = block.documented === null || /^\s*mutation/m.test(block.query);
    const timeout = isFinal ? 0 : ASK_AGAIN_MS;
    // What is shown then is compared with the rest of the page.
    await (timeout === 0 ? ask() : vi.waitFor(ask, { timeout, interval: ASK_AGAIN_EVERY_MS })).catch(
      () => undefined,
    );
    return `${shown}\n`;
  }

  /** The lines as the page may show them: cursors and ids are those of the page. */
  async #runConsole(block: ConsoleBlock, values: VaryingValues): Promise<string> {
    const command = block.command && values.toReal(block.command);
    if (command !== null && !command.startsWith('node ')) {
      const lines = (await this.#shell?.run(command)) ?? ['(no commands are run here)'];
      return lines.map((line, index) => documentedLine(line, block.lines[index] ?? '', values)).join('');
    }
    if (command !== null) {
      await this.#program?.stop();
      this.#program = new Program(command, this.#server);
    }
    let shown = '';
    for (const documented of block.lines) {
      shown += documentedLine((await this.#program?.next()) ?? '', documented, values);
    }
    return shown;
  }
}

function documentedLine(real: string, documented: string, values: VaryingValues): string {
  const [ours, theirs] = [CURSOR.exec(documented)?.[0], CURSOR.exec(real)?.[0]];
  return `${ours && theirs ? real.replace(theirs, values.learn(ours, theirs)) : real}\n`;
}

/** Runs commands to their end, in one folder. */
export class TourShell {
  /** @param env of the commands; PATH tells which there are. */
  constructor(
    private readonly folder: string,
    private readonly env: Record<string, string>,
  ) {}

  /** The lines that a command prints, whether it ends well or not. */
  async run(command: string): Promise<string[]> {
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command], {
      cwd: this.folder,
      env: this.env,
    }).catch((error: { stdout: string; stderr: string }) => error);
    const printed = `${stdout}${stderr}`.trimEnd();
    return printed === '' ? [] : printed.split('\n');
  }
}

/** A program that a page starts, and what it prints. */
class Program {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, server: ServerProcess) {
    const args = command.split(' ').slice(1);
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
