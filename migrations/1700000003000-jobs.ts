import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Jobs that can be cancelled, fail after a bounded number of tries, and belong to one process at a time; one open rescoring
 * per model.
 */
export class Jobs1700000003000 implements MigrationInterface {
  name = 'Jobs1700000003000';

  async up(runner: QueryRunner): Promise<void> {
    // leased_by: names the claim. tries: how often it was begun since it last got something done. worked_ms: how long it has been
    // worked on up to noted_at, without the pauses between two processes.
    await runner.query(`ALTER TABLE jobs ADD COLUMN leased_by uuid, ADD COLUMN tries integer NOT NULL DEFAULT 0,
      ADD COLUMN noted_at timestamptz, ADD COLUMN worked_ms double precision NOT NULL DEFAULT 0,
      ADD COLUMN requested_by text`);
    await runner.query(`UPDATE jobs j SET state = 'SUPERSEDED', finished_at = clock_timestamp(), leased_until = NULL
      WHERE kind = 'RESCORE' AND finished_at IS NULL AND EXISTS (SELECT 1 FROM jobs newer
        WHERE newer.tenant_id = j.tenant_id AND newer.model_id = j.model_id AND newer.kind = 'RESCORE'
          AND newer.finished_at IS NULL AND newer.id > j.id)`);
    await runner.query(`CREATE UNIQUE INDEX jobs_one_rescore ON jobs (tenant_id, model_id)
      WHERE kind = 'RESCORE' AND finished_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX jobs_one_rescore');
    await runner.query(`ALTER TABLE jobs DROP COLUMN leased_by, DROP COLUMN tries, DROP COLUMN noted_at,
      DROP COLUMN worked_ms, DROP COLUMN requested_by`);
  }
}
