import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Two ways of picking leads, tried on two random halves of the contacts. */
export class Experiments1700000010000 implements MigrationInterface {
  name = 'Experiments1700000010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EXPERIMENTS);
    await runner.query('CREATE UNIQUE INDEX experiments_key ON experiments (tenant_id, key)');
    await runner.query('ALTER TABLE experiments ENABLE ROW LEVEL SECURITY');
    await runner.query('ALTER TABLE experiments FORCE ROW LEVEL SECURITY');
    await runner.query(
      `CREATE POLICY tenant_isolation ON experiments USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE experiments');
  }
}

/** arms: [{key, name, modelId, threshold}], two of them. share: of the contacts that are in the second one. */
const EXPERIMENTS = `CREATE TABLE experiments (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  key text NOT NULL,
  name text NOT NULL,
  arms jsonb NOT NULL,
  share double precision NOT NULL,
  expected_rate double precision NOT NULL,
  lift_to_detect double precision NOT NULL,
  created_by text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT experiments_pkey PRIMARY KEY (tenant_id, id)
)`;
