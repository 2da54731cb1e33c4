import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/scoring/presets.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, listChange, profile } from '../support/ingest-kit.js';
import { IdentityKit } from './identity-kit.js';

/** No rewriting of this test takes more round trips than this. */
const TRIPS_MAX = 40;

let database: TestDatabase;
let kit: IdentityKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IdentityKit.open(database.url);
  await kit.ingest.publish(PRESETS.STARTER('starter', 'Starter'));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

/** Breaks the connection of the next rewriting off right before its n-th round trip. @returns what undoes it, and whether it came to that. */
function breakOffBefore(trip: number): { restore(): void; isBroken(): boolean } {
  const pool = kit.ingest.db.writes;
  const connect = pool.connect.bind(pool);
  let broken = false;
  let restoreQuery = () => {};
  const breaking = async (): Promise<pg.PoolClient> => {
    const client = await connect();
    const { query } = client;
    let trips = 0;
    const counting = (...args: unknown[]) => {
      if (trips++ === trip) {
        broken = true;
        const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
        stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      }
      return Reflect.apply(query, client, args) as unknown;
    };
    Object.assign(client, { query: counting });
    restoreQuery = () => Object.assign(client, { query });
    return client;
  };
  Object.defineProperty(pool, 'connect', { value: breaking, configurable: true });
  const restore = () => {
    Reflect.deleteProperty(pool, 'connect');
    restoreQuery();
  };
  return { restore, isBroken: () => broken };
}

/** Everything that is stored of a tenant's contacts. */
async function everything(): Promise<unknown> {
  const tables = ['contacts', 'timeline', 'contact_identities', 'contact_merges', 'timeline_corrections'];
  tables.push(
    'list_members',
    'contact_scores',
    'score_events',
    'tenant_feeds',
    'erased_contacts',
    'action_type_uses',
  );
  const rows = await Promise.all(
    tables.map((table) =>
      kit.ingest.query<{ row: string }>(
        `SELECT t::text AS row FROM ${table} t WHERE tenant_id = $1 ORDER BY t::text`,
      ),
    ),
  );
  return rows.map((found, nth) => [tables[nth], found.map(({ row }) => row)]);
}

interface Pair {
  one: string;
  two: string;
  entryId: string;
}

async function pair(): Promise<Pair> {
  const [first, second] = [`${randomUUID()}@example.com`, `${randomUUID()}@example.com`];
  const one = await kit.record(act(first, 'email_opened'));
  const two = await kit.record(profile(second, { jobTitle: 'CEO' }));
  await kit.record(listChange(second, 'vip', true));
  const { entryId } = await kit.ingest.accept(act(second, 'clicked_link'));
  return { one, two, entryId };
}

const REWRITINGS: Record<string, (pair: Pair) => Promise<unknown>> = {
  'a merge': ({ one, two }) => kit.merge(one, two),
  'the undoing of a merge': ({ two }) => kit.unmerge({ fromId: two }),
  'a retraction': ({ two, entryId }) =>
    kit.identity.retract(kit.request(), { contactId: two, entryId, reason: null }),
  'an erasure': ({ two }) =>
    kit.identity.erase(kit.request(), { contactId: two, reason: null, remember: true }),
};

describe.each(Object.keys(REWRITINGS))('%s', (name) => {
  it('that loses its connection between any two statements changes nothing, and can be done again', async () => {
    const rewrite = REWRITINGS[name];
    if (!rewrite) throw new Error('unknown');
    const subject = await pair();
    if (name === 'the undoing of a merge') await kit.merge(subject.one, subject.two);
    const before = await everything();
    let trip = 0;
    for (; trip < TRIPS_MAX; trip++) {
      const { restore, isBroken } = breakOffBefore(trip);
      const failed = await rewrite(subject).then(
        () => null,
        (error: unknown) => error,
      );
      restore();
      if (!isBroken()) {
        expect(failed).toBeNull();
        break;
      }
      expect(failed, `before trip ${trip}`).toMatchObject({ code: 'UNAVAILABLE' });
      expect(await everything()).toEqual(before);
    }
    expect(trip).toBeGreaterThan(5);
    expect(trip).toBeLessThan(TRIPS_MAX);
    expect(await everything()).not.toEqual(before);
  });
});
