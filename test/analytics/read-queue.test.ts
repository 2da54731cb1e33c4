import { afterEach, expect, test, vi } from 'vitest';
import { ReadQueue, type ReadQueueLimits } from '../../src/analytics/scope/read-queue.js';

const LIMITS: ReadQueueLimits = { atOnceMax: 2, waitingMax: 6, waitingPerTenantMax: 4, waitMsMax: 60_000 };

afterEach(() => {
  vi.useRealTimers();
});

/** Work that is done when it is told to. */
function workOf(queue: ReadQueue) {
  const started: string[] = [];
  const endings = new Map<string, () => void>();
  const run = (tenantId: string, name: string) =>
    queue.run(tenantId, () => {
      started.push(name);
      return new Promise<string>((resolve) => endings.set(name, () => resolve(name)));
    });
  const end = async (name: string) => {
    endings.get(name)?.();
    await new Promise(setImmediate);
  };
  return { started, run, end };
}

test('two run at a time, and tenants take turns whatever each has waiting', async () => {
  const { started, run, end } = workOf(new ReadQueue(LIMITS));
  const all = ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2'].map((name) => run(name.charAt(0), name));
  expect(started).toEqual(['a1', 'a2']);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'a5']) await end(name);
  expect(started).toEqual(['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'a5']);
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2']);
});

test('a tenant with too much waiting is told so, and another one still has room', async () => {
  const { run, end } = workOf(new ReadQueue(LIMITS));
  const own = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map((name) => run('a', name));
  await expect(run('a', 'a7')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  const others = ['b1', 'b2'].map((name) => run('b', name));
  await expect(run('c', 'c1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  for (const name of ['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'a5', 'a6']) await end(name);
  await Promise.all([...own, ...others]);
});

test('who waits too long is told to come again, and those behind are not held up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { started, run, end } = workOf(new ReadQueue({ ...LIMITS, atOnceMax: 1 }));
  const first = run('a', 'a1');
  const second = run('a', 'a2');
  vi.advanceTimersByTime(LIMITS.waitMsMax);
  await expect(second).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const third = run('a', 'a3');
  await end('a1');
  await end('a3');
  expect([await first, await third, ...started]).toEqual(['a1', 'a3', 'a1', 'a3']);
});

test('work that fails gives its place to the next', async () => {
  const queue = new ReadQueue({ ...LIMITS, atOnceMax: 1 });
  const failing = queue.run('a', () => Promise.reject(new Error('broken')));
  const next = queue.run('a', () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('done');
  expect(await queue.run('a', () => Promise.resolve('again'))).toBe('again');
});
