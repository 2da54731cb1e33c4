import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Role } from '../../../src/access/roles.js';
import { createLog } from '../../../src/log.js';
import { RescoreWorker } from '../../../src/rescoring/rescore-worker.js';
import { type ApiTenant, ApiTestServer } from '../../support/api-server.js';
import { eventually } from '../../support/eventually.js';

const PREVIEW = `query ($id: ID!, $changes: [ModelChange!]!, $sample: Int, $draft: Boolean, $contact: ID = "") {
  previewScoringModel(id: $id, changes: $changes, sample: $sample, draft: $draft) {
    contacts sampled version asOf
    before { from to contacts }
    after { from to contacts }
    stageMoves { from { key } to { key hot } contacts }
    biggestMovers { ...move }
    newlyHot { count contacts { ...move } }
    contact(id: $contact) { ...move }
    warnings { code message path ruleKey stage suggestion }
  }
}
fragment move on ScoreMove { points contact { id email } before { ...score } after { ...score } }
fragment score on PreviewedScore { total label stage { key } dimensions { key points } explanation { kind ruleKey points awards } }`;

/** Opens worth 5 and visits worth 10; warm from 20, hot from 50. */
const MODEL = {
  key: 'leads',
  name: 'Leads',
  dimensions: [{ key: 'd', maxPoints: 100 }],
  stages: [
    { key: 'cold', name: 'Cold', minScore: 0 },
    { key: 'warm', name: 'Warm', minScore: 20 },
    { key: 'hot', name: 'Hot', minScore: 50, hot: true },
  ],
  scoreSets: [{ key: 'web', dimension: 'd', rules: [rule('open', 5), rule('visit', 10)] }],
};

function rule(key: string, points: number, actionType = key) {
  return { key, action: { actionType, points } };
}

function putRule(...args: Parameters<typeof rule>) {
  return { putRule: { scoreSet: 'web', rule: rule(...args) } };
}

let server: ApiTestServer;
let tenant: ApiTenant;
let id: string;

beforeAll(async () => {
  server = await ApiTestServer.start();
});

beforeEach(async () => {
  tenant = await server.tenant();
  const data = await ask(
    'mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) { model { id } } }',
    { input: MODEL },
  );
  id = data.createScoringModel.model.id;
});

afterAll(() => server.stop());

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the test asked for
async function ask(query: string, variables: object = {}, key = tenant.key): Promise<any> {
  const { data, errors } = await server.send(key, query, variables as Record<string, unknown>);
  expect(errors).toEqual([]);
  return data;
}

async function preview(variables: object, key = tenant.key) {
  return (await ask(PREVIEW, { id, changes: [], ...variables }, key)).previewScoringModel;
}

async function refused(variables: object, key = tenant.key) {
  const { errors } = await server.send(key, PREVIEW, { id, changes: [], ...variables });
  expect(errors).toHaveLength(1);
  return errors[0];
}

/** Records so many actions of a type for a contact. @returns the contact's id. */
async function act(email: string, type: string, times = 1): Promise<string> {
  const input = Array.from({ length: times }, () => ({ contact: { email }, type }));
  const data = await ask(
    'mutation ($input: [RecordActionInput!]!) { recordActions(input: $input) { results { contactId } } }',
    { input },
  );
  return data.recordActions.results[0].contactId;
}

describe('a preview', () => {
  it('shows who would move where, with both explanations', async () => {
    const [ada, bob] = [await act('ada@example.com', 'visit', 3), await act('bob@example.com', 'open', 2)];
    await act('cy@example.com', 'other');
    const seen = await preview({ changes: [putRule('visit', 20)], contact: bob });
    expect(seen).toMatchObject({ contacts: 3, sampled: false, version: 1 });
    expect(seen.before.filter((bucket: { contacts: number }) => bucket.contacts > 0)).toEqual([
      { from: 0, to: 4, contacts: 1 },
      { from: 10, to: 14, contacts: 1 },
      { from: 30, to: 34, contacts: 1 },
    ]);
    expect(seen.after.filter((bucket: { contacts: number }) => bucket.contacts > 0)).toEqual([
      { from: 0, to: 4, contacts: 1 },
      { from: 10, to: 14, contacts: 1 },
      { from: 60, to: 64, contacts: 1 },
    ]);
    expect(seen.stageMoves).toEqual([{ from: { key: 'warm' }, to: { key: 'hot', hot: true }, contacts: 1 }]);
    const move = {
      points: 30,
      contact: { id: ada, email: 'ada@example.com' },
      before: {
        total: 30,
        label: null,
        stage: { key: 'warm' },
        dimensions: [{ key: 'd', points: 30 }],
        explanation: [{ kind: 'RULE', ruleKey: 'visit', points: 30, awards: 3 }],
      },
      after: {
        total: 60,
        label: null,
        stage: { key: 'hot' },
        dimensions: [{ key: 'd', points: 60 }],
        explanation: [{ kind: 'RULE', ruleKey: 'visit', points: 60, awards: 3 }],
      },
    };
    expect(seen.biggestMovers).toEqual([move]);
    expect(seen.newlyHot).toEqual({ count: 1, contacts: [move] });
    expect(seen.contact).toMatchObject({
      points: 0,
      contact: { id: bob, email: 'bob@example.com' },
      before: { total: 10 },
      after: { total: 10, explanation: [{ ruleKey: 'open', points: 10 }] },
    });
  });

  it('comes true: after publishing and rescoring every contact has the total that was foretold', async () => {
    for (let index = 0; index < 30; index++)
      await act(`p${index}@example.com`, index % 3 ? 'open' : 'visit', 1 + (index % 7));
    const changes = [
      putRule('open', 9),
      { removeRule: 'visit' },
      { settings: { stages: [MODEL.stages[0], { key: 'hot', name: 'Hot', minScore: 30, hot: true }] } },
    ];
    const seen = await preview({ changes });
    const first = `biggestMovers(first: 200) { contact { id } after { total stage { key } explanation { points } } }`;
    const all = await ask(
      `query ($id: ID!, $changes: [ModelChange!]!) { previewScoringModel(id: $id, changes: $changes) { ${first} } }`,
      { id, changes },
    );
    const foretold = all.previewScoringModel.biggestMovers;
    expect(foretold.length).toBeGreaterThan(20);
    await ask(
      'mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { version } } }',
      { input: { id, expectedVersion: 1, changes } },
    );
    const { db, registry } = server.services;
    const worker = new RescoreWorker({ db, registry, log: createLog('silent'), announce: () => undefined });
    worker.start();
    try {
      await eventually(async () => {
        const { scoringModel } = await ask(`{ scoringModel(key: "leads") { recalculation { state } } }`);
        expect(scoringModel.recalculation.state).toBe('DONE');
      });
    } finally {
      await worker.stop();
    }
    const scores = await ask(
      `{ contacts(first: 100) { nodes { id score { modelVersion total stage { key } explanation { points } } } } }`,
    );
    const totals = new Map(
      scores.contacts.nodes.map((node: { id: string; score: object }) => [node.id, node.score]),
    );
    for (const { contact, after } of foretold) {
      expect(totals.get(contact.id)).toEqual({ modelVersion: 2, ...after });
    }
    for (const bucket of seen.after) {
      const inside = [...totals.values()].filter((score) => {
        const { total } = score as { total: number };
        return bucket.from <= total && total <= bucket.to;
      });
      expect(inside).toHaveLength(bucket.contacts);
    }
  });

  it('is of the draft, when that is asked for, and of changes on top of it', async () => {
    await act('ada@example.com', 'visit', 3);
    expect(await refused({ draft: true })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'draft' }] },
    });
    await ask(
      'mutation ($input: ChangeScoringModelInput!) { changeScoringModel(input: $input) { model { version } } }',
      { input: { id, expectedVersion: 1, changes: [putRule('visit', 20)], publish: false } },
    );
    expect((await preview({ draft: true })).biggestMovers[0]).toMatchObject({
      before: { total: 30 },
      after: { total: 60 },
    });
    const more = await preview({ draft: true, changes: [{ settings: { maxScore: 40 } }] });
    expect(more.biggestMovers[0]).toMatchObject({ before: { total: 30 }, after: { total: 40 } });
    expect((await preview({ changes: [putRule('visit', 1)] })).biggestMovers[0]).toMatchObject({
      before: { total: 30 },
      after: { total: 3 },
    });
  });

  it('warns of what the definition has and of what the contacts say', async () => {
    await act('ada@example.com', 'visit', 3);
    const changes = [putRule('never', 5, 'unheard_of'), putRule('copy', 10, 'visit')];
    const { warnings } = await preview({ changes });
    const found = warnings.map(({ code, ruleKey, stage, suggestion }: Record<string, string>) => [
      code,
      ruleKey ?? stage,
      suggestion,
    ]);
    expect(found).toContainEqual(['RULE_REPEATS_ANOTHER', 'copy', 'visit']);
    expect(found).toContainEqual(['RULE_MET_BY_NOBODY', 'never', null]);
    expect(found).toContainEqual(['RULE_MET_BY_NOBODY', 'open', null]);
    const sampled = await preview({ changes, sample: 1 });
    expect(sampled.sampled).toBe(false);
    await act('bob@example.com', 'open');
    const codes = (await preview({ changes, sample: 1 })).warnings.map(({ code }: { code: string }) => code);
    expect(codes).toContain('RULE_REPEATS_ANOTHER');
    expect(codes).not.toContain('RULE_MET_BY_NOBODY');
  });

  it('shows as many movers as asked for, the biggest first, and none that is gone', async () => {
    for (const times of [1, 4, 2, 3]) await act(`p${times}@example.com`, 'visit', times);
    const movers = (first: number) =>
      server.send(
        tenant.key,
        `query ($id: ID!, $changes: [ModelChange!]!, $first: Int!) { previewScoringModel(id: $id, changes: $changes) {
          biggestMovers(first: $first) { points } newlyHot(first: $first) { count contacts { points } } } }`,
        { id, changes: [putRule('visit', 25)], first },
      );
    const { data } = await movers(2);
    expect(data.previewScoringModel.biggestMovers).toEqual([{ points: 60 }, { points: 45 }]);
    expect(data.previewScoringModel.newlyHot).toEqual({
      count: 3,
      contacts: [{ points: 60 }, { points: 45 }],
    });
    expect((await movers(0)).data.previewScoringModel.biggestMovers).toEqual([]);
    for (const first of [-1, 201]) {
      expect((await movers(first)).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
  });
});

it('whose database connection is lost says so, and the next one works', async () => {
  await act('ada@example.com', 'visit');
  const { dataSource } = server.services.db;
  const threads = `application_name = 'leadpulse-threads' AND datname = current_database()`;
  const changes = [putRule('visit', 20)];
  const lost = await dataSource.transaction(async (manager) => {
    await manager.query('LOCK TABLE contact_scores IN ACCESS EXCLUSIVE MODE');
    const asked = server.send(tenant.key, PREVIEW, { id, changes });
    await eventually(async () => {
      const waiting: unknown[] = await dataSource.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${threads} AND wait_event_type = 'Lock'`,
      );
      expect(waiting).toHaveLength(1);
    });
    return asked;
  });
  expect(lost.errors[0]?.extensions.code).toBe('UNAVAILABLE');
  expect((await preview({ changes })).contacts).toBe(1);
});

describe('what cannot be previewed', () => {
  it('is said with the path of each fault', async () => {
    const faulty = await refused({ changes: [putRule('visit', 20), { removeRule: 'nowhere' }] });
    expect(faulty?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'changes.1.removeRule' }],
    });
    expect((await refused({}))?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'changes' }],
    });
    expect((await refused({ changes: [putRule('visit', 1)], sample: 0 }))?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'sample' }],
    });
    for (const unknown of [uuidv7(), 'x']) {
      expect((await refused({ id: unknown, changes: [putRule('visit', 1)] }))?.extensions.code).toBe(
        'NOT_FOUND',
      );
    }
  });

  it('is the model, or a contact, of another tenant', async () => {
    const stranger = await server.tenant();
    expect((await refused({ changes: [putRule('visit', 1)] }, stranger.key))?.extensions.code).toBe(
      'NOT_FOUND',
    );
    const theirs = await server.send(
      stranger.key,
      'mutation ($input: RecordActionInput!) { recordAction(input: $input) { contact { id } } }',
      { input: { contact: { email: 'x@example.com' }, type: 'visit' } },
    );
    const contact = theirs.data.recordAction.contact.id;
    const seen = await preview({ changes: [putRule('visit', 1)], contact });
    expect([seen.contacts, seen.contact]).toEqual([0, null]);
  });

  it('is anything, for keys that only write', async () => {
    const may = async (role: Role) => {
      const key = await server.key(tenant, role);
      const { errors } = await server.send(key, PREVIEW, { id, changes: [putRule('visit', 1)] });
      return errors[0]?.extensions.code ?? 'allowed';
    };
    expect(await Promise.all((['ADMIN', 'MARKETER', 'SALES', 'VIEWER', 'INGEST'] as const).map(may))).toEqual(
      ['allowed', 'allowed', 'allowed', 'allowed', 'FORBIDDEN'],
    );
  });

  it('is a dozen previews in one request', async () => {
    const changes = JSON.stringify([{ removeRule: 'visit' }]).replace(/"(\w+)":/g, '$1:');
    const fields = Array.from(
      { length: 12 },
      (_, index) => `p${index}: previewScoringModel(id: "${id}", changes: ${changes}) { contacts }`,
    );
    const { errors } = await server.send(tenant.key, `{ ${fields.join(' ')} }`);
    expect(errors[0]?.extensions.code).toBe('TOO_COMPLEX');
  });
});
