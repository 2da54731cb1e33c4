import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { FeedReader } from '../../src/feed/feed-reader.js';
import { WakeUps } from '../../src/feed/wake-ups.js';
import { createLog } from '../../src/log.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { createTenant, someChanges, writeChanges } from '../support/feed-writer.js';
import { RedisServer, redisBinary } from '../support/redis-server.js';

const never = new AbortController().signal;
/** What arrives in these tests was announced, and not found by looking. */
const NO_POLL_MS = 3_600_000;

let test: TestDatabase;
let db: Database;
const open: { close(): unknown }[] = [];
let logLines: string[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  db = await openDatabase({ url: test.url, readsMax: 4, writesMax: 2, applicationName: 'bus-test' });
});

afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
  logLines = [];
});

afterAll(async () => {
  await db?.close();
  await test?.drop();
});

/** The wake-ups of one process. */
async function startWakeUps(url: string, installationId = db.installationId): Promise<WakeUps> {
  const log = createLog('debug', { write: (line: string) => void logLines.push(line) });
  const wakeUps = new WakeUps({ url: test.url, log, bus: { url, installationId } });
  open.push({ close: () => wakeUps.stop() });
  await wakeUps.start();
  return wakeUps;
}

/** The feed of one process. */
async function startProcess(url: string): Promise<{ feed: FeedReader; wakeUps: WakeUps }> {
  const wakeUps = await startWakeUps(url);
  const feed = new FeedReader({ db, wakeUps, log: createLog('silent'), limits: { pollMs: NO_POLL_MS } });
  open.push(feed);
  return { feed, wakeUps };
}

async function startRedis(password?: string): Promise<RedisServer> {
  const redis = await RedisServer.start(password);
  open.push({ close: () => redis.kill() });
  return redis;
}

/** Resolves at the next wake-up of the tenant. */
function woken(wakeUps: WakeUps, tenantId: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = wakeUps.onWake(tenantId, () => {
      stop();
      resolve();
    });
  });
}

describe.skipIf(redisBinary === null)(
  'a bus (skipped without redis-server or valkey-server on the PATH)',
  () => {
    it('tells a subscriber of one process what another one wrote, also after it was killed and came back', async () => {
      const redis = await startRedis();
      const [writer, reader] = [await startProcess(redis.url), await startProcess(redis.url)];
      const tenantId = await createTenant(db);
      const subscriber = await reader.feed.subscribe(tenantId, null);
      open.push(subscriber);
      const write = async (count: number) => {
        await writeChanges(db, tenantId, someChanges(count));
        writer.wakeUps.announce(tenantId);
      };
      const pull = async () =>
        (await subscriber.pull(10, Number.POSITIVE_INFINITY, never)).records.map(({ position }) => position);
      await write(2);
      expect(await pull()).toEqual([1n, 2n]);
      await redis.kill();
      await eventually(() => expect([writer.wakeUps.bus, reader.wakeUps.bus]).toEqual(['away', 'away']));
      await write(1);
      await redis.startAgain();
      // What was missed is found when the bus is back.
      expect(await pull()).toEqual([3n]);
      await eventually(() =>
        expect([writer.wakeUps.bus, reader.wakeUps.bus]).toEqual(['connected', 'connected']),
      );
      await write(1);
      expect(await pull()).toEqual([4n]);
      const said = logLines.map((line) => JSON.parse(line));
      expect(said.filter(({ level }) => level === 'warn')).toHaveLength(2);
      expect(said.filter(({ msg }) => msg === 'wake-ups come from the bus again')).toHaveLength(2);
    });

    it('wakes its own listeners at once, and takes nothing from the database', async () => {
      const redis = await startRedis();
      const wakeUps = await startWakeUps(redis.url);
      const local = vi.fn();
      wakeUps.onWake('a', local);
      wakeUps.announce('a');
      expect(local).toHaveBeenCalledTimes(1);
      const { rows } = await db.reads.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'leadpulse-wake-ups'`,
      );
      expect(rows).toEqual([]);
    });

    it('makes few messages of many calls', async () => {
      const redis = await startRedis();
      const [one, other] = [await startWakeUps(redis.url), await startWakeUps(redis.url)];
      const remote = vi.fn();
      other.onWake('a', remote);
      for (let call = 0; call < 1_000; call += 1) one.announce('a');
      const last = woken(other, 'b');
      one.announce('b');
      await last;
      expect(remote.mock.calls.length).toBeGreaterThan(0);
      expect(remote.mock.calls.length).toBeLessThanOrEqual(2);
    });

    it('may be shared by installations, whatever database number they name: none hears the other', async () => {
      const redis = await startRedis();
      const mine = await startWakeUps(`${redis.url}/0`);
      const foreignId = randomUUID();
      const foreign = await startWakeUps(`${redis.url}/0`, foreignId);
      const itsSibling = await startWakeUps(`${redis.url}/0`, foreignId);
      const sibling = await startWakeUps(`${redis.url}/1`);
      const heard = vi.fn();
      mine.onWake('a', heard);
      const passed = woken(itsSibling, 'a');
      foreign.announce('a');
      await passed;
      const marker = woken(mine, 'b');
      sibling.announce('b');
      await marker;
      expect(heard).not.toHaveBeenCalled();
    });

    it('with a password is used with the right one; the wrong one leaves it away, and neither is logged', async () => {
      const redis = await startRedis('right-secret');
      expect((await startWakeUps(redis.url)).bus).toBe('connected');
      const refused = await startWakeUps(redis.url.replace('right-secret', 'wrong-secret'));
      expect(refused.bus).toBe('away');
      expect(logLines.join('')).toContain('WRONGPASS');
      expect(logLines.join('')).not.toMatch(/right-secret|wrong-secret/);
    });

    it('that hangs counts as away after a while, and keeps nobody waiting', async () => {
      const redis = await startRedis();
      const [one, other] = [await startWakeUps(redis.url), await startWakeUps(redis.url)];
      redis.signal('SIGSTOP');
      const local = vi.fn();
      one.onWake('a', local);
      one.announce('a');
      expect(local).toHaveBeenCalledTimes(1);
      await eventually(() => expect(one.bus).toBe('away'));
      redis.signal('SIGCONT');
      await eventually(() => expect(one.bus).toBe('connected'));
      const heard = woken(other, 'b');
      one.announce('b');
      await heard;
    });

    it('that may not be listened to counts as away', async () => {
      const redis = await startRedis('admin-secret');
      const admin = await import('@redis/client').then(({ createClient }) =>
        createClient({ url: redis.url }),
      );
      await admin.connect();
      await admin.sendCommand(['ACL', 'SETUSER', 'deaf', 'on', '>deaf-secret', '+@all', 'resetchannels']);
      await admin.close();
      const wakeUps = await startWakeUps(redis.url.replace(':admin-secret', 'deaf:deaf-secret'));
      expect(wakeUps.bus).toBe('away');
    });
  },
);

describe('a bus that is not there', () => {
  it('keeps nobody from starting, announcing and stopping', async () => {
    const wakeUps = await startWakeUps('redis://:hidden-secret@127.0.0.1:1');
    const listener = vi.fn();
    wakeUps.onWake('a', listener);
    wakeUps.announce('a');
    expect(listener).toHaveBeenCalledTimes(1);
    expect(wakeUps.bus).toBe('away');
    expect(logLines.join('')).toContain('no wake-ups from the bus; polling until they are back');
    expect(logLines.join('')).not.toContain('hidden-secret');
  });
});
