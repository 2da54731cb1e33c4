import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../src/log.js';
import { DueWorker } from '../../src/rescoring/due-worker.js';
import { RescoreWorker } from '../../src/rescoring/rescore-worker.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, IngestKit } from '../support/ingest-kit.js';

const DAY_MS = 86_400_000;

function modelWith(openPoints: number): ModelDefinition {
  return {
    key: 'leads',
    name: 'Leads',
    dimensions: [{ key: 'engagement', maxPoints: 100 }],
    decay: { ratePercent: 5, intervalDays: 30 },
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'hot', name: 'Hot', minScore: 76, hot: true },
    ],
    scoreSets: [
      {
        key: 'behaviour',
        dimension: 'engagement',
        rules: [
          { key: 'open', action: { actionType: 'email_opened', points: openPoints } },
          { key: 'demo', action: { actionType: 'requested_demo', points: 80 } },
          { key: 'brief', action: { actionType: 'visited', points: 20, expiresAfterDays: 1 } },
        ],
      },
    ],
  };
}

let database: TestDatabase;
let kit: IngestKit;
let running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IngestKit.open(database.url);
  await kit.publish(modelWith(5));
});

afterEach(async () => {
  await Promise.all(running.map((worker) => worker.stop()));
  running = [];
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

function startDueWorker(): void {
  const worker = new DueWorker({ ...kit, log: createLog('silent'), announce: () => undefined });
  running.push(worker);
  worker.start();
}

function startRescoreWorker(): void {
  const worker = new RescoreWorker({ ...kit, log: createLog('silent'), announce: () => undefined });
  running.push(worker);
  worker.start();
}

/** Sets a contact's score back to what it was when its last entry was folded, as if no worker had run since. */
async function stopTheClockFor(contactId: string): Promise<void> {
  await kit.query('DELETE FROM contact_scores WHERE tenant_id = $1 AND contact_id = $2', contactId);
}

describe('the due worker', () => {
  it('lets an award expire at its exact instant', async () => {
    const soonMs = Date.now() - DAY_MS + 700;
    const outcome = await kit.accept(
      act('brief@example.com', 'visited', { at: new Date(soonMs).toISOString() }),
    );
    expect(outcome.scores[0]?.total).toBe(20);
    startDueWorker();
    await vi.waitFor(async () => expect((await kit.scoreRow(outcome.contactId)).total).toBe(0), 10_000);
    const events = await kit.events(outcome.contactId);
    expect(events.map((event) => [event.cause, event.total_after])).toEqual([
      ['ACTION', 20],
      ['EXPIRY', 0],
    ]);
    expect(events[1]?.at).toBe(soonMs + DAY_MS);
    expect(await kit.differencesFromReplay(outcome.contactId)).toEqual([]);
  });

  it('after a stop of days publishes every boundary with its own instant, in order', async () => {
    const startMs = Date.now() - 1_000;
    const { contactId } = await kit.accept(
      act('days@example.com', 'requested_demo', { at: new Date(startMs).toISOString() }),
    );
    // The clock cannot be moved, so the past is: everything of this contact happened 95 days earlier.
    const shift = `interval '95 days'`;
    await kit.query(
      `UPDATE timeline SET occurred_at = occurred_at - ${shift} WHERE tenant_id = $1 AND contact_id = $2`,
      contactId,
    );
    await stopTheClockFor(contactId);
    const { scores } = await kit.accept(
      act('days@example.com', 'nothing', { at: new Date(startMs - 95 * DAY_MS).toISOString() }),
    );
    expect(scores[0]?.total).toBe(68);
    const row = await kit.scoreRow(contactId);
    const state = row.state;
    await kit.query(
      `UPDATE contact_scores SET total = 80, stage = 'hot', as_of = to_timestamp($3::float8 / 1000), due_at = to_timestamp($4::float8 / 1000)
       WHERE tenant_id = $1 AND contact_id = $2`,
      contactId,
      startMs - 95 * DAY_MS,
      startMs - 65 * DAY_MS,
    );
    await kit.query('UPDATE tenant_feeds SET due_at = now() WHERE tenant_id = $1');
    startDueWorker();
    await vi.waitFor(async () => expect((await kit.scoreRow(contactId)).total).toBe(68), 10_000);
    const decays = (await kit.events(contactId)).filter((event) => event.cause === 'DECAY').slice(-3);
    expect(decays.map((event) => [event.total_after, Math.round((event.at - startMs) / DAY_MS)])).toEqual([
      [76, -65],
      [72, -35],
      [68, -5],
    ]);
    expect((await kit.scoreRow(contactId)).state).toBe(state);
  });

  it('folds an entry that lay ahead of the clock when its instant comes', async () => {
    const soonMs = Date.now() + 800;
    const { contactId } = await kit.accept(
      act('ahead@example.com', 'email_opened', { at: new Date(soonMs).toISOString() }),
    );
    expect((await kit.scoreRow(contactId)).total).toBe(0);
    startDueWorker();
    await vi.waitFor(async () => expect((await kit.scoreRow(contactId)).total).toBe(5), 10_000);
    const [event] = await kit.events(contactId);
    expect(event).toMatchObject({ cause: 'ACTION', at: soonMs, action_at: soonMs });
  });
});

describe('the rescore worker', () => {
  it('brings every contact to the new version and the job to its end', async () => {
    const items = Array.from({ length: 450 }, (_, index) =>
      act(`rescore${index}@example.com`, 'email_opened'),
    );
    const outcomes = await kit.record(...items);
    expect(outcomes.every((outcome) => outcome.status === 'RECORDED')).toBe(true);
    const modelId = await kit.publish(modelWith(9));
    startRescoreWorker();
    await vi.waitFor(async () => {
      const jobs = await kit.query<{ state: string; done: number; total: number }>(
        `SELECT state, done, total FROM jobs WHERE tenant_id = $1 AND model_id = $2 AND version = 2`,
        modelId,
      );
      expect(jobs[0]?.state).toBe('DONE');
      expect(jobs[0]?.done).toBe(jobs[0]?.total);
    }, 30_000);
    const stale = await kit.query('SELECT 1 FROM contact_scores WHERE tenant_id = $1 AND version < 2');
    expect(stale).toEqual([]);
    const rescored = await kit.query<{ total: number; events: string }>(
      `SELECT s.total, count(*) AS events FROM contact_scores s JOIN contact_identities i USING (tenant_id, contact_id)
       JOIN score_events e USING (tenant_id, contact_id)
       WHERE tenant_id = $1 AND i.value LIKE 'rescore%' AND e.cause = 'RULES' GROUP BY s.total`,
    );
    expect(rescored).toEqual([{ total: 9, events: '450' }]);
  });
});
