import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditScores } from '../../src/rescoring/audit-scores.js';
import { RescoreWorker } from '../../src/rescoring/rescore-worker.js';
import { diffModels } from '../../src/scoring/diff-model.js';
import { ApiTestServer } from '../support/api-server.js';
import { eventually } from '../support/eventually.js';
import { arbitraryMove, ModelSeries, type ModelSeries as Series } from './model-series.js';

let server: ApiTestServer;
let worker: RescoreWorker;

beforeAll(async () => {
  server = await ApiTestServer.start();
  const { db, registry, log } = server.services;
  worker = new RescoreWorker({ db, registry, log, announce: () => undefined });
  worker.start();
});

afterAll(async () => {
  await worker.stop();
  await server.stop();
});

/**
 * Switches every model on (one that is off misses what happens), waits for the rescorings, then compares every score with
 * a replay under the newest version of its model.
 */
async function expectScoresAsReplayed({ tenantId }: Series): Promise<void> {
  const { db, registry, models, jobs } = server.services;
  const all = await models.list(tenantId);
  for (const { id, active } of all) {
    if (!active) await models.activate({ tenantId, name: 'series' }, id, { active: true });
  }
  worker.nudge();
  await eventually(async () => {
    const latest = await jobs.latestRescores(
      tenantId,
      all.map(({ id }) => id),
    );
    expect(latest.filter((job) => job?.finishedAt === null)).toEqual([]);
  });
  const { differences } = await auditScores(db, registry, tenantId, () => undefined);
  expect(differences).toEqual([]);
  const current = await db.dataSource.transaction(async (manager) => {
    await manager.query(`SELECT set_config('app.tenant', $1, true)`, [tenantId]);
    return manager.query(
      `SELECT c.id AS contact, m.key, s.version = m.version AND s.revision = m.revision AS current
       FROM contacts c JOIN scoring_models m ON m.tenant_id = c.tenant_id AND m.active
       LEFT JOIN contact_scores s ON s.tenant_id = c.tenant_id AND s.contact_id = c.id AND s.model_id = m.id
       WHERE c.tenant_id = $1`,
      [tenantId],
    );
  });
  expect(current.filter((row: { current: boolean | null }) => row.current !== true)).toEqual([]);
}

/** Every version has one entry in the log, which says how it differs from the one before. */
async function expectLogOfVersions({ tenantId }: Series): Promise<void> {
  const { models } = server.services;
  for (const { id, version } of await models.list(tenantId)) {
    const numbers = Array.from({ length: version }, (_, index) => index + 1);
    const definitions = await models.definitions(
      tenantId,
      numbers.map((number) => ({ modelId: id, version: number })),
    );
    const entries = await models.changes(tenantId, { modelId: id, beforeId: null, limit: 1_000 });
    const published = entries.filter((entry) => entry.version !== null).reverse();
    expect(published.map((entry) => entry.version)).toEqual(numbers);
    const diffs = await models.changeDiffs(
      tenantId,
      published.map((entry) => entry.id),
    );
    diffs.forEach((logged, index) => {
      const [before, after] = [definitions[index - 1], definitions[index]];
      expect(logged?.diff ?? null).toEqual(before && after ? diffModels(before, after) : null);
    });
  }
}

describe('any series of edits, drafts, publications, rollbacks, switches and actions', () => {
  it('ends in the models that the edits lead to, and in the scores that a replay gives', async () => {
    const moves = fc.array(arbitraryMove(), { minLength: 10, maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(moves, async (made) => {
        const series = await ModelSeries.open(server);
        for (const move of made) {
          const answer = await series.make(move);
          expect([move, answer]).toEqual([move, series.expect(move)]);
        }
        const { models } = server.services;
        const rows = await models.byIds(
          series.tenantId,
          series.models.map(({ id }) => id),
        );
        const drafts = await models.drafts(
          series.tenantId,
          series.models.map(({ id }) => id),
        );
        series.models.forEach((known, index) => {
          expect(rows[index]).toMatchObject({
            active: known.active,
            version: known.versions.length,
            definition: series.published(known),
          });
          const draft = drafts[index];
          if (draft instanceof Error) throw draft;
          expect(draft?.definition ?? null).toEqual(series.drafted(known));
          expect(draft?.baseVersion).toBe(known.draft?.base);
        });
        await expectLogOfVersions(series);
        await expectScoresAsReplayed(series);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('does so also when several come at once', async () => {
    const together = fc.array(arbitraryMove(), { minLength: 1, maxLength: 5, size: 'max' });
    const steps = fc.array(together, { minLength: 2, maxLength: 12, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, async (made) => {
        const series = await ModelSeries.open(server);
        for (const moves of made) await Promise.all(moves.map((move) => series.make(move)));
        await expectLogOfVersions(series);
        await expectScoresAsReplayed(series);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});
