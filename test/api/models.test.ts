import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiTenant, ApiTestServer } from '../support/api-server.js';

const MODEL = 'id key name version active primary definition recalculation { id kind state done total }';
const CREATE = `mutation ($input: ScoringModelInput!) { createScoringModel(input: $input) { model { ${MODEL} } } }`;
const CHANGE = `mutation ($input: ChangeScoringModelInput!) {
  changeScoringModel(input: $input) { model { ${MODEL} } recalculation { id state } }
}`;
const ROLLBACK = `mutation ($input: RollbackInput!) { rollbackScoringModel(input: $input) { model { ${MODEL} } recalculation { id } } }`;
const ACTIVATE = `mutation ($input: ActivateInput!) { activateScoringModel(input: $input) { model { ${MODEL} } recalculation { id } } }`;
const VERSIONS = `query ($id: ID!, $first: Int, $after: String) {
  scoringModel(id: $id) { versions(first: $first, after: $after) {
    nodes { version publishedAt publishedBy message definition } pageInfo { hasNextPage endCursor }
  } }
}`;

function input(key: string) {
  return {
    key,
    name: 'Main',
    description: 'first',
    dimensions: [{ key: 'd', maxPoints: 100 }],
    decay: { ratePercent: 5, intervalDays: 30 },
    stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
    scoreSets: [
      { key: 's', dimension: 'd', rules: [{ key: 'open', action: { actionType: 'opened', points: 5 } }] },
    ],
  };
}

let server: ApiTestServer;
let tenant: ApiTenant;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  tenant = await server.tenant();
});
afterAll(() => server.stop());

async function create(key: string) {
  const { data, errors } = await server.send(tenant.key, CREATE, { input: input(key) });
  expect(errors).toEqual([]);
  return data.createScoringModel.model;
}

async function change(id: string, expectedVersion: number, changes: object[], more: object = {}) {
  return server.send(tenant.key, CHANGE, { input: { id, expectedVersion, changes, ...more } });
}

async function epoch(): Promise<number> {
  const [row] = await server.services.db.dataSource.query(
    'SELECT epoch FROM tenant_feeds WHERE tenant_id = $1',
    [tenant.tenantId],
  );
  return row.epoch;
}

describe('creating', () => {
  test('publishes version 1, active; only the first model is primary; contacts are rescored', async () => {
    const first = await create('a');
    expect(first).toMatchObject({
      key: 'a',
      version: 1,
      active: true,
      primary: true,
      recalculation: { kind: 'RESCORE', state: 'QUEUED' },
    });
    expect(first.definition).toMatchObject({ minScore: 0, maxScore: 100, decay: { minScore: 0 } });
    expect(await create('b')).toMatchObject({ active: true, primary: false });
    const { data } = await server.send(
      tenant.key,
      '{ scoringModels { key } scoringModel(key: "b") { key } none: scoringModel(key: "c") { key } }',
    );
    expect(data).toEqual({
      scoringModels: [{ key: 'a' }, { key: 'b' }],
      scoringModel: { key: 'b' },
      none: null,
    });
    const job = await server.send(
      tenant.key,
      'query ($id: ID!) { job(id: $id) { state total ratePerSecond } }',
      { id: first.recalculation.id },
    );
    expect(job.data.job).toEqual({ state: 'QUEUED', total: null, ratePerSecond: null });
  });

  test('every fault is told with its path, and nothing is left behind', async () => {
    const wrong = input('bad key!');
    wrong.scoreSets[0]!.dimension = 'nowhere';
    wrong.scoreSets[0]!.rules.push({ ...wrong.scoreSets[0]!.rules[0]! });
    wrong.stages.push({ key: 'cold', name: 'Again', minScore: 0 });
    const { errors, data } = await server.send(tenant.key, CREATE, { input: wrong });
    expect(data).toBeNull();
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const paths = errors[0]?.extensions.fields?.map((field) => field.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'input.key',
        'input.scoreSets.0.dimension',
        'input.scoreSets.0.rules.1.key',
        'input.stages.1.key',
        'input.stages.1.minScore',
      ]),
    );
    expect((await server.send(tenant.key, '{ scoringModels { id } }')).data.scoringModels).toEqual([]);
  });

  test('a key that is taken is a CONFLICT, also when two come at once', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => server.send(tenant.key, CREATE, { input: input('same') })),
    );
    expect(answers.map(({ errors }) => errors[0]?.extensions.code ?? 'OK').sort()).toEqual([
      'CONFLICT',
      'CONFLICT',
      'OK',
    ]);
  });

  test.each(['STARTER', 'ADVANCED', 'EXPIRING'])(
    'the preset %s is a model like any other',
    async (preset) => {
      const query =
        'mutation ($input: PresetInput!) { createScoringModelFromPreset(input: $input) { model { key name version } } }';
      const { data } = await server.send(tenant.key, query, { input: { preset, key: 'p', name: 'Ours' } });
      expect(data.createScoringModelFromPreset.model).toEqual({ key: 'p', name: 'Ours', version: 1 });
    },
  );
});

describe('changing', () => {
  test('publishes the next version in one step and raises the epoch', async () => {
    const model = await create('a');
    const before = await epoch();
    const changes = [
      { putRule: { scoreSet: 's', rule: { key: 'click', action: { actionType: 'clicked', points: 10 } } } },
      { setActive: { rule: 'open', active: false } },
    ];
    const { data } = await change(model.id, 1, changes, { message: 'clicks count' });
    const { model: changed, recalculation } = data.changeScoringModel;
    expect(changed.version).toBe(2);
    expect(recalculation).toEqual({ id: changed.recalculation.id, state: 'QUEUED' });
    expect(
      changed.definition.scoreSets[0].rules.map((rule: { key: string; active: boolean }) => [
        rule.key,
        rule.active,
      ]),
    ).toEqual([
      ['open', false],
      ['click', true],
    ]);
    expect(await epoch()).toBe(before + 1);
    const superseded = await server.send(
      tenant.key,
      'query ($id: ID!) { job(id: $id) { state finishedAt } }',
      { id: model.recalculation.id },
    );
    expect(superseded.data.job.state).toBe('SUPERSEDED');
    expect(superseded.data.job.finishedAt).not.toBeNull();
  });

  test('settings tell null, which clears, from absent, which keeps', async () => {
    const model = await create('a');
    const { data } = await change(model.id, 1, [{ settings: { decay: null, name: 'Other' } }]);
    const { definition, name } = data.changeScoringModel.model;
    expect(definition.decay ?? null).toBeNull();
    expect([name, definition.description]).toEqual(['Other', 'first']);
  });

  test('one bad change undoes all, with its path', async () => {
    const model = await create('a');
    const { errors } = await change(model.id, 1, [{ removeRule: 'open' }, { removeRule: 'nope' }]);
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors[0]?.extensions.fields?.[0]?.path).toMatch(/^input\.changes\.1/);
    const { data } = await server.send(tenant.key, '{ scoringModel(key: "a") { version definition } }');
    expect(data.scoringModel.version).toBe(1);
    expect(data.scoringModel.definition.scoreSets[0].rules).toHaveLength(1);
  });

  test('another version than expected is a CONFLICT that names the current one; of editors at once one wins', async () => {
    const model = await create('a');
    const answers = await Promise.all(
      ['x', 'y', 'z'].map((name) => change(model.id, 1, [{ settings: { name } }])),
    );
    const faults = answers.flatMap(({ errors }) => errors.map((error) => error.extensions));
    expect(faults).toHaveLength(2);
    for (const fault of faults) expect(fault).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
  });

  test('no changes, too many, two kinds of change in one and long messages are refused', async () => {
    const { id } = await create('a');
    const one = [{ removeRule: 'open' }];
    const cases: [Promise<unknown>, string][] = [
      [change(id, 1, []), 'input.changes'],
      [change(id, 1, Array(201).fill(one[0])), 'input.changes'],
      [change(id, 1, [{ removeRule: 'open', removeScoreSet: 's' }]), 'input.changes.0'],
      [change(id, 1, one, { message: 'x'.repeat(501) }), 'input.message'],
    ];
    for (const [answer, path] of cases) {
      expect(await answer).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT', fields: [{ path }] } }],
      });
    }
  });

  test('a model of another tenant, or none, is NOT_FOUND', async () => {
    const { id } = await create('a');
    tenant = await server.tenant();
    for (const unknown of [id, 'nonsense']) {
      expect((await change(unknown, 1, [{ removeRule: 'open' }])).errors[0]?.extensions.code).toBe(
        'NOT_FOUND',
      );
    }
    const { data } = await server.send(
      tenant.key,
      'query ($id: ID!) { scoringModel(id: $id) { id } job(id: $id) { id } }',
      { id },
    );
    expect(data).toEqual({ scoringModel: null, job: null });
  });
});

describe('versions', () => {
  test('are listed newest first, page by page, and a rollback is a new one', async () => {
    const { id } = await create('a');
    await change(id, 1, [{ settings: { name: 'Second' } }], { message: 'renamed' });
    const back = await server.send(tenant.key, ROLLBACK, { input: { id, toVersion: 1, expectedVersion: 2 } });
    expect(back.data.rollbackScoringModel.model).toMatchObject({ version: 3, name: 'Main' });
    expect(back.data.rollbackScoringModel.recalculation).not.toBeNull();
    const page = await server.send(tenant.key, VERSIONS, { id, first: 2 });
    const { nodes, pageInfo } = page.data.scoringModel.versions;
    expect(nodes.map((node: { version: number; message: string }) => [node.version, node.message])).toEqual([
      [3, 'Back to version 1'],
      [2, 'renamed'],
    ]);
    expect(nodes[0].publishedBy).toBe('admin key');
    expect(pageInfo.hasNextPage).toBe(true);
    const rest = await server.send(tenant.key, VERSIONS, { id, first: 2, after: pageInfo.endCursor });
    expect(rest.data.scoringModel.versions.nodes.map((node: { version: number }) => node.version)).toEqual([
      1,
    ]);
    expect(rest.data.scoringModel.versions.nodes[0].definition).toEqual(nodes[0].definition);
  });

  test('only earlier versions can be gone back to', async () => {
    const { id } = await create('a');
    for (const toVersion of [1, 2, 0, -1]) {
      const { errors } = await server.send(tenant.key, ROLLBACK, {
        input: { id, toVersion, expectedVersion: 1 },
      });
      expect(errors[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'input.toVersion' }],
      });
    }
  });

  test('a foreign cursor is refused', async () => {
    const { id } = await create('a');
    const { errors } = await server.send(tenant.key, VERSIONS, { id, after: 'bm9wZQ' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'after' }] });
  });
});

describe('switches', () => {
  const activate = (given: object) => server.send(tenant.key, ACTIVATE, { input: given });

  test('primary is one model; it cannot be switched off', async () => {
    const a = await create('a');
    const b = await create('b');
    expect((await activate({ id: a.id, active: false })).errors[0]?.extensions.fields?.[0]?.path).toBe(
      'input.active',
    );
    expect((await activate({ id: a.id, primary: false })).errors[0]?.extensions.fields?.[0]?.path).toBe(
      'input.primary',
    );
    expect((await activate({ id: b.id, primary: true })).data.activateScoringModel.model.primary).toBe(true);
    const { data } = await server.send(tenant.key, '{ scoringModels { key primary } }');
    expect(data.scoringModels).toEqual([
      { key: 'b', primary: true },
      { key: 'a', primary: false },
    ]);
    expect((await activate({ id: a.id, active: false })).data.activateScoringModel.model.active).toBe(false);
    expect((await activate({ id: a.id, primary: true })).errors[0]?.extensions.fields?.[0]?.path).toBe(
      'input.primary',
    );
    expect((await activate({ id: a.id })).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('a model switched on again keeps its version, and every contact is rescored', async () => {
    await create('a');
    const b = await create('b');
    await activate({ id: b.id, active: false });
    const edited = await change(b.id, 1, [{ settings: { name: 'While off' } }]);
    expect(edited.data.changeScoringModel.recalculation).toBeNull();
    const { data } = await activate({ id: b.id, active: true });
    expect(data.activateScoringModel).toMatchObject({
      model: { version: 2, active: true, name: 'While off' },
    });
    expect(data.activateScoringModel.recalculation).not.toBeNull();
  });
});
