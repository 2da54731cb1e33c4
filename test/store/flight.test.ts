import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.js';
import { BEGIN, COMMIT, Flight, type FlightStatement, parameterText } from '../../src/store/flight.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const WRITE: FlightStatement = {
  name: 'write_note',
  text: 'INSERT INTO notes VALUES ($1)',
  values: ['kept'],
};
const COUNT: FlightStatement = { name: 'count_notes', text: 'SELECT count(*)::int AS notes FROM notes' };
const FAIL: FlightStatement = { name: 'fail', text: 'SELECT 1 / $1::int AS quotient', values: [0] };

let database: TestDatabase;
let db: Database;
let client: pg.PoolClient;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase({ url: database.url, readsMax: 2, writesMax: 1, applicationName: 'flight-test' });
  await db.dataSource.query('CREATE TABLE notes (text text)');
});

beforeEach(async () => {
  await db.dataSource.query('TRUNCATE notes');
  client = await db.writes.connect();
  return () => client.release();
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

describe('a flight', () => {
  it('answers each of its statements, in their order', async () => {
    for (let round = 0; round < 2; round++) {
      const flight = new Flight();
      flight.add(BEGIN);
      const before = flight.add<{ notes: number }>(COUNT);
      flight.add(WRITE);
      const after = flight.add<{ notes: number }>(COUNT);
      const committed = flight.add(COMMIT);
      await flight.send(client);
      expect([before().rows, after().rows, committed().command]).toEqual([
        [{ notes: round }],
        [{ notes: round + 1 }],
        'COMMIT',
      ]);
    }
  });

  it('plans statements without a name each time, whatever their texts, values and columns', async () => {
    for (const [text, value, row] of [
      [
        'SELECT $1::text[] AS texts',
        ['a"b', 'c\\d', 'e,{f}', null, ''],
        { texts: ['a"b', 'c\\d', 'e,{f}', null, ''] },
      ],
      ['SELECT $1::timestamptz AS at', new Date(1_234), { at: 1_234 }],
      ['SELECT cardinality($1::uuid[]) AS ids', [], { ids: 0 }],
    ] as const) {
      const flight = new Flight();
      const counted = flight.add<{ notes: number }>(COUNT);
      const found = flight.add({ name: '', text, values: [parameterText(value)] });
      const again = flight.add({ name: '', text: 'SELECT 1 AS one' });
      await flight.send(client);
      expect([counted().rows, found().rows, again().rows]).toEqual([[{ notes: 0 }], [row], [{ one: 1 }]]);
    }
    const failing = new Flight();
    failing.add({ name: '', text: 'SELECT nothing_like_it' });
    await expect(failing.send(client)).rejects.toMatchObject({ code: '42703' });
    const next = new Flight();
    const found = next.add({ name: '', text: 'SELECT 2 AS two' });
    await next.send(client);
    expect(found().rows).toEqual([{ two: 2 }]);
  });

  it('sends null as null, and answers several rows of several columns', async () => {
    const flight = new Flight();
    const rows = flight.add<{ text: string | null; number: number }>({
      name: 'pairs',
      text: 'SELECT $1::text AS text, n AS number FROM generate_series(1, $2::int) AS n',
      values: [null, 2],
    });
    await flight.send(client);
    expect(rows().rows).toEqual([
      { text: null, number: 1 },
      { text: null, number: 2 },
    ]);
  });

  it('runs nothing behind a statement that fails, COMMIT included', async () => {
    const flight = new Flight();
    for (const statement of [BEGIN, WRITE, FAIL, WRITE, COMMIT]) flight.add(statement);
    await expect(flight.send(client)).rejects.toMatchObject({ code: '22012' });
    await client.query('ROLLBACK');
    expect((await client.query(COUNT)).rows).toEqual([{ notes: 0 }]);
  });

  it('leaves a connection behind a failure on which all its statements can be sent again, in a flight and alone', async () => {
    const failing = new Flight();
    for (const statement of [WRITE, FAIL, COUNT]) failing.add(statement);
    await expect(failing.send(client)).rejects.toMatchObject({ code: '22012' });
    const again = new Flight();
    again.add(WRITE);
    const quotient = again.add<{ quotient: number }>({ ...FAIL, values: [1] });
    const count = again.add<{ notes: number }>(COUNT);
    await again.send(client);
    expect([quotient().rows, count().rows]).toEqual([[{ quotient: 1 }], [{ notes: 1 }]]);
    expect((await client.query({ ...FAIL, values: [1] })).rows).toEqual([{ quotient: 1 }]);
  });

  it('fails as a whole when the text of one of them is wrong, and the connection goes on', async () => {
    const wrong: FlightStatement = { name: 'wrong', text: 'SELEC 1' };
    const flight = new Flight();
    flight.add(wrong);
    await expect(flight.send(client)).rejects.toMatchObject({ code: '42601' });
    const right = new Flight();
    const one = right.add<{ one: number }>({ ...wrong, text: 'SELECT 1 AS one' });
    await right.send(client);
    expect(one().rows).toEqual([{ one: 1 }]);
  });

  it('tells its sender when the connection breaks', async () => {
    const flight = new Flight();
    flight.add({ name: 'end', text: 'SELECT pg_terminate_backend(pg_backend_pid())' });
    const behind = flight.add(COUNT);
    await expect(flight.send(client)).rejects.toThrow();
    expect(behind).toThrow('the flight with count_notes is not back');
  });
});
