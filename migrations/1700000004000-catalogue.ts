import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANT_TABLES = ['action_types', 'action_type_uses', 'contact_attribute_counts'] as const;
const TENANTS_PER_PAGE = 500;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * What the data of a tenant is made of: action types, counted by the batches that write them, and attributes, counted from
 * time to time. Existing timelines are counted here, so no older server may record meanwhile.
 */
export class Catalogue1700000004000 implements MigrationInterface {
  name = 'Catalogue1700000004000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
    for (const table of TENANT_TABLES) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY tenant_isolation ON ${table} USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))`,
      );
    }
    await countTimelines(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TENANT_TABLES.join(', ')}`);
  }
}

/** Tenant by tenant: row-level security lets the rows of one through. */
async function countTimelines(runner: QueryRunner): Promise<void> {
  let after = FIRST_ID;
  for (;;) {
    const tenants: { id: string }[] = await runner.query(
      `SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT ${TENANTS_PER_PAGE}`,
      [after],
    );
    for (const { id } of tenants) {
      await runner.query(`SELECT set_config('app.tenant', $1, false)`, [id]);
      await runner.query(COUNT_TIMELINE, [id]);
      after = id;
    }
    if (tenants.length < TENANTS_PER_PAGE) break;
  }
  await runner.query(`SELECT set_config('app.tenant', '', false)`);
}

const TABLES = [
  // properties: [{name, kinds, samples}], see src/store/uses/property-use.ts. Rewritten by every fold, so pages keep room.
  `CREATE TABLE action_types (
    tenant_id uuid NOT NULL,
    type text NOT NULL,
    count bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    properties jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT action_types_pkey PRIMARY KEY (tenant_id, type)
  ) WITH (fillfactor = 60)`,
  // Appended by batches, a row for each type in one; folded into action_types and deleted. seq: the recording number of the
  // first action. count: negative for actions that were taken back. properties: null when there are none that are new.
  `CREATE TABLE action_type_uses (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    type text NOT NULL,
    count integer NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    properties jsonb,
    CONSTRAINT action_type_uses_pkey PRIMARY KEY (tenant_id, seq)
  )`,
  // attributes: [{attribute, kind, filled, sampled, samples}], see src/catalogue/attribute-count.ts; null before the first count.
  // complete: false when there are more attributes than are kept. leased_until: a process is counting.
  `CREATE TABLE contact_attribute_counts (
    tenant_id uuid NOT NULL CONSTRAINT contact_attribute_counts_pkey PRIMARY KEY,
    counted_at timestamptz,
    contacts bigint NOT NULL DEFAULT 0,
    complete boolean NOT NULL DEFAULT false,
    attributes jsonb,
    leased_until timestamptz
  )`,
];

/**
 * One pass over a timeline. Properties come from 16 actions of a type, by their place in the order of recording and of bodies;
 * more are learned from the next actions of the type. What looks like an email address is no sample.
 */
const COUNT_TIMELINE = `WITH parts AS MATERIALIZED (
    SELECT type, count(*) AS count, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
      min(body COLLATE "C") AS first_body, max(body COLLATE "C") AS last_body
    FROM timeline WHERE tenant_id = $1 AND kind = 1 GROUP BY type, seq % 8),
  bodies AS (SELECT type, first_body AS body FROM parts UNION SELECT type, last_body FROM parts),
  held AS (
    SELECT DISTINCT b.type, e.key AS name, e.value,
      CASE jsonb_typeof(e.value) WHEN 'string' THEN 'TEXT' WHEN 'number' THEN 'NUMBER' WHEN 'boolean' THEN 'BOOLEAN'
        WHEN 'array' THEN 'LIST' ELSE 'OTHER' END AS kind
    FROM bodies b, jsonb_each(b.body::jsonb) AS e
    WHERE b.body IS NOT NULL AND length(e.key) <= 256 AND jsonb_typeof(e.value) <> 'null'),
  samples AS (
    SELECT type, name, kind, value, row_number() OVER (PARTITION BY type, name ORDER BY value) AS nth
    FROM held WHERE kind IN ('TEXT', 'NUMBER', 'BOOLEAN') AND length(value #>> '{}') BETWEEN 1 AND 64
      AND value #>> '{}' !~ '[^[:space:]@](@|%40)[^[:space:]@]'),
  properties AS (
    SELECT h.type, h.name, jsonb_agg(DISTINCT h.kind) AS kinds,
      coalesce((SELECT jsonb_agg(s.value ORDER BY s.nth) FROM samples s
        WHERE s.type = h.type AND s.name = h.name AND s.nth <= 8), '[]') AS samples,
      row_number() OVER (PARTITION BY h.type ORDER BY h.name) AS nth
    FROM held h GROUP BY h.type, h.name),
  documents AS (
    SELECT type, jsonb_agg(jsonb_build_object('name', name, 'kinds', kinds, 'samples', samples) ORDER BY nth) AS properties
    FROM properties WHERE nth <= 50 GROUP BY type)
  INSERT INTO action_types (tenant_id, type, count, first_at, last_at, properties)
  SELECT $1, p.type, sum(p.count)::bigint, min(p.first_at), max(p.last_at),
    coalesce((SELECT d.properties FROM documents d WHERE d.type = p.type), '[]')
  FROM parts p GROUP BY p.type`;
