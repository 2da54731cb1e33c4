import fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Preview } from '../../src/preview/preview.js';
import { PREVIEW_CONTACTS_MAX } from '../../src/preview/preview-service.js';
import { applyModelChanges } from '../../src/scoring/apply-changes.js';
import type { Evaluation } from '../../src/scoring/evaluation.js';
import type { ModelDefinition, StageDefinition } from '../../src/scoring/model-definition.js';
import { TIMELINE_ENTRIES_MAX } from '../../src/store/read-timelines.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import { arbitraryTimeline } from '../support/arbitrary-timeline.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
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

/** Opens worth `points`, a pricing page worth 30, hot from 50 on. */
function modelWith(points: number, extras: Partial<ModelDefinition> = {}): ModelDefinition {
  return {
    key: 'leads',
    name: 'Leads',
    dimensions: [{ key: 'engagement', maxPoints: 100 }],
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'warm', name: 'Warm', minScore: 20 },
      { key: 'hot', name: 'Hot', minScore: 50, hot: true },
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
              points: 30,
              where: [{ property: 'url', operator: 'CONTAINS', value: 'pricing' }],
            },
          },
        ],
      },
    ],
    ...extras,
  };
}

async function idOf(...items: Parameters<PreviewKit['ingest']['record']>): Promise<string> {
  const outcomes = await kit.ingest.record(...items);
  const [first] = outcomes;
  if (first?.status !== 'RECORDED') throw new Error('refused');
  return first.contactId;
}

/** Contacts by pair of stages that differ, from scores before and after. */
function movesBetween(
  [before, beforeStages]: [Map<string, Evaluation>, StageDefinition[]],
  [after, afterStages]: [Map<string, Evaluation>, StageDefinition[]],
): Record<string, number> {
  const moves: Record<string, number> = {};
  for (const [id, { stage }] of before) {
    const [from, to] = [beforeStages[stage]?.key, afterStages[after.get(id)?.stage ?? -1]?.key];
    if (from !== to) moves[`${from} > ${to}`] = (moves[`${from} > ${to}`] ?? 0) + 1;
  }
  return moves;
}

function movesOf(preview: Preview): Record<string, number> {
  return Object.fromEntries(
    preview.stageMoves().map(({ from, to, contacts }) => [`${from.key} > ${to.key}`, contacts]),
  );
}

/** Compares all that a preview says with the naive replay of every contact under both definitions. */
async function expectAsReplayed(
  preview: Preview,
  before: ModelDefinition,
  after: ModelDefinition,
): Promise<void> {
  const { atMs } = preview.scope;
  const [was, is] = [await kit.replayAll(before, atMs), await kit.replayAll(after, atMs)];
  expect(preview.contacts).toBe(was.size);
  for (const [side, scores] of [
    ['before', was],
    ['after', is],
  ] as const) {
    const buckets = preview.distribution(side);
    const counted = buckets.map(({ from, to }) => {
      return [...scores.values()].filter(({ total }) => from <= total && total <= to).length;
    });
    expect(buckets.map(({ contacts }) => contacts)).toEqual(counted);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(scores.size);
  }
  expect(movesOf(preview)).toEqual(movesBetween([was, before.stages], [is, after.stages]));
  const changed = [...was].filter(([id, { total }]) => is.get(id)?.total !== total);
  const distance = (id: string) => Math.abs((is.get(id)?.total ?? 0) - (was.get(id)?.total ?? 0));
  const biggest = changed
    .map(([id]) => id)
    .sort((a, b) => distance(b) - distance(a) || (a < b ? -1 : 1))
    .slice(0, 200);
  expect(preview.movers.map(({ contactId }) => contactId)).toEqual(biggest);
  for (const mover of preview.movers) {
    expect([mover.before, mover.after]).toEqual([
      was.get(mover.contactId)?.total,
      is.get(mover.contactId)?.total,
    ]);
  }
  const becameHot = [...is].filter(
    ([id, { stage }]) =>
      after.stages[stage]?.hot === true && before.stages[was.get(id)?.stage ?? -1]?.hot !== true,
  );
  expect(preview.newlyHot).toBe(becameHot.length);
  expect(new Set(preview.hot.map(({ contactId }) => contactId))).toEqual(
    new Set(becameHot.map(([id]) => id)),
  );
}

describe('a preview of every contact', () => {
  it('says what the naive replay under both definitions says, for any models and timelines', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryModel(),
        arbitraryModel(),
        fc.array(arbitraryTimeline(), { minLength: 1, maxLength: 12 }),
        async (before, after, timelines) => {
          await kit.close();
          kit = await PreviewKit.open(database.url);
          await kit.ingest.publish(before);
          await kit.ingest.record(
            ...timelines.flatMap((entries, index) =>
              entries
                .filter((entry) => entry.kind === 'action' || entry.kind === 'profile')
                .map((entry) => {
                  const at = new Date(entry.atMs - 40 * DAY_MS).toISOString();
                  const email = `p${index}@example.com`;
                  return entry.kind === 'action'
                    ? act(email, entry.type, { at, properties: entry.properties })
                    : profile(email, entry.set, { at });
                }),
            ),
          );
          await expectAsReplayed(await kit.preview(after), before, after);
        },
      ),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 8) },
    );
  });

  it('shows scores as they are now, not as they were published last, and each contact with its explanation', async () => {
    const old = new Date(Date.now() - 100 * DAY_MS).toISOString();
    const decay = { ratePercent: 5, intervalDays: 30 };
    await kit.ingest.publish(modelWith(10, { decay }));
    const id = await idOf(
      ...Array.from({ length: 8 }, () => act('a@example.com', 'email_opened', { at: old })),
    );
    // As if no worker had run since: the published total is that of the day of the actions.
    await kit.ingest.query(
      'UPDATE contact_scores SET total = 80, as_of = folded_at WHERE tenant_id = $1 AND contact_id = $2',
      id,
    );
    const preview = await kit.preview(modelWith(10, { decay: { ratePercent: 50, intervalDays: 30 } }));
    expect(preview.movers).toEqual([{ contactId: id, before: 68, after: 10 }]);
    const [move] = await kit.previews.explain(preview.scope, [id]);
    expect(move?.before).toMatchObject({ total: 68, stage: 'hot' });
    expect(move?.after).toMatchObject({ total: 10, stage: 'cold', dimensions: [10] });
    for (const { total, lines } of [move?.before, move?.after].filter((score) => score !== undefined)) {
      expect(lines.reduce((sum, line) => sum + line.points, 0)).toBeCloseTo(total, 5);
    }
  });

  it('replays contacts whose stored state is of an earlier revision, is missing, lies ahead or lacks something', async () => {
    await kit.ingest.publish(modelWith(10));
    const [behind, unscored, ahead, pending] = [
      await idOf(act('behind@example.com', 'email_opened')),
      await idOf(act('unscored@example.com', 'email_opened'), act('unscored@example.com', 'email_opened')),
      await idOf(act('ahead@example.com', 'email_opened')),
      await idOf(act('pending@example.com', 'email_opened')),
    ];
    await kit.ingest.query(
      `UPDATE contact_scores SET revision = revision - 1, state = 'unreadable' WHERE tenant_id = $1 AND contact_id = $2`,
      behind,
    );
    await kit.ingest.query('DELETE FROM contact_scores WHERE tenant_id = $1 AND contact_id = $2', unscored);
    await kit.ingest.query(
      `UPDATE contact_scores SET folded_at = now() + interval '1 minute', state = 'unreadable'
       WHERE tenant_id = $1 AND contact_id = $2`,
      ahead,
    );
    // Recorded ahead of the clock; its instant has come since, and no worker has seen it yet.
    await kit.ingest.query(
      `UPDATE contact_scores SET pending_at = folded_at, state = 'unreadable'
       WHERE tenant_id = $1 AND contact_id = $2`,
      pending,
    );
    const preview = await kit.preview(modelWith(25));
    expect(
      new Map(preview.movers.map(({ contactId, before, after }) => [contactId, [before, after]])),
    ).toEqual(
      new Map([
        [behind, [10, 25]],
        [unscored, [20, 50]],
        [ahead, [10, 25]],
        [pending, [10, 25]],
      ]),
    );
    expect(movesOf(preview)).toEqual({ 'cold > warm': 3, 'warm > hot': 1 });
    expect(preview.hot).toEqual([{ contactId: unscored, before: 20, after: 50 }]);
  });

  it('calls newly hot who was not hot before', async () => {
    await kit.ingest.publish(modelWith(10));
    const opens = (email: string, times: number) =>
      idOf(...Array.from({ length: times }, () => act(email, 'email_opened')));
    const [already, newly] = [await opens('already@example.com', 5), await opens('newly@example.com', 4)];
    await opens('never@example.com', 1);
    const preview = await kit.preview(modelWith(15));
    expect(preview.newlyHot).toBe(1);
    expect(preview.hot).toEqual([{ contactId: newly, before: 40, after: 60 }]);
    expect(preview.movers[0]).toEqual({ contactId: already, before: 50, after: 75 });
  });

  it('counts what lies ahead of the clock only when its instant has come', async () => {
    await kit.ingest.publish(modelWith(10));
    const soon = new Date(Date.now() + 4 * 60_000).toISOString();
    const id = await idOf(
      act('soon@example.com', 'email_opened'),
      act('soon@example.com', 'email_opened', { at: soon }),
    );
    const preview = await kit.preview(modelWith(20));
    expect(preview.movers).toEqual([{ contactId: id, before: 10, after: 20 }]);
  });

  it('replays the scores of a model that is switched off: what happened meanwhile counts', async () => {
    await kit.ingest.publish(modelWith(10));
    const id = await idOf(act('off@example.com', 'email_opened'));
    const { modelId, version, definition: before } = await kit.model();
    await kit.ingest.query(
      'UPDATE scoring_models SET active = false WHERE tenant_id = $1 AND id = $2',
      modelId,
    );
    await kit.ingest.query(
      `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, recorded_at)
       VALUES ($1, $2, now(), 999999999, gen_random_uuid(), 1, 'email_opened', now())`,
      id,
    );
    const request = { modelId, version, before, after: modelWith(15), sample: null };
    const preview = await kit.previews.preview(kit.ingest.tenantId, request);
    expect(preview.movers).toEqual([{ contactId: id, before: 20, after: 30 }]);
  });

  it('leaves out who was merged into another: that one stands for both', async () => {
    await kit.ingest.publish(modelWith(10));
    const gone = await idOf(act('gone@example.com', 'email_opened'));
    const stays = await idOf(act('stays@example.com', 'email_opened'));
    await kit.ingest.query(
      'UPDATE contacts SET merged_into = $3 WHERE tenant_id = $1 AND id = $2',
      gone,
      stays,
    );
    const preview = await kit.preview(modelWith(20));
    expect(preview.contacts).toBe(1);
    expect(preview.movers.map(({ contactId }) => contactId)).toEqual([stays]);
    expect(await kit.previews.explain(preview.scope, [gone])).toEqual([null]);
  });

  it('reads timelines of any length', async () => {
    await kit.ingest.publish(
      modelWith(1, { maxScore: 1_000_000, dimensions: [{ key: 'engagement', maxPoints: 1e6 }] }),
    );
    const id = await idOf(act('long@example.com', 'email_opened'));
    const entries = 6 * TIMELINE_ENTRIES_MAX;
    await kit.ingest.query(
      `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, recorded_at)
       SELECT $1, $2, date_trunc('second', now()) - i * interval '1 second', 999999 + i, gen_random_uuid(), 1, 'email_opened', now()
       FROM generate_series(1, $3) AS i`,
      id,
      entries,
    );
    await kit.ingest.query('DELETE FROM contact_scores WHERE tenant_id = $1 AND contact_id = $2', id);
    const after = {
      ...modelWith(2),
      maxScore: 1_000_000,
      dimensions: [{ key: 'engagement', maxPoints: 1e6 }],
    };
    const preview = await kit.preview(after);
    expect(preview.movers).toEqual([{ contactId: id, before: entries + 1, after: 2 * (entries + 1) }]);
  });

  it('has nothing to say of a tenant without contacts', async () => {
    await kit.ingest.publish(modelWith(10));
    const preview = await kit.preview(modelWith(20));
    expect([preview.contacts, preview.sampled, preview.newlyHot]).toEqual([0, false, 0]);
    expect([preview.movers, preview.hot, preview.stageMoves(), preview.warnings()]).toEqual([[], [], [], []]);
  });
});

describe('what nobody meets', () => {
  it('is told of rules and stages, with every contact counted', async () => {
    await kit.ingest.publish(modelWith(10));
    await idOf(
      act('a@example.com', 'email_opened'),
      act('a@example.com', 'visited', { properties: { url: '/blog' } }),
    );
    const warnings = (await kit.preview(modelWith(30))).warnings();
    expect(warnings.map(({ code, ruleKey, stage }) => [code, ruleKey ?? stage])).toEqual([
      ['STAGE_REACHED_BY_NOBODY', 'hot'],
      ['RULE_MET_BY_NOBODY', 'pricing'],
    ]);
  });

  it('is nothing that somebody met and that left no trace: a reset to where the score was, awards that expired', async () => {
    const rules = [
      { key: 'left', action: { actionType: 'unsubscribed', points: 0, setScoreTo: 0 } },
      { key: 'short', action: { actionType: 'email_opened', points: 5, expiresAfterDays: 1 } },
      { key: 'never', action: { actionType: 'unheard_of', points: 5 } },
    ];
    await kit.ingest.publish(modelWith(10));
    const at = new Date(Date.now() - 5 * DAY_MS).toISOString();
    await idOf(act('a@example.com', 'email_opened', { at }), act('a@example.com', 'unsubscribed'));
    const after = { ...modelWith(10), scoreSets: [{ key: 'set', rules }] };
    const warnings = (await kit.preview(after))
      .warnings()
      .filter(({ code }) => code === 'RULE_MET_BY_NOBODY');
    expect(warnings.map(({ ruleKey }) => ruleKey)).toEqual(['never']);
  });
});

describe('a sample', () => {
  it('has exactly as many contacts as asked for, spread over all of them, the same ones each time', async () => {
    await kit.ingest.publish(modelWith(10));
    await kit.addContacts(4_500);
    await kit.ingest.query(
      `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, recorded_at)
       SELECT $1, id, now() - interval '1 minute', 1, gen_random_uuid(), 1, 'email_opened', now()
       FROM contacts WHERE tenant_id = $1`,
    );
    const ids = await kit.contactIds();
    const preview = await kit.preview(modelWith(20), { sample: 45 });
    expect([preview.contacts, preview.sampled]).toEqual([45, true]);
    const places = preview.movers.map(({ contactId }) => ids.indexOf(contactId)).sort((a, b) => a - b);
    expect(places.map((place) => Math.floor(place / 100))).toEqual(Array.from({ length: 45 }, (_, i) => i));
    expect((await kit.preview(modelWith(20), { sample: 45 })).movers).toEqual(preview.movers);
    // Over several ranges, and with a number that does not divide.
    const most = await kit.preview(modelWith(20), { sample: 4_499 });
    expect([most.contacts, most.sampled]).toEqual([4_499, true]);
    const all = await kit.preview(modelWith(20), { sample: 4_500 });
    expect([all.contacts, all.sampled]).toEqual([4_500, false]);
    const more = await kit.preview(modelWith(20), { sample: PREVIEW_CONTACTS_MAX });
    expect([more.contacts, more.sampled]).toEqual([4_500, false]);
    expect((await kit.preview(modelWith(20))).distribution('after')).toEqual(all.distribution('after'));
  });

  it('of no contact, or of more than are looked at while somebody waits, is refused', async () => {
    await kit.ingest.publish(modelWith(10));
    for (const sample of [0, -1, PREVIEW_CONTACTS_MAX + 1]) {
      await expect(kit.preview(modelWith(20), { sample })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { fields: [{ path: 'sample', message: expect.stringContaining('startModelPreview') }] },
      });
    }
  });

  it('is asked for when there are more contacts than are looked at while somebody waits', async () => {
    await kit.ingest.publish(modelWith(10));
    await kit.addContacts(PREVIEW_CONTACTS_MAX + 1);
    await expect(kit.preview(modelWith(20))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/100001 contacts.*sample.*startModelPreview/s),
    });
    expect((await kit.preview(modelWith(20), { sample: 10 })).contacts).toBe(10);
  });
});

describe('a preview leaves everything as it is', () => {
  it('no row of any table is written', async () => {
    await kit.ingest.publish(modelWith(10));
    await idOf(act('a@example.com', 'email_opened'), profile('a@example.com', { jobTitle: 'CTO' }));
    const stamps = async () => {
      const tables = await kit.ingest.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind = 'r' AND a.attname = 'tenant_id' AND $1::uuid IS NOT NULL ORDER BY 1`,
      );
      const found: Record<string, unknown> = {};
      for (const { name } of tables) {
        found[name] = await kit.ingest.query(
          `SELECT ctid::text, xmin::text, xmax::text FROM ${name} WHERE tenant_id = $1 ORDER BY 1`,
        );
      }
      return found;
    };
    const before = await stamps();
    expect(Object.keys(before).length).toBeGreaterThan(10);
    const preview = await kit.preview(modelWith(90));
    await kit.previews.explain(
      preview.scope,
      preview.movers.map(({ contactId }) => contactId),
    );
    expect(preview.newlyHot).toBe(1);
    expect(await stamps()).toEqual(before);
  });
});

describe('tenants', () => {
  it('see their own contacts alone, whatever ids they ask for', async () => {
    await kit.ingest.publish(modelWith(10));
    const theirs = await idOf(act('a@example.com', 'email_opened'));
    const stranger = await PreviewKit.open(database.url);
    try {
      await stranger.ingest.publish(modelWith(10));
      const [mine] = await stranger.ingest.record(act('b@example.com', 'visited'));
      if (mine?.status !== 'RECORDED') throw new Error('refused');
      const preview = await stranger.preview(modelWith(20));
      expect([preview.contacts, preview.movers]).toEqual([1, []]);
      const [own, ...others] = await stranger.previews.explain(preview.scope, [
        mine.contactId,
        theirs,
        uuidv7(),
      ]);
      expect(own?.contactId).toBe(mine.contactId);
      expect(others).toEqual([null, null]);
    } finally {
      await stranger.close();
    }
  });

  it('cannot preview the model of another', async () => {
    await kit.ingest.publish(modelWith(10));
    const request = { modelId: uuidv7() };
    await expect(kit.preview(modelWith(20), request)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('several at once all get their answers', async () => {
  await kit.ingest.publish(modelWith(10));
  await idOf(act('a@example.com', 'email_opened'));
  await kit.addContacts(5_000);
  const { definition } = applyModelChanges(modelWith(10), [
    {
      putRule: {
        scoreSet: 'behaviour',
        rule: { key: 'open', action: { actionType: 'email_opened', points: 55 } },
      },
    },
  ]);
  const previews = await Promise.all(Array.from({ length: 10 }, () => kit.preview(definition)));
  expect(previews.map(({ contacts, newlyHot }) => [contacts, newlyHot])).toEqual(Array(10).fill([5_001, 1]));
  expect(kit.threads.running).toBeLessThanOrEqual(2);
});
