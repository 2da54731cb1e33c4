import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANT_TABLES = ['model_previews', 'rule_results'] as const;

/** Previews that run as jobs, and what the rules of a model give as last counted. */
export class Previews1700000002000 implements MigrationInterface {
  name = 'Previews1700000002000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
    for (const table of TENANT_TABLES) {
      await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await runner.query(
        `CREATE POLICY tenant_isolation ON ${table} USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${TENANT_TABLES.join(', ')}`);
  }
}

const TABLES = [
  // version: the published one that definition is compared with. sample: contacts asked for, null for all. as_of, contacts,
  // until_id: the instant, how many contacts there were then, and the last of them; null before the job begins. tally: what is
  // counted of the contacts up to counted_to (src/preview/preview-tally.ts), JSON like definition.
  `CREATE TABLE model_previews (
    tenant_id uuid NOT NULL,
    job_id uuid NOT NULL,
    model_id uuid NOT NULL,
    version integer NOT NULL,
    definition text NOT NULL,
    sample integer,
    as_of timestamptz,
    contacts integer,
    until_id uuid,
    counted_to uuid,
    tally text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT model_previews_pkey PRIMARY KEY (tenant_id, job_id)
  )`,
  `CREATE INDEX model_previews_created ON model_previews (tenant_id, created_at)`,
  // tally: src/preview/rule-tally.ts, as JSON; null before the first count is over. counting_by, counting_until: who counts anew at
  // present, and until when that is believed.
  `CREATE TABLE rule_results (
    tenant_id uuid NOT NULL,
    model_id uuid NOT NULL,
    version integer,
    as_of timestamptz,
    tally text,
    counting_by uuid,
    counting_until timestamptz,
    CONSTRAINT rule_results_pkey PRIMARY KEY (tenant_id, model_id)
  )`,
];
