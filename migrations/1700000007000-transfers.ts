import type { MigrationInterface, QueryRunner } from 'typeorm';

const TENANT_TABLES = ['imports', 'import_faults'] as const;

/** Imports of files: how far each has come, and the rows that were refused. */
export class Transfers1700000007000 implements MigrationInterface {
  name = 'Transfers1700000007000';

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
  // id: that of its job. request: what was asked for. file_key: names the file and the request, so that the same file goes on
  // where it stopped. layout: format, delimiter and columns, once they are read. offset_bytes: everything before it is done.
  // chain: see src/transfer/row-identity.ts.
  `CREATE TABLE imports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    request json NOT NULL,
    file_key text,
    layout json,
    offset_bytes bigint NOT NULL DEFAULT 0,
    line bigint NOT NULL DEFAULT 0,
    chain text,
    row_count bigint NOT NULL DEFAULT 0,
    recorded bigint NOT NULL DEFAULT 0,
    created bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT imports_pkey PRIMARY KEY (tenant_id, id)
  )`,
  `CREATE INDEX imports_file ON imports (tenant_id, file_key, id) WHERE file_key IS NOT NULL`,
  `CREATE INDEX imports_touched ON imports (tenant_id, touched_at)`,
  // content: the cells of a CSV row as a JSON array, or the line of a JSON Lines file.
  `CREATE TABLE import_faults (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    row_number bigint NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    content text NOT NULL,
    CONSTRAINT import_faults_pkey PRIMARY KEY (tenant_id, import_id, row_number)
  )`,
];
