import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseTimestamptzMs } from '../../src/store/connection-config.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase({
    url: database.url,
    readsMax: 2,
    writesMax: 1,
    applicationName: 'leadpulse-test',
  });
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

it('a connection that breaks while it is in use, between two statements, does not end the process', async () => {
  const client = await db.reads.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await db.reads.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  await vi.waitFor(async () => {
    const left = await db.reads.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [rows[0]?.pid]);
    expect(left.rowCount).toBe(0);
  });
  await expect(client.query('SELECT 1')).rejects.toThrow();
  client.release(true);
  expect((await db.reads.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

it('instants are read to the millisecond, infinities as null', () => {
  expect(parseTimestamptzMs('2026-01-31 12:34:56.789+00')).toBe(Date.UTC(2026, 0, 31, 12, 34, 56, 789));
  expect(parseTimestamptzMs('1970-01-01 00:00:00+00')).toBe(0);
  expect(parseTimestamptzMs('2026-01-31 12:34:56.7+00')).toBe(Date.UTC(2026, 0, 31, 12, 34, 56, 700));
  expect(parseTimestamptzMs('-infinity')).toBeNull();
});
