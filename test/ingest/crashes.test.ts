import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/scoring/presets.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit, listChange, profile } from '../support/ingest-kit.js';

/** No batch of this test sends more statements than this. */
const STATEMENTS_MAX = 24;

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  await kit.publish(PRESETS.STARTER('starter', 'Starter'));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

/** The cuts that came about. */
const cuts: { statement: number; moment: Moment; text: string }[] = [];

type Moment = 'before it is sent' | 'after it was answered';

/**
 * Cuts the connection of the next batch once, at its n-th statement. After the answer: the caller of the statement learns
 * of the loss instead of the answer, as when the answer is lost on the way.
 * @returns what undoes it.
 */
function cutConnectionAt(statement: number, moment: Moment): () => void {
  const pool = kit.db.writes;
  const connect = pool.connect.bind(pool);
  let cut = false;
  const cutting = async (): Promise<pg.PoolClient> => {
    const client = await connect();
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    let sent = 0;
    const wrapped = async (...args: unknown[]): Promise<unknown> => {
      const isTheOne = !cut && sent++ === statement;
      if (!isTheOne) return query(...args);
      cut = true;
      const [asked] = args;
      cuts.push({ statement, moment, text: typeof asked === 'string' ? asked : '' });
      if (moment === 'after it was answered') await query(...args).catch(() => undefined);
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    };
    Object.defineProperty(client, 'query', { value: wrapped, configurable: true, writable: true });
    const release = client.release.bind(client);
    client.release = (destroy) => {
      Reflect.deleteProperty(client, 'query');
      release(destroy);
    };
    return client;
  };
  Object.defineProperty(pool, 'connect', { value: cutting, configurable: true });
  return () => Reflect.deleteProperty(pool, 'connect');
}

describe.each<Moment>(['before it is sent', 'after it was answered'])(
  'a connection lost at a statement, %s,',
  (moment) => {
    it.each(Array.from({ length: STATEMENTS_MAX }, (_, index) => index))(
      'number %i of the batch, loses and doubles nothing',
      async (statement) => {
        const name = `${moment === 'before it is sent' ? 'b' : 'a'}${statement}@example.com`;
        const warm = await kit.accept(act(name, 'email_opened'));
        const restore = cutConnectionAt(statement, moment);
        const outcomes = await kit.record(
          act(name, 'email_opened'),
          act(name, 'clicked_link', { key: `key-${name}` }),
          profile(name, { jobTitle: 'CEO' }),
          listChange(name, 'vip', true),
          act(`new-${name}`, 'email_opened'),
        );
        restore();
        expect(outcomes.map((outcome) => outcome.status)).toEqual(Array(5).fill('RECORDED'));
        const entries = await kit.query<{ kind: number }>(
          'SELECT kind FROM timeline WHERE tenant_id = $1 AND contact_id = $2 AND seq > 0 ORDER BY seq',
          warm.contactId,
        );
        // The address that made the contact, the first open, then the batch: each once.
        expect(entries.map((entry) => entry.kind)).toEqual([2, 1, 1, 1, 2, 3]);
        expect(await kit.differencesFromReplay(warm.contactId)).toEqual([]);
        const events = await kit.events(warm.contactId);
        expect(events.map((event) => event.total_after)).toEqual([5, 10, 20, 40]);
        expect(
          outcomes.slice(0, 3).map((outcome) => outcome.status === 'RECORDED' && outcome.position),
        ).toEqual(events.slice(1).map((event) => event.position));
      },
    );
  },
);

it('the cuts reach every statement of the batch, COMMIT included', () => {
  const last = Math.max(...cuts.map((cut) => cut.statement));
  expect(last).toBeGreaterThan(10);
  expect(last).toBeLessThan(STATEMENTS_MAX - 1);
  expect(cuts.filter((cut) => cut.text === 'COMMIT').map((cut) => cut.moment)).toEqual([
    'before it is sent',
    'after it was answered',
  ]);
});
