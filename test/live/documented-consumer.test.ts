import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const root = path.resolve(import.meta.dirname, '../..');
const LINES_MAX = 35;

/** A consumer of docs/live.md, and how it is run. */
interface Consumer {
  /** The language of its block, and of its file. */
  language: 'ts' | 'python' | 'sh';
  file: string;
  command: string;
  /** What it says first when the server has gone; null when it says nothing. */
  complaint: RegExp | null;
  protocol: 'ws' | 'http';
}

const CONSUMERS: Consumer[] = [
  { language: 'ts', file: 'consumer.mts', command: process.execPath, complaint: /1012/, protocol: 'ws' },
  { language: 'python', file: 'consumer.py', command: 'python3', complaint: null, protocol: 'http' },
  { language: 'sh', file: 'consumer.sh', command: 'sh', complaint: null, protocol: 'http' },
];

let test: TestDatabase;
let folder: string;

beforeAll(async () => {
  test = await createTestDatabase();
  // Outside node_modules, where Node would not take TypeScript, and yet with the packages of the checkout.
  folder = await mkdtemp(path.join(tmpdir(), 'consumer-'));
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await test?.drop();
});

/** Whether the machine has what a consumer needs. */
function canRun({ language, command }: Consumer): boolean {
  const tried = language === 'sh' ? ['-c', 'curl --version'] : ['--version'];
  return spawnSync(command, tried).status === 0;
}

async function blockOf(language: string): Promise<string> {
  const page = await readFile(path.join(root, 'docs', 'live.md'), 'utf8');
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\`\`\``).exec(page)?.[1] ?? '';
}

/** Totals from a consumer's output, one by one, whatever else it prints. */
function totalsOf(child: ChildProcess): (count: number) => Promise<(string | undefined)[]> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async (count) => {
    const totals: (string | undefined)[] = [];
    while (totals.length < count) {
      const line = String((await lines.next()).value);
      totals.push(...[...line.matchAll(/(?:^[0-9a-f-]{36} |"totalAfter":)(\d+)/g)].map(([, total]) => total));
    }
    return totals;
  };
}

describe.each(CONSUMERS)('the consumer in docs/live.md in $language', (consumer) => {
  const runs = canRun(consumer);
  if (!runs) console.warn(`${consumer.file} of docs/live.md is not run: this machine lacks what it needs`);

  it.skipIf(!runs)('goes on after a restart of the server where it was', async () => {
    const code = await blockOf(consumer.language);
    expect(code.split('\n').length).toBeLessThan(LINES_MAX);
    const file = path.join(folder, consumer.file);
    await writeFile(file, code);
    const first = await LiveTestServer.start(test.url);
    const servers = [first];
    const world = await LiveWorld.create(first);
    await world.changes({ totalAfter: 31 }, { totalBefore: 31, totalAfter: 32 }, { totalAfter: 33 });
    // The script keeps its cursor in a file.
    await writeFile(path.join(folder, 'cursor'), world.cursor(0n));
    const child = spawn(consumer.command, [file, world.cursor(0n)], {
      cwd: folder,
      env: {
        ...process.env,
        LEADPULSE_URL: consumer.protocol === 'ws' ? first.url : first.httpUrl,
        LEADPULSE_KEY: world.tenant.apiKey,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A script's curl is to end with it.
      detached: true,
    });
    const next = totalsOf(child);
    const complaints = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
    try {
      expect(await next(2)).toEqual(['31', '33']);
      await world.changes({ totalAfter: 41 });
      expect(await next(1)).toEqual(['41']);
      const { port } = first;
      await servers.pop()?.stop();
      if (consumer.complaint) expect((await complaints.next()).value).toMatch(consumer.complaint);
      const second = await LiveTestServer.start(test.url, { port });
      servers.push(second);
      const again = LiveWorld.at(second, world);
      await again.changes({ totalAfter: 42 });
      expect(await next(1)).toEqual(['42']);
    } finally {
      process.kill(-child.pid!, 'SIGKILL');
      await once(child, 'exit');
      for (const server of servers) await server.stop();
    }
  });
});

it('the consumer in TypeScript is sound in its types', async () => {
  const file = path.join(folder, 'typed.mts');
  await writeFile(file, await blockOf('ts'));
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--module', 'nodenext'];
  const { stdout, status } = spawnSync(
    process.execPath,
    [tsc, ...flags, '--types', 'node', '--ignoreConfig', file],
    { cwd: folder, encoding: 'utf8' },
  );
  expect([status, stdout]).toEqual([0, '']);
});
