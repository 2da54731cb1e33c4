import { afterAll, beforeAll, expect, it } from 'vitest';
import { IN_ORDER, readWithin } from '../../src/contacts/read-within.js';
import { type Database, openDatabase } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let server: TestDatabase;
let db: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  db = await openDatabase({ url: server.url, readsMax: 1, writesMax: 1, applicationName: 'within-test' });
});

afterAll(async () => {
  await db.close();
  await server.drop();
});

it('gives a statement up that takes too long, and leaves the connection as it was', async () => {
  const client = await db.reads.connect();
  try {
    const settings = async () =>
      (
        await client.query(
          `SELECT current_setting('statement_timeout') AS timeout, current_setting('enable_sort') AS sort`,
        )
      ).rows[0];
    const before = await settings();
    const slow = { name: '', text: 'SELECT pg_sleep(60)' };
    expect(await readWithin(client, slow, 50, IN_ORDER)).toBeNull();
    expect(await settings()).toEqual(before);
    const inside = `SELECT current_setting('statement_timeout') AS timeout, current_setting('enable_sort') AS sort`;
    expect(await readWithin(client, { name: '', text: inside }, 5_000, IN_ORDER)).toEqual([
      { timeout: '5s', sort: 'off' },
    ]);
    expect(await settings()).toEqual(before);
    const wrong = { name: '', text: 'SELECT 1 / 0' };
    await expect(readWithin(client, wrong, 5_000, [])).rejects.toMatchObject({ code: '22012' });
    expect(await settings()).toEqual(before);
  } finally {
    client.release();
  }
});
