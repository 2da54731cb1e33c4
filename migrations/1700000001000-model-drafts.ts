import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANT_TABLES = ['scoring_model_drafts', 'model_changes'] as const;

/** Edits of models that are not published yet, and the log of every change of a model. */
export class ModelDrafts1700000001000 implements MigrationInterface {
  name = 'ModelDrafts1700000001000';

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

// json and not jsonb: both are only ever read as a whole, and a text that a later change of the same draft replaced may hold
// what jsonb refuses (NUL).
const TABLES = [
  // changes: in order, applied to base_version. Without changes there is no draft: the row stays, so that a revision is never
  // used twice.
  `CREATE TABLE scoring_model_drafts (
    tenant_id uuid NOT NULL,
    model_id uuid NOT NULL,
    base_version integer NOT NULL,
    revision integer NOT NULL,
    changes json NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT scoring_model_drafts_pkey PRIMARY KEY (tenant_id, model_id)
  )`,
  // kind: see src/models/model-change-row.ts. version: the one that was published. diff: null when the definition stayed or is new;
  // without the single fields when it would be too large (diff_complete is false then).
  `CREATE TABLE model_changes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    model_id uuid NOT NULL,
    kind text NOT NULL,
    version integer,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    message text,
    diff json,
    diff_complete boolean NOT NULL DEFAULT true,
    CONSTRAINT model_changes_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE INDEX model_changes_model ON model_changes (tenant_id, model_id, id)`,
];
