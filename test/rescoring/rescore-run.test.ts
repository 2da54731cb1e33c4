import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.js';
import { auditScores } from '../../src/rescoring/audit-scores.js';
import { RescoreWorker } from '../../src/rescoring/rescore-worker.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { cancelJob, queueJob } from '../../src/store/jobs/job-queries.js';
import { TIMELINE_ENTRIES_MAX } from '../../src/store/read-timelines.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { act, IngestKit, listChange, profile } from '../support/ingest-kit.js';

/** A model in which an opened email gives so many points, and what else there is makes a state of some size. */
function modelWith(points: number, key = 'leads'): ModelDefinition {
  return {
    key,
    name: 'Leads',
    dimensions: [{ key: 'engagement', maxPoints: 100 }],
    decay: { ratePercent: 5, intervalDays: 30 },
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'hot', name: 'Hot', minScore: 60, hot: true },
    ],
    scoreSets: [
      {
        key: 'behaviour',
        dimension: 'engagement',
        rules: [
          { key: 'open', action: { actionType: 'email_opened', points } },
          {
            key: 'pricing',
            action: {
              actionType: 'visited',
              points: 3,
              where: [{ property: 'page', operator: 'EQUALS', value: 'pricing' }],
            },
          },
          {
            key: 'boss',
            table: { attribute: 'jobTitle', rows: [{ operator: 'EQUALS', value: 'CEO', points: 7 }] },
          },
          { key: 'guest', criteria: { when: { list: { key: 'webinar' } }, points: 2 } },
        ],
      },
    ],
  };
}

let database: TestDatabase;
let kit: IngestKit;
let worker: RescoreWorker | null = null;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  kit = await IngestKit.open(database.url);
  await kit.publish(modelWith(5));
});

afterEach(async () => {
  await worker?.stop();
  worker = null;
  // A job that is left would be another test's.
  await kit.db.dataSource.query('DELETE FROM jobs');
  await kit.close();
});

afterAll(async () => {
  await database.drop();
});

function startWorker(): void {
  worker = new RescoreWorker({ ...kit, log: createLog('silent'), announce: () => undefined });
  worker.start();
}

interface JobLine {
  id: string;
  state: string;
  done: number;
  total: number | null;
  error: string | null;
}

async function latestJob(): Promise<JobLine> {
  const [job] = await kit.query<JobLine>(
    'SELECT id, state, done, total, error FROM jobs WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1',
  );
  if (!job) throw new Error('there is no job');
  return job;
}

async function untilDone(): Promise<JobLine> {
  await eventually(async () => expect((await latestJob()).state).toBe('DONE'));
  return latestJob();
}

/** So many contacts with an opened email each, in the order of their ids. */
async function contactsWithScores(count: number): Promise<string[]> {
  const emails = Array.from({ length: count }, (_, index) => `person${index}@example.com`);
  const outcomes = await kit.record(...emails.map((email) => act(email, 'email_opened')));
  return outcomes.map((outcome) => (outcome.status === 'REJECTED' ? '' : outcome.contactId)).sort();
}

/** Every score equals its replay, nobody is left behind, and the feed tells of each change once. */
async function expectAllIsRight(version: number): Promise<void> {
  const audit = await auditScores(kit.db, kit.registry, kit.tenantId, () => undefined);
  expect(audit.differences).toEqual([]);
  expect(
    await kit.query('SELECT 1 FROM contact_scores WHERE tenant_id = $1 AND version <> $2', version),
  ).toEqual([]);
  const broken = await kit.query(
    `SELECT contact_id, total_before, before FROM (
       SELECT contact_id, total_before, lag(total_after, 1, 0) OVER (PARTITION BY contact_id, model_id ORDER BY position) AS before
       FROM score_events WHERE tenant_id = $1) AS chain WHERE before <> total_before`,
  );
  expect(broken).toEqual([]);
  const twice = await kit.query(
    `SELECT contact_id, version FROM score_events WHERE tenant_id = $1 AND cause = 'RULES'
     GROUP BY contact_id, model_id, version HAVING count(*) > 1`,
  );
  expect(twice).toEqual([]);
  const [feed] = await kit.query<{ position: string; events: string }>(
    `SELECT f.position, (SELECT count(*) FROM score_events e WHERE e.tenant_id = $1) AS events
     FROM tenant_feeds f WHERE f.tenant_id = $1`,
  );
  expect(feed?.position).toBe(feed?.events);
}

/** Holds a contact's lock until it is let go, as a slow batch does. */
class Holder {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async hold(contactId: string): Promise<Holder> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.tenant', $1, true)`, [kit.tenantId]);
    await client.query('SELECT 1 FROM contacts WHERE id = $1 FOR UPDATE', [contactId]);
    return new Holder(client);
  }

  /** Resolves when somebody waits for the contact. */
  async untilAwaited(): Promise<void> {
    await eventually(async () => {
      const { rowCount } = await kit.db.reads.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      );
      expect(rowCount).toBeGreaterThan(0);
    });
  }

  async letGo(): Promise<void> {
    await this.#client.query('COMMIT');
    await this.#client.end();
  }
}

describe('a rescoring', () => {
  it('makes every score anew: properties, profiles, lists, adjustments and entries that lie ahead', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    await kit.record(
      act('a@example.com', 'visited', { properties: { page: 'pricing' } }),
      act('a@example.com', 'visited', { properties: { page: 'home' } }),
      profile('a@example.com', { jobTitle: 'CEO' }),
      listChange('a@example.com', 'webinar', true),
      act('b@example.com', 'email_opened', { at: soon }),
      {
        kind: 'adjustment',
        contact: { kind: 'email', value: 'c@example.com' },
        points: 11,
        reason: 'met at the fair',
      },
      act('c@example.com', 'email_opened'),
    );
    await kit.publish(modelWith(9));
    startWorker();
    expect(await untilDone()).toMatchObject({ done: 3, total: 3 });
    await expectAllIsRight(2);
    const rows = await kit.query<{ total: number }>(
      'SELECT total FROM contact_scores WHERE tenant_id = $1 ORDER BY total',
    );
    expect(rows.map((row) => row.total)).toEqual([0, 12, 20]);
  });

  it('reads a timeline that is too long to be held in pages, beside short ones', async () => {
    await contactsWithScores(30);
    const history = Array.from({ length: TIMELINE_ENTRIES_MAX + 50 }, (_, index) =>
      act('long@example.com', index % 100 === 0 ? 'email_opened' : 'nothing', {
        at: new Date(Date.now() - 5_000_000 + index * 1_000).toISOString(),
      }),
    );
    await kit.record(...history);
    await kit.publish(modelWith(6));
    startWorker();
    expect(await untilDone()).toMatchObject({ done: 31, total: 31 });
    await expectAllIsRight(2);
    const [long] = await kit.query<{ total: number }>(
      'SELECT max(total) AS total FROM contact_scores WHERE tenant_id = $1',
    );
    expect(long?.total).toBe(6 * 11);
  });

  it('brings a contact along on the spot that is written to between its reading and its lock, and changes it once', async () => {
    const ids = await contactsWithScores(40);
    await kit.publish(modelWith(9));
    const holder = await Holder.hold(ids[0] ?? '');
    startWorker();
    await holder.untilAwaited();
    // All of the chunk is read and scored by now, and none of it is locked.
    const written = ids.filter((_, index) => index % 2 === 1);
    const emails = await kit.query<{ email: string }>(
      'SELECT email FROM contacts WHERE tenant_id = $1 AND id = ANY ($2)',
      written,
    );
    await kit.record(...emails.map(({ email }) => act(email, 'email_opened')));
    await holder.letGo();
    await untilDone();
    await expectAllIsRight(2);
  });

  it('lets actions through while it runs, and ends with what a replay gives', async () => {
    await contactsWithScores(1_500);
    await kit.publish(modelWith(9));
    startWorker();
    for (let round = 0; round < 30; round++) {
      const items = Array.from({ length: 50 }, (_, i) =>
        act(`person${(round * 331 + i * 29) % 1_600}@example.com`, i % 5 === 0 ? 'visited' : 'email_opened', {
          properties: { page: 'pricing' },
        }),
      );
      await kit.record(...items);
    }
    await untilDone();
    await expectAllIsRight(2);
  });

  it('goes on with the newest version when one is published while it runs; its own job is superseded', async () => {
    await contactsWithScores(1_200);
    await kit.publish(modelWith(7));
    const first = await latestJob();
    startWorker();
    await eventually(async () => expect((await latestJob()).done).toBeGreaterThan(0));
    await kit.publish(modelWith(9));
    await untilDone();
    const [superseded] = await kit.query<JobLine>(
      'SELECT state FROM jobs WHERE tenant_id = $1 AND id = $2',
      first.id,
    );
    expect(['SUPERSEDED', 'DONE']).toContain(superseded?.state);
    await expectAllIsRight(3);
  });

  it('of one model leaves the scores of another as they are', async () => {
    await kit.publish(modelWith(4, 'other'));
    await contactsWithScores(20);
    startWorker();
    await untilDone();
    const others = () =>
      kit.query<{ total: number; as_of: number }>(
        `SELECT s.contact_id, s.total, s.as_of FROM contact_scores s JOIN scoring_models m ON m.id = s.model_id
         WHERE s.tenant_id = $1 AND m.key = 'other' ORDER BY s.contact_id`,
      );
    const before = await others();
    await kit.publish(modelWith(9));
    await eventually(async () => {
      const jobs = await kit.query('SELECT 1 FROM jobs WHERE tenant_id = $1 AND finished_at IS NULL');
      expect(jobs).toEqual([]);
    });
    expect(await others()).toEqual(before);
    expect(before).toHaveLength(20);
  });
});

describe('a rescoring that is cancelled', () => {
  it('leaves scores at two versions that name them; a contact that is touched moves on; started again, it ends what is left', async () => {
    const ids = await contactsWithScores(1_200);
    await kit.publish(modelWith(9));
    const { id } = await latestJob();
    // The second chunk waits for this one, the first one commits.
    const holder = await Holder.hold(ids[700] ?? '');
    startWorker();
    await holder.untilAwaited();
    const { manager } = kit.db.dataSource;
    await cancelJob(manager, kit.tenantId, id);
    await holder.letGo();
    await worker?.stop();
    expect(await latestJob()).toMatchObject({ state: 'CANCELLED', done: 500, total: 1_200 });
    const atVersions = () =>
      kit.query<{ version: number; contacts: string }>(
        'SELECT version, count(*) AS contacts FROM contact_scores WHERE tenant_id = $1 GROUP BY version ORDER BY version',
      );
    expect(await atVersions()).toEqual([
      { version: 1, contacts: '700' },
      { version: 2, contacts: '500' },
    ]);
    const [behind] = await kit.query<{ email: string }>(
      `SELECT email FROM contacts WHERE tenant_id = $1 AND id = $2`,
      ids[1_000],
    );
    const touched = await kit.accept(act(behind?.email ?? '', 'email_opened'));
    expect(await kit.scoreRow(touched.contactId)).toMatchObject({ version: 2, total: 18 });

    const [model] = await kit.query<{ id: string }>('SELECT id FROM scoring_models WHERE tenant_id = $1');
    const again = { kind: 'RESCORE', modelId: model?.id ?? '', version: 2, requestedBy: null } as const;
    await queueJob(manager, kit.tenantId, again);
    startWorker();
    expect(await untilDone()).toMatchObject({ done: 1_200, total: 1_200 });
    await expectAllIsRight(2);
  });
});

describe('a rescoring that fails', () => {
  it('says why, is tried again, and goes on once the cause is gone', async () => {
    const ids = await contactsWithScores(10);
    const stateOf = `SELECT state FROM contact_scores WHERE tenant_id = $1 AND contact_id = $2`;
    const [intact] = await kit.query<{ state: string }>(stateOf, ids[4]);
    const setState = 'UPDATE contact_scores SET state = $3 WHERE tenant_id = $1 AND contact_id = $2';
    await kit.query(setState, ids[4], 'broken');
    await kit.publish(modelWith(9));
    startWorker();
    await eventually(async () =>
      expect(await latestJob()).toMatchObject({
        state: 'QUEUED',
        done: 0,
        error: expect.stringContaining('rescoreScoringModel'),
      }),
    );
    await kit.query(setState, ids[4], intact?.state);
    expect(await untilDone()).toMatchObject({ done: 10, error: null });
    await expectAllIsRight(2);
  });
});
