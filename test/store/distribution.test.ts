import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

/** What docs/scaling.md says of the schema, for those who distribute it by tenant. */
describe('the schema', () => {
  it('has a tenant_id at the head of every unique key; what belongs to no tenant is named here', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT i.indexrelid::regclass::text AS name FROM pg_index i
       JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
       LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
       WHERE i.indisunique AND t.relname <> 'migrations' AND a.attname IS DISTINCT FROM 'tenant_id' ORDER BY name`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['api_keys_key_hash', 'installation_pkey', 'tenants_pkey']);
  });

  it('has no foreign keys', async () => {
    const { rows } = await client.query(`SELECT conname FROM pg_constraint WHERE contype = 'f'`);
    expect(rows).toEqual([]);
  });

  it('has triggers on four tables only', async () => {
    const { rows } = await client.query<{ name: string }>(
      'SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger WHERE NOT tgisinternal ORDER BY name',
    );
    expect(rows.map(({ name }) => name)).toEqual(['contact_scores', 'contacts', 'list_members', 'timeline']);
  });

  it('has three sequences: the order of recording, and numbers that order nothing', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
         AND relname NOT LIKE 'migrations%' ORDER BY name`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'fact_touches_id_seq',
      'recording_batches',
      'segment_touches_id_seq',
    ]);
  });
});
