import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
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
const cuts: { statement: number; moment: Moment; name: string }[] = [];

type Moment = 'before it is run' | 'after it was run';

/** The parts of a pg connection through which every statement goes. */
interface Wire extends EventEmitter {
  stream: Socket;
  bind(message: { statement: string }): void;
  execute(message: object): void;
  flush(): void;
  _send(message: Buffer): boolean;
}

/**
 * Cuts the connection of the next batch once, at its n-th statement: the server has run all before it, or it as well,
 * and nothing behind it, whatever travels in the same flight. The caller learns of the loss instead of the answer.
 * @returns what undoes it.
 */
function cutConnectionAt(statement: number, moment: Moment): () => void {
  const pool = kit.db.writes;
  const connect = pool.connect.bind(pool);
  let wire: Wire | null = null;
  const cutting = async (): Promise<pg.PoolClient> => {
    const client = await connect();
    if (!wire) {
      wire = (client as unknown as { connection: Wire }).connection;
      cutWireAt(wire, statement, moment);
    }
    return client;
  };
  Object.defineProperty(pool, 'connect', { value: cutting, configurable: true });
  return () => {
    Reflect.deleteProperty(pool, 'connect');
    for (const name of ['bind', 'execute'] as const) if (wire) Reflect.deleteProperty(wire, name);
  };
}

function cutWireAt(wire: Wire, statement: number, moment: Moment): void {
  const { bind, execute } = wire;
  let name = '';
  let sent = 0;
  let answered = 0;
  let isCut = false;
  const breakOff = () => {
    if (isCut && answered === sent) {
      wire.stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    }
  };
  wire.prependListener('commandComplete', () => {
    answered++;
    breakOff();
  });
  wire.bind = (message) => {
    name = message.statement;
    bind.call(wire, message);
  };
  wire.execute = (message) => {
    const isTheOne = !isCut && sent === statement;
    if (!isTheOne || moment === 'after it was run') {
      execute.call(wire, message);
      if (!isCut) sent++;
    }
    if (!isTheOne) return;
    isCut = true;
    cuts.push({ statement, moment, name });
    wire.flush();
    wire._send = () => false;
    setImmediate(breakOff);
  };
}

describe.each<Moment>(['before it is run', 'after it was run'])(
  'a connection lost at a statement, %s,',
  (moment) => {
    it.each(Array.from({ length: STATEMENTS_MAX }, (_, index) => index))(
      'number %i of the batch, loses and doubles nothing',
      async (statement) => {
        const name = `${moment === 'before it is run' ? 'b' : 'a'}${statement}@example.com`;
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
  expect(cuts.filter((cut) => cut.name === 'commit').map((cut) => cut.moment)).toEqual([
    'before it is run',
    'after it was run',
  ]);
});
