import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const CREATE = 'mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) { model { id } } }';
const RECORD = 'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { recorded } }';
const INSIGHT = `query ($from: Date!, $to: Date!) {
  analytics(range: { from: $from, to: $to }) {
    ruleInsight {
      leads fittedLeads sampled changes
      areaUnderCurve { area } fittedAreaUnderCurve { area enough }
      rules {
        ruleKey converted { numerator denominator } without { denominator } lift { ratio low high enough }
        overlaps { ruleKey jaccard share { rate } } currentPoints suggestedPoints coefficient standardError uncertain
      }
      preview { contacts before { contacts } warnings { message } }
    }
  }
}`;
const MODEL = {
  key: 'main',
  name: 'Main',
  dimensions: [{ key: 'engagement', maxPoints: 100 }],
  stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
  scoreSets: [
    {
      key: 'behaviour',
      name: 'Behaviour',
      dimension: 'engagement',
      rules: [
        { key: 'demo', action: { actionType: 'requested_demo', points: 5 } },
        { key: 'news', action: { actionType: 'opened_newsletter', points: 20 } },
        { key: 'news_click', action: { actionType: 'clicked_newsletter', points: 5 } },
        { key: 'never', action: { actionType: 'flew_to_the_moon', points: 50 } },
      ],
    },
  ],
};

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
  tenant = await server.tenant();
  await server.send(tenant.key, CREATE, { input: MODEL });
});
afterAll(() => server.stop());

/** Of 240 leads a third asked for a demo, and most of those converted; half read the newsletter, for nothing. */
function actions() {
  const startMs = Date.now() - 5 * 86_400_000;
  return Array.from({ length: 240 }, (_, n) => {
    const isDemo = n % 3 === 0;
    const wins = isDemo ? n % 4 !== 0 : n % 20 === 1;
    const types = [
      'visited',
      ...(isDemo ? ['requested_demo'] : []),
      ...(n % 2 === 0 ? ['opened_newsletter', 'clicked_newsletter'] : []),
      ...(wins ? ['deal_won', 'flew_to_the_moon'] : []),
    ];
    return types.map((type, step) => ({
      contact: { email: `lead-${n}@example.com` },
      type,
      occurredAt: new Date(startMs + step * 60_000).toISOString(),
    }));
  }).flat();
}

test('rules are told by their outcomes, with points that fit them and what these would do', async () => {
  const recorded = await server.send(tenant.key, RECORD, { input: actions() });
  expect(recorded.errors).toEqual([]);
  await server.settleFacts();
  const dayOf = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const { data, errors } = await server.send(tenant.key, INSIGHT, { from: dayOf(20), to: dayOf(0) });
  expect(errors).toEqual([]);
  const insight = data.analytics.ruleInsight;
  expect(insight).toMatchObject({ leads: 240, fittedLeads: 240, sampled: false });
  const [demo, news, newsClick, never] = insight.rules;
  expect(demo).toMatchObject({
    ruleKey: 'demo',
    converted: { numerator: 60, denominator: 80 },
    without: { denominator: 160 },
    currentPoints: 5,
    uncertain: false,
  });
  expect(demo.lift.low).toBeGreaterThan(1);
  expect(demo.suggestedPoints).toBeGreaterThan(5);
  expect(news).toMatchObject({ ruleKey: 'news', uncertain: true });
  expect(news.overlaps[0]).toMatchObject({ ruleKey: 'news_click', jaccard: 1, share: { rate: 1 } });
  expect(newsClick.ruleKey).toBe('news_click');
  // Everybody who won did it, and nobody before.
  expect(never).toMatchObject({ ruleKey: 'never', converted: { denominator: 0 }, lift: { ratio: null } });
  expect(insight.fittedAreaUnderCurve.area).toBeGreaterThan(insight.areaUnderCurve.area);
  const changedKeys = insight.changes.map(
    (change: { putRule: { rule: { key: string } } }) => change.putRule.rule.key,
  );
  expect(changedKeys).toEqual(['demo']);
  expect(insight.preview.contacts).toBe(240);
  const tried = await server.send(
    tenant.key,
    `query ($id: ID!, $changes: [ModelChange!]!) { previewScoringModel(id: $id, changes: $changes) { contacts } }`,
    {
      id: (await server.send(tenant.key, '{ scoringModel(key: "main") { id } }')).data.scoringModel.id,
      changes: insight.changes,
    },
  );
  expect(tried.errors).toEqual([]);
  expect(tried.data.previewScoringModel.contacts).toBe(240);
});

describe('of too few outcomes', () => {
  test('nothing is fitted, and nothing suggested', async () => {
    const other = await server.tenant();
    await server.send(other.key, CREATE, { input: MODEL });
    const day = new Date().toISOString().slice(0, 10);
    const { data, errors } = await server.send(other.key, INSIGHT, { from: day, to: day });
    expect(errors).toEqual([]);
    expect(data.analytics.ruleInsight).toMatchObject({
      leads: 0,
      changes: [],
      fittedAreaUnderCurve: null,
      preview: null,
    });
    expect(data.analytics.ruleInsight.rules[0]).toMatchObject({ suggestedPoints: null, uncertain: true });
  });
});
