import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { LiveTestServer } from '../support/live-server.js';
import { LiveWorld } from '../support/live-world.js';

const root = path.resolve(import.meta.dirname, '../..');
let test: TestDatabase;
let folder: string;

beforeAll(async () => {
  test = await createTestDatabase();
  // Inside the checkout, where the consumer finds its packages.
  const cache = path.join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(path.join(cache, 'consumer-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await test?.drop();
});

describe('the consumer in docs/live.md', () => {
  it('goes on after a restart of the server where it was', async () => {
    const [, code] =
      /```js\n([\s\S]+?)```/.exec(await readFile(path.join(root, 'docs', 'live.md'), 'utf8')) ?? [];
    const file = path.join(folder, 'consumer.mjs');
    await writeFile(file, code ?? '');
    const first = await LiveTestServer.start(test.url);
    const servers = [first];
    const world = await LiveWorld.create(first);
    await world.changes({ totalAfter: 31 }, { totalBefore: 31, totalAfter: 32 }, { totalAfter: 33 });
    const consumer = spawn(process.execPath, [file, world.cursor(0n)], {
      env: { ...process.env, LEADPULSE_URL: first.url, LEADPULSE_KEY: world.tenant.apiKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines = createInterface({ input: consumer.stdout })[Symbol.asyncIterator]();
    const complaints = createInterface({ input: consumer.stderr })[Symbol.asyncIterator]();
    const next = async (count: number) => {
      const totals: (string | undefined)[] = [];
      while (totals.length < count) totals.push(String((await lines.next()).value).split(' ')[1]);
      return totals;
    };
    try {
      expect(await next(2)).toEqual(['31', '33']);
      await world.changes({ totalAfter: 41 });
      expect(await next(1)).toEqual(['41']);
      const { port } = first;
      await servers.pop()?.stop();
      expect((await complaints.next()).value).toContain('1012');
      const second = await LiveTestServer.start(test.url, { port });
      servers.push(second);
      const again = LiveWorld.at(second, world);
      await again.changes({ totalAfter: 42 });
      expect(await next(1)).toEqual(['42']);
    } finally {
      for (const server of servers) await server.stop();
      consumer.kill();
      await once(consumer, 'exit');
    }
  });
});
