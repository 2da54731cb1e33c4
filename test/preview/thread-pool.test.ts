import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../src/log.js';
import { ThreadPool, type ThreadPoolOptions } from '../../src/preview/thread-pool.js';
import { eventually } from '../support/eventually.js';

const entry = () => pathToFileURL(`${import.meta.dirname}/threads/odd-thread.mjs`);

let pools: ThreadPool[] = [];

afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  pools = [];
});

function openPool(options: Partial<ThreadPoolOptions> = {}): ThreadPool {
  const settings = { databaseUrl: '', applicationName: '' };
  const pool = new ThreadPool({ entry, settings, log: createLog('silent'), ...options });
  pools.push(pool);
  return pool;
}

/** Runs tasks for the odd thread; resolves with its answers as they were handed on. */
async function run(pool: ThreadPool, wishes: string[][], signal?: AbortSignal): Promise<unknown[]> {
  const answers: unknown[] = [];
  // The odd thread looks at the wishes alone.
  const scope = { id: '', tenantId: '', modelId: '', version: 1, revision: 1, active: true };
  const whole = { ...scope, atMs: 0, before: '{}', after: null };
  const asks = wishes.map((contactIds) => ({ scope: whole, contactIds }));
  await pool.run('explain', asks, ([answer], index) => answers.push([index, answer]), signal);
  return answers;
}

const ENDED = { code: 'UNAVAILABLE', message: expect.stringContaining('ended unexpectedly') };

describe('worker threads', () => {
  it('start when there is something to do, two at most, and end when they are idle', async () => {
    const pool = openPool({ idleMs: 50 });
    expect(pool.running).toBe(0);
    await run(pool, Array(20).fill(['answer', 'x']));
    expect(pool.running).toBeGreaterThan(0);
    expect(pool.running).toBeLessThanOrEqual(2);
    await eventually(() => expect(pool.running).toBe(0));
    expect(await run(pool, [['answer', 'again']])).toEqual([[0, 'again']]);
  });

  it('answer in the order of the tasks, whatever the order in which they are done', async () => {
    const wishes = Array.from({ length: 12 }, (_, i) => ['later', `${i}`, `${(i * 7) % 30}`]);
    expect(await run(openPool(), wishes)).toEqual(wishes.map(([, value], i) => [i, value]));
    expect(await run(openPool(), [])).toEqual([]);
  });

  it('take turns among runs: a short one does not wait for the end of a long one', async () => {
    const pool = openPool();
    const ended: string[] = [];
    const long = run(pool, Array(200).fill(['later', 'x', '2'])).then(() => ended.push('long'));
    await run(pool, [['answer', 'x']]).then(() => ended.push('short'));
    await long;
    expect(ended).toEqual(['short', 'long']);
  });
});

describe('a task that goes wrong', () => {
  it('fails its run with its message and code, and the thread goes on', async () => {
    const pool = openPool();
    await expect(run(pool, [['fault', 'the database is shutting down']])).rejects.toMatchObject({
      message: 'the database is shutting down',
      code: '57P01',
    });
    expect(await run(pool, [['answer', 'x']])).toEqual([[0, 'x']]);
  });

  it.each(['exit', 'throw', 'hoard'])(
    'that ends its thread (%s) fails its run, no other, and another thread takes its place',
    async (wish) => {
      const pool = openPool();
      const other = run(pool, Array(50).fill(['later', 'x', '2']));
      await expect(
        run(pool, [
          [wish, 'on purpose'],
          ['answer', 'x'],
        ]),
      ).rejects.toMatchObject(ENDED);
      expect(await other).toHaveLength(50);
      expect(await run(pool, Array(10).fill(['answer', 'x']))).toHaveLength(10);
    },
  );

  it('that takes too long is given up', async () => {
    const pool = openPool({ taskMsMax: 200 });
    await expect(run(pool, [['spin']])).rejects.toMatchObject(ENDED);
    // On a busy machine a fresh thread may need longer than that to begin.
    await eventually(async () => expect(await run(pool, [['answer', 'x']])).toEqual([[0, 'x']]));
  });

  it('because its thread cannot be started is told, and not waited for', async () => {
    const pool = openPool({ entry: () => pathToFileURL(`${import.meta.dirname}/threads/nowhere.mjs`) });
    await expect(run(pool, [['answer', 'x']])).rejects.toMatchObject(ENDED);
  });

  it('because its answer cannot be used fails its run', async () => {
    const pool = openPool();
    const scope = { id: '', tenantId: '', modelId: '', version: 1, revision: 1, active: true };
    const ask = { scope: { ...scope, atMs: 0, before: '{}', after: null }, contactIds: ['answer', 'x'] };
    const take = vi.fn(() => {
      throw new Error('no use for it');
    });
    await expect(pool.run('explain', [ask, ask, ask], take)).rejects.toThrow('no use for it');
    expect(take).toHaveBeenCalledTimes(1);
  });
});

describe('runs', () => {
  it('end when they are aborted, with the reason', async () => {
    const pool = openPool();
    const abort = new AbortController();
    const running = run(pool, Array(1_000).fill(['later', 'x', '5']), abort.signal);
    abort.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect(run(pool, [['answer', 'x']], AbortSignal.abort(new Error('before')))).rejects.toThrow(
      'before',
    );
    expect(await run(pool, [['answer', 'x']])).toEqual([[0, 'x']]);
  });

  it('beyond what is taken on at once are refused, and welcome again later', async () => {
    const pool = openPool();
    const running = Array.from({ length: 16 }, () => run(pool, [['later', 'x', '50']]));
    await expect(run(pool, [['answer', 'x']])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('try again'),
    });
    await Promise.all(running);
    expect(await run(pool, [['answer', 'x']])).toEqual([[0, 'x']]);
  });

  it('are refused when the pool is closed, and those under way are told', async () => {
    const pool = openPool();
    const running = run(pool, Array(1_000).fill(['later', 'x', '5']));
    await Promise.all([expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' }), pool.close()]);
    expect(pool.running).toBe(0);
    await expect(run(pool, [['answer', 'x']])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
