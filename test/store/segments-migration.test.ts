import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { createDataSource } from '../../src/store/data-source.js';
import { migrate } from '../../src/store/database.js';
import { createTestDatabase } from '../support/database.js';
import { openTestCluster } from '../support/test-cluster.js';

const OPTIONS = { poolMax: 2, applicationName: 'leadpulse-test' };

it('tenants that were there before get the default segments, and their contacts are found by text', async () => {
  const database = await createTestDatabase();
  const source = await createDataSource(database.url, OPTIONS).initialize();
  const hasSegments = async () =>
    ((await source.query(`SELECT to_regclass('segments') AS found`)) as { found: string | null }[])[0]
      ?.found !== null;
  while (await hasSegments()) await source.undoLastMigration();
  const tenantId = randomUUID();
  await source.transaction(async (manager) => {
    await manager.query('INSERT INTO tenants (id, name) VALUES ($1, $2)', [tenantId, 'Old']);
    await manager.query('INSERT INTO tenant_feeds (tenant_id) VALUES ($1)', [tenantId]);
    await manager.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    await manager.query(
      `INSERT INTO contacts (tenant_id, id, search_text) VALUES ($1, gen_random_uuid(), 'ada lovelace')`,
      [tenantId],
    );
  });
  await source.runMigrations();
  const seen = await source.transaction(async (manager) => {
    await manager.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    const segments: { key: string }[] = await manager.query('SELECT key FROM segments ORDER BY key');
    const found: unknown[] = await manager.query(`SELECT find_contacts_by_text('{lovelase}', 10)`);
    return { keys: segments.map((segment) => segment.key), found: found.length };
  });
  expect(seen).toEqual({ keys: ['cold', 'hot', 'warm'], found: 1 });
  await source.destroy();
  await database.drop();
});

it.skipIf(process.env.TEST_DATABASE_URL)(
  'a role that may not create extensions is told what to run, and goes on once that is done',
  async () => {
    const { adminUrl, serviceUrl } = await openTestCluster(inject('testRun'));
    const name = `test_extensions_${randomUUID().slice(0, 8)}`;
    const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    const role = pg.escapeIdentifier(decodeURIComponent(new URL(serviceUrl).username));
    const admin = new pg.Client({ connectionString: adminUrl });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${name}`);
    const inside = new pg.Client({ connectionString: at(adminUrl) });
    await inside.connect();
    await inside.query(`GRANT CREATE ON SCHEMA public TO ${role}`);
    const fault = await migrate(at(serviceUrl)).catch((error: unknown) => error);
    expect(String(fault)).toContain(
      'The PostgreSQL extension pg_trgm is needed, and the role of DATABASE_URL may not create it',
    );
    const { rows } = await inside.query(`SELECT to_regclass('contacts') AS found`);
    expect(rows).toEqual([{ found: null }]);
    const statements = /run (CREATE .*?;) in this database/.exec(String(fault))?.[1];
    await inside.query(String(statements));
    expect(await migrate(at(serviceUrl))).toContain('Segments1700000006000');
    await inside.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  },
);
