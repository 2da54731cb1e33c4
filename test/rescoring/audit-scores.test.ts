import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditScores } from '../../src/rescoring/audit-scores.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { bumpEpoch } from '../../src/store/bump-epoch.js';
import { tenantTransaction } from '../../src/store/tenant-scope.js';
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

it('passes over the scores of a model that is off, which miss what happens meanwhile', async () => {
  const resting = await kit.publish(PRESETS.STARTER('resting', 'Resting'));
  await kit.record(act('rest@example.com', 'email_opened'));
  await tenantTransaction(kit.db, kit.tenantId, async (manager) => {
    await manager.query('UPDATE scoring_models SET active = FALSE WHERE tenant_id = $1 AND id = $2', [
      kit.tenantId,
      resting,
    ]);
    await bumpEpoch(manager, kit.tenantId);
  });
  await kit.registry.reload(kit.tenantId);
  await kit.record(act('rest@example.com', 'email_opened', { at: '2026-01-01T00:00:00Z' }));
  const { differences } = await auditScores(kit.db, kit.registry, kit.tenantId, () => undefined);
  expect(differences.filter((difference) => difference.modelId === resting)).toEqual([]);
});
