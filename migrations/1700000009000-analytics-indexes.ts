import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the filters of reports are looked up in. */
export class AnalyticsIndexes1700000009000 implements MigrationInterface {
  name = 'AnalyticsIndexes1700000009000';

  async up(runner: QueryRunner): Promise<void> {
    // The key of the table begins with the contact: who is in a segment took a look at the members of all segments.
    await runner.query(
      'CREATE INDEX segment_members_segment ON segment_members (tenant_id, segment_id, contact_id)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX segment_members_segment');
  }
}
