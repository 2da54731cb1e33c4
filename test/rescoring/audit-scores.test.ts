import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditScores } from '../../src/rescoring/audit-scores.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit, profile } from '../support/ingest-kit.js';

let database: TestDatabase;
let kit: IngestKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  await kit.publish(PRESETS.ADVANCED('advanced', 'Advanced'));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

it('finds every score right, and names the one that was tampered with', async () => {
  const outcomes = await kit.record(
    ...Array.from({ length: 230 }, (_, index) => act(`audit${index}@example.com`, 'visited_pricing_page')),
    profile('audit7@example.com', { jobTitle: 'CTO', companySize: 300 }),
  );
  const audit = () => auditScores(kit.db, kit.registry, kit.tenantId, () => undefined);
  expect(await audit()).toEqual({ scores: 230, differences: [] });
  const victim = outcomes[3];
  if (!victim || victim.status === 'REJECTED') throw new Error('refused');
  await kit.query(
    'UPDATE contact_scores SET total = total + 1 WHERE tenant_id = $1 AND contact_id = $2',
    victim.contactId,
  );
  const { differences } = await audit();
  expect(differences.map((difference) => difference.contactId)).toEqual([victim.contactId]);
});
