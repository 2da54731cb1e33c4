import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiTestServer } from '../../support/api-server.js';
import { CHANGING_MUTATIONS, layout, type ModelKit, openKit, rule } from './model-kit.js';

const OUTCOME =
  'model { version definition } draft { revision definition } recalculation { state } warnings { code }';

/** Each step: its input beside the `id`, and the changes that it stands for. */
const STEPS: [string, object, object[]][] = [
  [
    'createRule',
    { scoreSet: 'web', rule: rule('demo') },
    [{ putRule: { scoreSet: 'web', rule: rule('demo') } }],
  ],
  [
    'updateRule',
    { rule: { key: 'open', name: 'Opened', maxPoints: 20 } },
    [{ putRule: { scoreSet: 'email', rule: { ...rule('open'), name: 'Opened', maxPoints: 20 } } }],
  ],
  [
    'updateRule',
    { rule: { key: 'open', active: false }, scoreSet: 'web' },
    [{ putRule: { scoreSet: 'web', rule: { ...rule('open'), active: false } } }],
  ],
  ['deleteRule', { key: 'click' }, [{ removeRule: 'click' }]],
  ['setRuleActive', { key: 'open', active: false }, [{ setActive: { rule: 'open', active: false } }]],
  [
    'createScoreSet',
    { scoreSet: { key: 'more', maxPoints: 30, rules: [rule('demo')] } },
    [{ putScoreSet: { key: 'more', maxPoints: 30, rules: [rule('demo')] } }],
  ],
  [
    'updateScoreSet',
    { scoreSet: { key: 'web', name: 'Site', dimension: null, maxPoints: 12 } },
    [{ putScoreSet: { key: 'web', name: 'Site', maxPoints: 12, rules: [rule('visit')] } }],
  ],
  ['deleteScoreSet', { key: 'web' }, [{ removeScoreSet: 'web' }]],
  ['setScoreSetActive', { key: 'web', active: false }, [{ setActive: { scoreSet: 'web', active: false } }]],
  [
    'updateModelSettings',
    { settings: { name: 'Other', decay: { ratePercent: 5, intervalDays: 30 } } },
    [{ settings: { name: 'Other', decay: { ratePercent: 5, intervalDays: 30 } } }],
  ],
];

let server: ApiTestServer;
let kit: ModelKit;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  kit = await openKit(server);
});
afterAll(() => server.stop());

describe.each(STEPS)('%s %j', (name, input, changes) => {
  test('publishes what the changes that it stands for would publish', async () => {
    const [byStep, byChanges] = [await kit.create('a'), await kit.create('b')];
    const { model, draft, recalculation } = await kit.run(name, { id: byStep, ...input }, OUTCOME);
    const same = await kit.change(byChanges, 1, changes);
    expect(model.version).toBe(2);
    expect({ ...model.definition, key: 'b' }).toEqual(same.model.definition);
    expect(draft).toBeNull();
    expect(recalculation).toEqual({ state: 'QUEUED' });
  });

  test('goes to the draft on request, on top of what is there', async () => {
    const [byStep, byChanges] = [await kit.create('a'), await kit.create('b')];
    const earlier = [{ putRule: { scoreSet: 'web', rule: rule('earlier') } }];
    await kit.draft(byStep, earlier);
    await kit.draft(byChanges, earlier);
    const { model, draft, recalculation } = await kit.run(
      name,
      { id: byStep, publish: false, expectedVersion: 1, expectedDraft: 1, ...input },
      OUTCOME,
    );
    expect([model.version, draft.revision, recalculation]).toEqual([1, 2, null]);
    const asChanges = name === 'updateScoreSet' ? withRule(changes, rule('earlier')) : changes;
    const same = await kit.draft(byChanges, asChanges);
    expect({ ...draft.definition, key: 'b' }).toEqual(same.draft.definition);
  });

  test('is guarded by the version and the draft that the editor saw', async () => {
    const id = await kit.create();
    for (const guard of [{ expectedVersion: 2 }, { expectedDraft: 1 }]) {
      const fault = await kit.refused(name, { id, ...input, ...guard });
      expect(fault.extensions).toEqual({ code: 'CONFLICT', currentVersion: 1, currentDraft: 0 });
    }
    expect(await kit.model(id, 'version')).toEqual({ version: 1 });
  });
});

/** A set is put with the rules that it has by then. */
function withRule(changes: object[], added: object): object[] {
  return changes.map((change) => {
    const { putScoreSet } = change as { putScoreSet: { rules: object[] } };
    return { putScoreSet: { ...putScoreSet, rules: [...putScoreSet.rules, added] } };
  });
}

describe('updateRule', () => {
  test('null goes back to the default, absent stays, another kind takes the place of the one there was', async () => {
    const id = await kit.create();
    const change = { key: 'open', name: 'Opened', description: 'a note', maxPoints: 20 };
    await kit.run('updateRule', { id, rule: change }, '__typename');
    const cleared = { key: 'open', name: null, description: null };
    const first = await kit.run('updateRule', { id, rule: cleared }, OUTCOME);
    expect(first.model.definition.scoreSets[0].rules[0]).toMatchObject({ name: 'open', maxPoints: 20 });
    expect(first.model.definition.scoreSets[0].rules[0]).not.toHaveProperty('description');
    const table = { attribute: 'country', rows: [{ operator: 'EQUALS', value: 'DE', points: 3 }] };
    const second = await kit.run('updateRule', { id, rule: { key: 'open', table } }, OUTCOME);
    const changed = second.model.definition.scoreSets[0].rules[0];
    expect(changed).toMatchObject({ key: 'open', maxPoints: 20, table });
    expect(changed).not.toHaveProperty('action');
    expect(layout(second.model.definition).email).toEqual(['open', 'click']);
  });
});

describe('faults', () => {
  const taken = { scoreSet: 'web', rule: rule('open') };
  const cases: [string, object, string][] = [
    ['createRule', taken, 'input.rule.key'],
    ['createRule', { scoreSet: 'none', rule: rule('demo') }, 'input.scoreSet'],
    ['createRule', { scoreSet: 'web', rule: rule('demo', 1e12) }, 'input.rule.action.points'],
    ['createRule', { scoreSet: 'web', rule: { key: 'demo' } }, 'input.rule'],
    ['updateRule', { rule: { key: 'none', name: 'x' } }, 'input.rule.key'],
    ['updateRule', { rule: { key: 'open' }, scoreSet: 'none' }, 'input.scoreSet'],
    ['updateRule', { rule: { key: 'open', action: null } }, 'input.rule'],
    ['updateRule', { rule: { key: 'open', maxPoints: -1 } }, 'input.rule.maxPoints'],
    ['deleteRule', { key: 'none' }, 'input.key'],
    ['setRuleActive', { key: 'none', active: true }, 'input.key'],
    ['createScoreSet', { scoreSet: { key: 'web', rules: [] } }, 'input.scoreSet.key'],
    ['createScoreSet', { scoreSet: { key: 'new', rules: [rule('open')] } }, 'input.scoreSet.rules.0.key'],
    ['createScoreSet', { scoreSet: { key: 'new', dimension: 'x', rules: [] } }, 'input.scoreSet.dimension'],
    ['updateScoreSet', { scoreSet: { key: 'none', name: 'x' } }, 'input.scoreSet.key'],
    ['updateScoreSet', { scoreSet: { key: 'web', dimension: 'x' } }, 'input.scoreSet.dimension'],
    ['deleteScoreSet', { key: 'none' }, 'input.key'],
    ['setScoreSetActive', { key: 'none', active: true }, 'input.key'],
    ['updateModelSettings', { settings: { stages: [] } }, 'input.settings.stages'],
    ['updateModelSettings', { settings: { dimensions: [] } }, 'input.settings.dimensions'],
    ['deleteRule', { key: 'open', message: 'x'.repeat(501) }, 'input.message'],
  ];

  test.each(cases)('%s %j is refused at %s', async (name, input, path) => {
    const id = await kit.create();
    for (const publish of [true, false]) {
      const fault = await kit.refused(name, { id, publish, ...input });
      expect(fault.extensions.code).toBe('BAD_USER_INPUT');
      expect(fault.extensions.fields?.[0]?.path).toBe(path);
    }
    expect(await kit.model(id, 'version draft { revision }')).toEqual({ version: 1, draft: null });
    expect(await kit.count('model_changes')).toBe(1);
  });
});

describe('every mutation that changes a model', () => {
  const all = Object.entries(CHANGING_MUTATIONS);

  test.each(all)('%s finds no model of another tenant, nor one that is none', async (name, input) => {
    const id = await kit.create();
    await kit.draft(id, [{ removeRule: 'click' }]);
    const other = await openKit(server);
    for (const unknown of [id, 'nonsense']) {
      const fault = await other.refused(name, { id: unknown, ...input });
      expect(fault.extensions.code).toBe('NOT_FOUND');
    }
    expect(await kit.model(id, 'version draft { revision }')).toEqual({ version: 1, draft: { revision: 1 } });
    expect(await kit.model(id, 'name', other.tenant.key)).toBeNull();
  });

  test.each(all)('%s is for ADMIN and MARKETER alone', async (name, input) => {
    const id = await kit.create();
    await kit.draft(id, [{ removeRule: 'click' }]);
    for (const role of ['SALES', 'INGEST', 'VIEWER'] as const) {
      const fault = await kit.refused(name, { id, ...input }, role);
      expect(fault.extensions.code).toBe('FORBIDDEN');
    }
    const marketer = await server.key(kit.tenant, 'MARKETER');
    const { errors } = await kit.send(name, { id, ...input }, '__typename', marketer);
    expect(errors.map(({ extensions }) => extensions.code)).not.toContain('FORBIDDEN');
  });

  test('drafts, diffs, documents and the log are for everybody who may read models', async () => {
    const id = await kit.create();
    await kit.draft(id, [{ removeRule: 'click' }]);
    const query = `query ($id: ID!) {
      scoringModel(id: $id) { draft { revision } diff { empty } warnings { code } }
      scoringModelExport(id: $id)
      modelChanges { nodes { kind } }
    }`;
    for (const role of ['MARKETER', 'SALES', 'VIEWER'] as const) {
      expect((await server.send(await server.key(kit.tenant, role), query, { id })).errors).toEqual([]);
    }
    const { errors } = await server.send(await server.key(kit.tenant, 'INGEST'), query, { id });
    expect(errors.map(({ extensions }) => extensions.code)).toContain('FORBIDDEN');
  });
});
