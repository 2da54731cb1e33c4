import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WakeUps } from '../../src/feed/wake-ups.js';
import { createLog } from '../../src/log.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const log = createLog('silent');
let test: TestDatabase;
let client: pg.Client;
const started: WakeUps[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  client = new pg.Client({ connectionString: test.url });
  await client.connect();
});

afterEach(async () => {
  for (const wakeUps of started.splice(0)) await wakeUps.stop();
});

afterAll(async () => {
  await client?.end();
  await test?.drop();
});

async function start(applicationName: string): Promise<WakeUps> {
  const wakeUps = new WakeUps({ url: test.url, log, applicationName });
  await wakeUps.start();
  started.push(wakeUps);
  return wakeUps;
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

describe('WakeUps', () => {
  it('wakes listeners of its own process at once and of others by notification', async () => {
    const [one, other] = [await start('one'), await start('other')];
    const tenantId = randomUUID();
    const local = vi.fn();
    one.onWake(tenantId, local);
    const remote = woken(other, tenantId);
    one.announce(tenantId);
    expect(local).toHaveBeenCalledTimes(1);
    await remote;
  });

  it('wakes nobody for another tenant, nor after the end of listening', async () => {
    const wakeUps = await start('one');
    const listener = vi.fn();
    const stop = wakeUps.onWake('a', listener);
    wakeUps.announce('b');
    expect(listener).not.toHaveBeenCalled();
    stop();
    stop();
    wakeUps.announce('a');
    expect(listener).not.toHaveBeenCalled();
  });

  it('makes few notifications of many calls', async () => {
    const [one, other] = [await start('one'), await start('other')];
    const tenantId = randomUUID();
    const remote = vi.fn();
    other.onWake(tenantId, remote);
    const lastTenantId = randomUUID();
    for (let call = 0; call < 1_000; call += 1) one.announce(tenantId);
    const last = woken(other, lastTenantId);
    one.announce(lastTenantId);
    await last;
    expect(remote.mock.calls.length).toBeGreaterThan(0);
    expect(remote.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('comes back when its connection is lost, and wakes everybody then', async () => {
    const [one, other] = [await start('lost'), await start('other')];
    const tenantId = randomUUID();
    const back = woken(one, tenantId);
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'`,
    );
    await back;
    const announced = woken(one, tenantId);
    other.announce(tenantId);
    await announced;
  });

  it('starts without a database, and drops what it cannot send', async () => {
    const wakeUps = new WakeUps({ url: 'postgres://127.0.0.1:1/nothing', log });
    started.push(wakeUps);
    await wakeUps.start();
    const listener = vi.fn();
    wakeUps.onWake('a', listener);
    wakeUps.announce('a');
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
