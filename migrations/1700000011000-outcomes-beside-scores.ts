import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a lead was first seen and what became of it, beside the scores that are compared with it: reports need no join then. */
const COLUMNS = {
  score_paths: ['first_ms bigint', 'won_ms bigint', 'won_value double precision', 'lost_ms bigint'],
  score_gains: ['first_ms bigint', 'won_ms bigint', 'lost_ms bigint'],
} as const;

/** Null until a row is derived anew, which happens to all of them: the format of facts is another one. */
export class OutcomesBesideScores1700000011000 implements MigrationInterface {
  name = 'OutcomesBesideScores1700000011000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      await runner.query(
        `ALTER TABLE ${table} ${columns.map((column) => `ADD COLUMN ${column}`).join(', ')}`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const names = columns.map((column) => column.split(' ')[0]);
      await runner.query(`ALTER TABLE ${table} ${names.map((name) => `DROP COLUMN ${name}`).join(', ')}`);
    }
  }
}
