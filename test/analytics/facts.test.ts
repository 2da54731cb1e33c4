import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IdentityService } from '../../src/identity/identity-service.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { replay } from '../../src/scoring/replay.js';
import { ScoreTrace } from '../../src/scoring/score-trace.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import { arbitraryTimeline, TIMELINE_MS, TIMELINE_START_MS } from '../support/arbitrary-timeline.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act } from '../support/ingest-kit.js';
import { action, dayMs, modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 20);
const FORM_MODEL = modelOf([{ key: 'form', action: { actionType: 'form', points: 30 } }]);

let database: TestDatabase;
let kit: AnalyticsKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await AnalyticsKit.open(database.url);
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

interface PathRow {
  contact_id: string;
  version: number;
  totals: (number | null)[];
  peaks: (number | null)[];
}

/** Totals and peaks at instants, as reports read them. */
function pathsAt(instants: readonly number[], modelId: string): Promise<PathRow[]> {
  return kit.ingest.query<PathRow>(
    `SELECT contact_id, version,
       array(SELECT totals[width_bucket(t, total_ms)] FROM unnest($3::bigint[]) WITH ORDINALITY u(t, n) ORDER BY n) AS totals,
       array(SELECT peaks[width_bucket(t, peak_ms)] FROM unnest($3::bigint[]) WITH ORDINALITY u(t, n) ORDER BY n) AS peaks
     FROM score_paths WHERE tenant_id = $1 AND model_id = $2`,
    modelId,
    instants,
  );
}

async function expectPathsOfTimelines(definition: ModelDefinition, modelId: string): Promise<void> {
  const instants = Array.from({ length: 40 }, (_, n) => TIMELINE_START_MS + n * 43_200_000);
  const timelines = await kit.timelines();
  const paths = await pathsAt(instants, modelId);
  expect(paths.map((row) => row.contact_id).sort()).toEqual([...timelines.keys()].sort());
  for (const { contact_id, totals } of paths) {
    const entries = timelines.get(contact_id) ?? [];
    const first = entries[0]?.atMs ?? 0;
    expect(totals).toEqual(
      instants.map((atMs) => (atMs < first ? null : replay(definition, entries, atMs).total)),
    );
  }
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  return values
    .map((value, index) => ({ value, order: Math.sin(seed * 1_000 + index * 97.3) }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

describe('the facts of a tenant', () => {
  it('are those of its timelines, in whatever order they were recorded and whatever was published meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryTimeline(12), { minLength: 1, maxLength: 4 }),
        arbitraryModel(),
        fc.integer({ min: 1, max: 1_000 }),
        async (timelines, model, seed) => {
          const definition = { ...model, key: 'random' };
          const modelId = await kit.publishPrimary(definition);
          for (const [index, timeline] of timelines.entries()) {
            const parts = shuffled(timeline, seed);
            await kit.recordTimeline(`p${seed}-${index}@example.com`, parts.slice(0, 6));
            if (index % 2 === 0) await kit.worker.serveNext();
            await kit.recordTimeline(`p${seed}-${index}@example.com`, parts.slice(6));
          }
          await kit.settleFacts();
          await expectPathsOfTimelines(definition, modelId);
        },
      ),
      { numRuns },
    );
  }, 300_000);

  it('follow a new version, and are none on a model that is off', async () => {
    const definition = { ...FORM_MODEL, key: 'switched' };
    const modelId = await kit.publishPrimary(definition);
    await kit.recordTimeline('switch@example.com', [action(1, 'form')]);
    await kit.settleFacts();
    await expectPathsOfTimelines(definition, modelId);
    const changed = modelOf([{ key: 'form', action: { actionType: 'form', points: 45 } }], {
      key: 'switched',
    });
    await kit.publishPrimary(changed);
    await kit.settleFacts();
    await expectPathsOfTimelines(changed, modelId);
    expect((await pathsAt([dayMs(2)], modelId)).every(({ version }) => version === 2)).toBe(true);
    await kit.ingest.query(
      'UPDATE scoring_models SET active = FALSE WHERE tenant_id = $1 AND id = $2',
      modelId,
    );
    await kit.ingest.query('UPDATE tenant_feeds SET epoch = epoch + 1 WHERE tenant_id = $1');
    await kit.settleFacts();
    expect(await pathsAt([dayMs(2)], modelId)).toEqual([]);
  });

  it('follow merges and go with a person who is erased', async () => {
    const definition = { ...FORM_MODEL, key: 'merged' };
    const modelId = await kit.publishPrimary(definition);
    const { db, registry } = kit.ingest;
    const identity = new IdentityService({ db, registry, announce() {} });
    const request = { tenantId: kit.tenantId, by: 'test' };
    const [one, other] = [
      await kit.ingest.accept(act('one@example.com', 'form', { at: '2026-01-02T00:00:00Z' })),
      await kit.ingest.accept(act('other@example.com', 'form', { at: '2026-01-03T00:00:00Z' })),
    ];
    await kit.settleFacts();
    await identity.merge(request, one.contactId, other.contactId);
    await kit.settleFacts();
    await expectPathsOfTimelines(definition, modelId);
    const merged = (await pathsAt([dayMs(1), dayMs(2)], modelId)).find(
      (row) => row.contact_id === one.contactId,
    );
    expect(merged).toMatchObject({ totals: [30, 60] });
    await identity.erase(request, { contactId: one.contactId, reason: null, remember: false });
    const left = await pathsAt([dayMs(2)], modelId);
    expect(left.some((row) => row.contact_id === one.contactId)).toBe(false);
  });

  it('are made anew when more waits than is worth keeping', async () => {
    const definition = { ...FORM_MODEL, key: 'overflowing' };
    const modelId = await kit.publishPrimary(definition);
    await kit.recordTimeline('flood@example.com', [action(1, 'form')]);
    await kit.settleFacts();
    await kit.ingest.query('DELETE FROM score_paths WHERE tenant_id = $1');
    await kit.ingest.query(
      `INSERT INTO fact_touches (tenant_id, contact_ids) SELECT $1, '{}' FROM generate_series(1, 20001)`,
    );
    await kit.settleFacts();
    await expectPathsOfTimelines(definition, modelId);
    expect(await kit.ingest.query('SELECT id FROM fact_touches WHERE tenant_id = $1 LIMIT 1')).toEqual([]);
  });
});

describe('a turn of facts', () => {
  const touches = () =>
    kit.ingest.query<{ contacts: number; touched_at: number }>(
      'SELECT cardinality(contact_ids) AS contacts, touched_at FROM fact_touches WHERE tenant_id = $1 ORDER BY id',
    );
  const derived = async () => {
    const [row] = await kit.ingest.query<{ count: string }>(
      'SELECT count(*) FROM contact_facts WHERE tenant_id = $1',
    );
    return Number(row?.count);
  };

  it('goes through some 10,000 entries, and leaves the other contacts waiting as long as they have', async () => {
    await kit.publishPrimary({ ...FORM_MODEL, key: 'long' });
    await kit.settleFacts();
    const before = await derived();
    const visits = Array.from({ length: 450 }, (_, hour) => action(hour / 24, 'visit'));
    for (let contact = 0; contact < 40; contact++)
      await kit.recordTimeline(`long-${contact}@example.com`, visits);
    const waiting = await touches();
    expect(await kit.worker.serveNext()).toBe(true);
    // 25 to learn how long they are, which is more than 10,000 entries.
    expect(await derived()).toBe(before + 25);
    const left = await touches();
    expect(left.map(({ contacts }) => contacts)).toEqual([15]);
    expect(waiting.map(({ touched_at }) => touched_at)).toContain(left[0]?.touched_at);
    expect(left[0]?.touched_at).toBeGreaterThan(waiting[0]?.touched_at ?? 0);
    expect(await kit.worker.serveNext()).toBe(false);
    expect(await derived()).toBe(before + 40);
  });

  it('reads a timeline of more entries than come in one piece', async () => {
    const definition = { ...FORM_MODEL, key: 'longest' };
    const modelId = await kit.publishPrimary(definition);
    await kit.settleFacts();
    await kit.recordTimeline(
      'longest@example.com',
      Array.from({ length: 1_100 }, (_, hour) => action(hour / 24, hour === 1_099 ? 'form' : 'visit')),
    );
    await kit.settleFacts();
    const [row] = await kit.ingest.query<{ totals: number[] }>(
      `SELECT p.totals FROM score_paths p JOIN contact_identities i ON i.tenant_id = $1 AND i.contact_id = p.contact_id
       WHERE p.tenant_id = $1 AND p.model_id = $2 AND i.value = 'longest@example.com'`,
      modelId,
    );
    expect(row?.totals).toEqual([0, 30]);
  });

  it('leaves contacts that were touched two hundred times in one row', async () => {
    const busy = Array.from({ length: 30 }, (_, index) => `busy-${index}@example.com`);
    for (const email of busy) await kit.recordTimeline(email, [action(0, 'form')]);
    const [row] = await kit.ingest.query<{ ids: string[] }>(
      `SELECT array_agg(contact_id::text) AS ids FROM contact_identities WHERE tenant_id = $1 AND value = ANY ($2)`,
      busy,
    );
    await kit.settleFacts();
    // Timelines of 500 entries: a turn takes 25 of them.
    const visits = Array.from({ length: 500 }, (_, hour) => action(hour / 24, 'visit'));
    for (const email of busy) await kit.recordTimeline(email, visits);
    await kit.ingest.query(
      `INSERT INTO fact_touches (tenant_id, contact_ids) SELECT $1, $2 FROM generate_series(1, 200)`,
      row?.ids,
    );
    await kit.worker.serveNext();
    expect(await touches()).toMatchObject([{ contacts: 5 }]);
    await kit.settleFacts();
    expect(await touches()).toEqual([]);
  });
});

describe('the facts of a contact', () => {
  async function factsOf(
    email: string,
    timeline: readonly TimelineEntry[],
  ): Promise<Record<string, unknown>> {
    await kit.recordTimeline(email, timeline);
    await kit.settleFacts();
    const [row] = await kit.ingest.query<Record<string, unknown>>(
      `SELECT f.*, array(SELECT type FROM unnest(f.type_ids) WITH ORDINALITY u(id, n)
         JOIN action_type_ids t ON t.tenant_id = $1 AND t.id = u.id ORDER BY n) AS types
       FROM contact_facts f JOIN contact_identities i ON i.tenant_id = $1 AND i.contact_id = f.contact_id
       WHERE f.tenant_id = $1 AND i.value = $2`,
      email,
    );
    return row ?? {};
  }

  it('name the first outcome of either kind with its value, and the first action of each type', async () => {
    await kit.publishPrimary({ ...FORM_MODEL, key: 'outcomes' });
    const facts = await factsOf('outcome@example.com', [
      action(0, 'form'),
      action(2, 'deal_lost'),
      action(3, 'form'),
      action(5, 'deal_won', { value: '1200.5' }),
      action(6, 'became_customer', { value: 7 }),
    ]);
    expect(facts).toMatchObject({
      first_ms: String(dayMs(0)),
      lost_ms: String(dayMs(2)),
      won_ms: String(dayMs(5)),
      won_value: 1200.5,
      types: ['form', 'deal_lost', 'deal_won', 'became_customer'],
      type_first_ms: [0, 2, 5, 6].map((day) => String(dayMs(day))),
    });
  });

  it('follow the tenant in what counts as an outcome', async () => {
    const timeline = [action(1, 'signed', { deal: { worth: 900 } }), action(2, 'deal_won')];
    expect(await factsOf('signed@example.com', timeline)).toMatchObject({
      won_ms: String(dayMs(2)),
      won_value: null,
    });
    await kit.ingest.query(
      `INSERT INTO conversion_settings (tenant_id, won_types, lost_types, value_property, revision, changed_by)
       VALUES ($1, '{signed}', '{}', 'deal.worth', 1, 'test')`,
    );
    await kit.ingest.query('UPDATE fact_feeds SET epoch = NULL WHERE tenant_id = $1');
    expect(await factsOf('signed@example.com', [])).toMatchObject({
      won_ms: String(dayMs(1)),
      won_value: 900,
    });
  });

  it('hold what sales said of it, with reasons of any text', async () => {
    const facts = await factsOf('said@example.com', [
      action(1, 'lead_rejected', { reason: 'no "budget", {sorry}\u001e\\' }),
      action(2, 'lead_accepted'),
      action(3, 'lead_converted', { value: 10 }),
    ]);
    expect(facts).toMatchObject({
      feedback_ms: [1, 2, 3].map((day) => String(dayMs(day))),
      feedback_kinds: [2, 1, 3],
      feedback_reasons: ['no "budget", {sorry} \\', '', ''],
      won_value: 10,
    });
  });

  it('hold each gain with the place of the one before of its rule and of its action type', async () => {
    const model = modelOf(
      [
        { key: 'any', action: { actionType: '*', points: 1 } },
        { key: 'form', action: { actionType: 'form', points: 5 } },
      ],
      { key: 'gains' },
    );
    const modelId = await kit.publishPrimary(model);
    const timeline = [action(0, 'form'), action(1, 'page'), action(2, 'form')];
    await factsOf('gains@example.com', timeline);
    const [row] = await kit.ingest.query<Record<string, unknown>>(
      `SELECT g.*, array(SELECT coalesce(type, '') FROM unnest(g.type_ids) WITH ORDINALITY u(id, n)
         LEFT JOIN action_type_ids t ON t.tenant_id = $1 AND t.id = u.id ORDER BY n) AS types
       FROM score_gains g JOIN contact_identities i ON i.tenant_id = $1 AND i.contact_id = g.contact_id
       WHERE g.tenant_id = $1 AND g.model_id = $2 AND i.value = 'gains@example.com'`,
      modelId,
    );
    const trace = new ScoreTrace(compileModel(model));
    for (const entry of timeline) trace.fold(entry);
    trace.finish(TIMELINE_START_MS + TIMELINE_MS);
    expect(row).toMatchObject({
      at_ms: trace.gains.map(({ atMs }) => String(atMs)),
      rules: [0, 1, 0, 0, 1],
      points: [1, 5, 1, 1, 5],
      types: ['form', 'form', 'page', 'form', 'form'],
      rule_prevs: [0, 0, 1, 3, 2],
      type_prevs: [0, 1, 0, 2, 4],
      rule_ids: [0, 1],
      rule_first_ms: [String(dayMs(0)), String(dayMs(0))],
    });
  });
});
