import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RULE_RESULTS_AGE_MS_MAX } from '../../src/preview/rule-result-rows.js';
import { RULE_RESULTS_AT_ONCE_MAX } from '../../src/preview/rule-result-service.js';
import type { RuleResults } from '../../src/preview/rule-results.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import { explain } from '../../src/scoring/explain.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { parseState } from '../../src/scoring/score-state.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { act, profile } from '../support/ingest-kit.js';
import { PreviewKit } from './preview-kit.js';

const DAY_MS = 86_400_000;

let database: TestDatabase;
let kit: PreviewKit;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  await kit?.close();
  kit = await PreviewKit.open(database.url);
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

function modelWith(points: number): ModelDefinition {
  return {
    key: 'leads',
    name: 'Leads',
    dimensions: [{ key: 'd', maxPoints: 1_000, weight: 2 }],
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'hot', name: 'Hot', minScore: 40, hot: true },
    ],
    scoreSets: [
      {
        key: 'web',
        dimension: 'd',
        maxPoints: 15,
        rules: [
          { key: 'visit', name: 'Visited', action: { actionType: 'visit', points } },
          { key: 'brief', action: { actionType: 'brief', points: 1, expiresAfterDays: 1 } },
          { key: 'off', active: false, action: { actionType: 'visit', points: 3 } },
        ],
      },
      {
        key: 'fit',
        rules: [
          { key: 'title', table: { attribute: 'jobTitle', rows: [{ operator: 'EXISTS', points: 7 }] } },
          { key: 'lively', criteria: { when: { activity: { actionType: 'visit', atLeast: 2 } }, points: 4 } },
        ],
      },
    ],
  };
}

async function results(of = kit): Promise<RuleResults | null> {
  const { modelId: id, version, definition } = await of.model();
  return of.ruleResults.results(kit.ingest.tenantId, { id, version, definition });
}

describe('rule results', () => {
  it('say of every rule who holds it now, what it gives before caps, and when it gave last', async () => {
    await kit.ingest.publish(modelWith(10));
    const at = new Date(Date.now() - 2 * DAY_MS).toISOString();
    await kit.ingest.record(
      act('a@example.com', 'visit', { at }),
      act('a@example.com', 'visit'),
      act('b@example.com', 'visit', { at }),
      act('b@example.com', 'brief', { at }),
      profile('b@example.com', { jobTitle: 'CTO' }),
    );
    const found = await results();
    const last = await kit.ingest.query<{ at: number }>(
      `SELECT max(occurred_at) AS at FROM timeline WHERE tenant_id = $1 AND type = 'visit'`,
    );
    const nothing = { contacts: 0, awards: 0, points: 0, lastAwardAtMs: null, active: true };
    expect(found).toMatchObject({ version: 1, contacts: 2 });
    expect(found?.rules).toEqual([
      {
        ruleKey: 'visit',
        scoreSet: 'web',
        name: 'Visited',
        active: true,
        contacts: 2,
        awards: 3,
        points: 60,
        lastAwardAtMs: last[0]?.at,
      },
      { ruleKey: 'brief', scoreSet: 'web', name: 'brief', ...nothing },
      { ruleKey: 'off', scoreSet: 'web', name: 'off', ...nothing, active: false },
      { ruleKey: 'title', scoreSet: 'fit', name: 'title', ...nothing, contacts: 1, points: 7 },
      { ruleKey: 'lively', scoreSet: 'fit', name: 'lively', ...nothing, contacts: 1, points: 4 },
    ]);
    // Somebody met `brief` although nobody holds it any more.
    expect(found?.warnings.map(({ code, ruleKey, stage }) => [code, ruleKey ?? stage])).toEqual([
      ['STAGE_REACHED_BY_NOBODY', 'hot'],
    ]);
  });

  it('add up to the explanations of all contacts', async () => {
    await kit.ingest.publish(PRESETS.ADVANCED('advanced', 'Advanced'));
    const types = ['email_opened', 'clicked_link', 'visited_pricing_page', 'unsubscribed', 'requested_demo'];
    await kit.ingest.record(
      ...Array.from({ length: 120 }, (_, index) =>
        act(`p${index % 17}@example.com`, types[index % types.length] ?? '', {
          at: new Date(Date.now() - (120 - index) * 3 * 3_600_000).toISOString(),
        }),
      ),
      ...Array.from({ length: 17 }, (_, index) =>
        profile(`p${index}@example.com`, {
          jobTitle: index % 2 ? 'CTO' : 'Manager',
          companySize: index * 30,
        }),
      ),
    );
    const found = await results();
    const { definition } = await kit.model();
    const model = compileModel(definition);
    const sums = new Map<string, number>();
    for (const { state } of await kit.ingest.query<{ state: string }>(
      'SELECT state FROM contact_scores WHERE tenant_id = $1',
    )) {
      for (const line of explain(model, parseState(state), found?.asOfMs ?? 0)) {
        if (line.kind !== 'RULE' && line.kind !== 'RESET') continue;
        const key = line.ruleKey ?? '';
        sums.set(key, (sums.get(key) ?? 0) + line.points);
      }
    }
    expect(sums.size).toBeGreaterThan(5);
    for (const { ruleKey, points } of found?.rules ?? [])
      expect(points).toBeCloseTo(sums.get(ruleKey) ?? 0, 3);
  });

  it('are those of the published version before its rescoring has reached anybody', async () => {
    await kit.ingest.publish(modelWith(10));
    await kit.ingest.record(act('a@example.com', 'visit'));
    await kit.ingest.publish(modelWith(11));
    const found = await results();
    expect(found?.version).toBe(2);
    expect(found?.rules[0]).toMatchObject({ contacts: 1, points: 22 });
  });
});

describe('rule results of many contacts', () => {
  beforeEach(async () => {
    await kit.ingest.publish(modelWith(10));
    await kit.addContacts(RULE_RESULTS_AT_ONCE_MAX);
    await kit.ingest.record(act('a@example.com', 'visit'));
  });

  it('are counted in the background, kept, and shown with their instant', async () => {
    expect(await results()).toBeNull();
    await eventually(async () => expect(await results()).not.toBeNull());
    const first = await results();
    expect(first).toMatchObject({ version: 1, contacts: RULE_RESULTS_AT_ONCE_MAX + 1 });
    expect(first?.rules[0]).toMatchObject({ contacts: 1, awards: 1, points: 20 });
    await kit.ingest.record(act('b@example.com', 'visit'));
    expect(await results()).toEqual(first);
  });

  it('are counted anew when they are asked for and old, or of another version; until then the old ones are shown', async () => {
    await results();
    await eventually(async () => expect(await results()).not.toBeNull());
    await kit.ingest.record(act('b@example.com', 'visit'));
    await kit.ingest.query(
      `UPDATE rule_results SET as_of = now() - interval '${RULE_RESULTS_AGE_MS_MAX + 1_000} ms' WHERE tenant_id = $1`,
    );
    expect((await results())?.rules[0]).toMatchObject({ contacts: 1 });
    await eventually(async () => expect((await results())?.rules[0]).toMatchObject({ contacts: 2 }));
    await kit.ingest.publish(modelWith(11));
    expect(await results()).toMatchObject({ version: 1 });
    await eventually(async () => expect(await results()).toMatchObject({ version: 2 }));
    expect((await results())?.rules[0]).toMatchObject({ contacts: 2, points: 44 });
  });

  it('are counted by one process at a time, and by another when that one dies', async () => {
    const { modelId: id, version, definition } = await kit.model();
    const count = { id, version, definition };
    const claims = () =>
      kit.ingest.query('SELECT counting_by, counting_until, version FROM rule_results WHERE tenant_id = $1');
    // Another process is at it.
    await kit.ingest.query(
      `INSERT INTO rule_results (tenant_id, model_id, counting_by, counting_until)
       VALUES ($1, $2, gen_random_uuid(), now() + interval '1 hour')`,
      id,
    );
    const claimed = await claims();
    const first = PreviewKit.previewsOf(kit.ingest, database.url);
    expect(await first.ruleResults.results(kit.ingest.tenantId, count)).toBeNull();
    await first.ruleResults.close();
    await first.threads.close();
    expect(await claims()).toEqual(claimed);
    const other = PreviewKit.previewsOf(kit.ingest, database.url);
    try {
      const ask = () => other.ruleResults.results(kit.ingest.tenantId, count);
      // It has died without a word: its time is over.
      await kit.ingest.query(`UPDATE rule_results SET counting_until = now() WHERE tenant_id = $1`);
      await Promise.all([ask(), results()]);
      await eventually(async () => expect(await ask()).not.toBeNull());
      expect(await claims()).toEqual([{ counting_by: null, counting_until: null, version: 1 }]);
    } finally {
      await other.ruleResults.close();
      await other.threads.close();
    }
  });
});
