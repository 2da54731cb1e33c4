import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from './database.js';

test('every database is migrated, and separate from the others', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const client = new pg.Client(one.url);
  await client.connect();
  const { rows } = await client.query(
    `select current_database() as name, to_regclass('contacts')::text as contacts`,
  );
  await client.end();
  expect(rows).toEqual([{ name: one.name, contacts: 'contacts' }]);
  expect(other.name).not.toBe(one.name);
  await Promise.all([one.drop(), other.drop()]);
});

test('a connection that was left open fails the file, and is named', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url, application_name: 'forgotten' });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('select 1');
  await expect(database.drop()).rejects.toThrow(
    /1 database connections open:\nforgotten: idle, last statement: select 1/,
  );
});
