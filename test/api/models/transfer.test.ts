import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiTestServer } from '../../support/api-server.js';
import { arbitraryModel } from '../../support/arbitrary-model.js';
import { DIFF, definition, layout, type ModelKit, openKit, rule } from './model-kit.js';

const IMPORTED = `created changed diff { ${DIFF} } model { id key version name definition } draft { revision definition }
  recalculation { state }`;
const PRESETS = ['STARTER', 'ADVANCED', 'EXPIRING'];

let server: ApiTestServer;
let kit: ModelKit;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  kit = await openKit(server);
});
afterAll(() => server.stop());

async function exported(id: string, version?: number) {
  const query = 'query ($id: ID, $version: Int) { scoringModelExport(id: $id, version: $version) }';
  const { data, errors } = await server.send(kit.tenant.key, query, { id, version });
  expect(errors).toEqual([]);
  return data.scoringModelExport;
}

const importing = (document: object, more: object = {}) =>
  kit.run('importScoringModel', { document, ...more }, IMPORTED);

describe('exporting', () => {
  test('gives a document with the complete definition, its keys in one order', async () => {
    const id = await kit.create();
    const document = await exported(id);
    expect(document).toEqual({
      format: 'leadpulse/scoring-model',
      formatVersion: 1,
      definition: (await kit.model(id, 'definition')).definition,
    });
    const text = JSON.stringify(document);
    await kit.change(id, 1, [{ settings: { name: 'Second' } }]);
    expect(JSON.stringify(await exported(id, 1))).toBe(text);
    expect(JSON.stringify(await exported(id))).toBe(text.replace('"Main"', '"Second"'));
    expect(Object.keys(document.definition).slice(0, 2)).toEqual(['key', 'name']);
    expect(Object.keys(document.definition.scoreSets[0].rules[0])).toEqual([
      'key',
      'name',
      'active',
      'action',
    ]);
  });

  test('goes by id or key; what is not there is told', async () => {
    const id = await kit.create();
    const ask = (args: string) => server.send(kit.tenant.key, `{ scoringModelExport(${args}) }`);
    expect((await ask('key: "main"')).data.scoringModelExport).toEqual(await exported(id));
    const cases: [string, object][] = [
      ['key: "none"', { code: 'NOT_FOUND' }],
      ['id: "none"', { code: 'NOT_FOUND' }],
      [`id: "${id}", key: "main"`, { code: 'BAD_USER_INPUT', fields: [{ path: 'id' }] }],
      ['version: 1', { code: 'BAD_USER_INPUT', fields: [{ path: 'id' }] }],
      ['key: "main", version: 2', { code: 'BAD_USER_INPUT', fields: [{ path: 'version' }] }],
    ];
    for (const [args, fault] of cases) expect((await ask(args)).errors[0]?.extensions).toMatchObject(fault);
  });
});

describe('importing', () => {
  test.each(PRESETS)('the export of %s says nothing new: no version is written', async (preset) => {
    const created = await kit.run('createScoringModelFromPreset', { preset, key: 'p' }, 'model { id }');
    const { id } = created.model;
    const [epoch, entries] = [await kit.epoch(), await kit.count('model_changes')];
    for (const publish of [true, false]) {
      const outcome = await importing(await exported(id), { publish, expectedVersion: 1 });
      expect(outcome).toMatchObject({ created: false, changed: false, recalculation: null, draft: null });
      expect(outcome.diff).toEqual({ empty: true, settings: [], scoreSets: [], rules: [] });
      expect(outcome.model.version).toBe(1);
    }
    expect([await kit.epoch(), await kit.count('model_changes')]).toEqual([epoch, entries]);
    expect(await kit.count('scoring_model_versions')).toBe(1);
  });

  test('any model comes back as it went out, into the same tenant and into another one', async () => {
    const models = arbitraryModel().map((model) => ({ ...model, description: 'a "note" \u{1f600}\n' }));
    await fc.assert(
      fc.asyncProperty(models, async (model) => {
        kit = await openKit(server);
        const created = await kit.run('createScoringModel', model, 'model { id definition }');
        const document = await exported(created.model.id);
        expect(await importing(document)).toMatchObject({ changed: false, model: { version: 1 } });
        kit = await openKit(server);
        const copied = await importing(document);
        expect(copied).toMatchObject({ created: true, changed: true, diff: null, model: { version: 1 } });
        expect(copied.model.definition).toEqual(created.model.definition);
        expect(await exported(copied.model.id)).toEqual(document);
      }),
      { numRuns: 25 },
    );
  });

  test('makes the model when there is none of its key, under another key on request', async () => {
    const document = await exported(await kit.create());
    const made = await importing(document, { key: 'copy', expectedVersion: 0, message: 'from the shop' });
    expect(made).toMatchObject({
      created: true,
      changed: true,
      diff: null,
      model: { key: 'copy', version: 1, name: 'Main' },
      recalculation: { state: 'QUEUED' },
    });
    expect(made.model.definition).toEqual({ ...document.definition, key: 'copy' });
  });

  test('publishes what differs as the next version', async () => {
    const id = await kit.create();
    const document = await exported(id);
    document.definition.scoreSets[0].rules[0].action.points = 7;
    const outcome = await importing(document, { expectedVersion: 1 });
    expect(outcome).toMatchObject({ created: false, changed: true, model: { id, version: 2 } });
    expect(outcome.diff.rules).toMatchObject([
      { key: 'open', fields: [{ path: 'action.points', before: 5, after: 7 }] },
    ]);
    expect((await exported(id)).definition).toEqual(document.definition);
  });

  test('of a draft, is published by publishing the draft, whatever the document turns round', async () => {
    const id = await kit.create();
    await kit.draft(id, [{ removeRule: 'open' }]);
    const document = await exported(id);
    const [email, web] = document.definition.scoreSets;
    const moved = { ...web, rules: [...web.rules, email.rules.pop()] };
    document.definition.scoreSets = [{ key: 'new', rules: [rule('demo')] }, moved, email];
    document.definition.decay = { ratePercent: 5, intervalDays: 30 };
    const drafted = await importing(document, { publish: false, expectedVersion: 1, expectedDraft: 1 });
    expect(drafted).toMatchObject({ changed: true, recalculation: null, model: { version: 1 } });
    expect(layout(drafted.draft.definition)).toEqual({
      new: ['demo'],
      web: ['visit', 'click'],
      email: ['open'],
    });
    expect(await importing(document, { publish: false })).toMatchObject({ changed: false });
    await kit.run('publishScoringModelDraft', { id }, '__typename');
    expect(await importing(document)).toMatchObject({ changed: false, model: { version: 2 } });
  });

  test('of what is published ends a draft', async () => {
    const id = await kit.create();
    const document = await exported(id);
    await kit.draft(id, [{ removeRule: 'open' }]);
    const outcome = await importing(document, { publish: false });
    expect(outcome).toMatchObject({ changed: true, draft: null });
    expect(outcome.diff.rules).toMatchObject([{ change: 'ADDED', key: 'open' }]);
    expect((await kit.model(id, 'draft { revision }')).draft).toBeNull();
  });

  test('is guarded by the version and the draft that the importer saw', async () => {
    const id = await kit.create();
    const document = await exported(id);
    document.definition.name = 'Other';
    const cases: [object, object][] = [
      [{ expectedVersion: 0 }, { currentVersion: 1 }],
      [{ expectedVersion: 2 }, { currentVersion: 1 }],
      [{ expectedDraft: 3 }, { currentDraft: 0 }],
      [{ expectedVersion: 1, key: 'none' }, { currentVersion: 0 }],
    ];
    for (const [guard, details] of cases) {
      const fault = await kit.refused('importScoringModel', { document, ...guard });
      expect(fault.extensions).toMatchObject({ code: 'CONFLICT', ...details });
    }
    expect(await kit.count('scoring_models')).toBe(1);
  });

  test('of two importers who saw the same version exactly one wins', async () => {
    const id = await kit.create();
    const document = await exported(id);
    const answers = await Promise.all(
      ['x', 'y'].map((name) => {
        const named = { ...document, definition: { ...document.definition, name } };
        return kit.send('importScoringModel', { document: named, expectedVersion: 1 }, 'model { version }');
      }),
    );
    const codes = answers.map(({ errors }) => errors[0]?.extensions.code ?? 'OK');
    expect(codes.sort()).toEqual(['CONFLICT', 'OK']);
  });

  test('every fault of a document is told with its path, and nothing is written', async () => {
    const good = { format: 'leadpulse/scoring-model', formatVersion: 1, definition: definition('new') };
    const { name: _name, ...nameless } = definition('new');
    const cases: [object | string | null, object, string[]][] = [
      ['text', {}, ['input.document.format', 'input.document.formatVersion', 'input.document.definition']],
      [{ ...good, format: 'other' }, {}, ['input.document.format']],
      [{ ...good, formatVersion: 2 }, {}, ['input.document.formatVersion']],
      [{ ...good, definition: [] }, {}, ['input.document.definition']],
      [{ ...good, definition: 'x' }, { key: 'k' }, ['input.document.definition']],
      [{ ...good, definition: nameless }, {}, ['input.document.definition.name']],
      [
        { ...good, definition: { ...definition('bad key!'), rules: [] } },
        {},
        ['input.document.definition.rules', 'input.document.definition.key'],
      ],
      [good, { key: 'bad key!' }, ['input.key']],
      [good, { publish: false }, ['input.publish']],
    ];
    for (const [document, more, paths] of cases) {
      const fault = await kit.refused('importScoringModel', { document, ...more });
      expect(fault.extensions.code).toBe('BAD_USER_INPUT');
      expect(fault.extensions.fields?.map((field) => field.path)).toEqual(paths);
    }
    expect(await kit.count('scoring_models')).toBe(0);
  });

  test('is for ADMIN and MARKETER alone', async () => {
    const document = await exported(await kit.create());
    for (const role of ['SALES', 'INGEST', 'VIEWER'] as const) {
      const fault = await kit.refused('importScoringModel', { document }, role);
      expect(fault.extensions.code).toBe('FORBIDDEN');
    }
  });
});

describe('cloning', () => {
  test('gives a model that equals the original but for key and name', async () => {
    const id = await kit.create();
    await kit.draft(id, [{ removeRule: 'open' }]);
    const input = { id, key: 'copy', name: 'Copy' };
    const { model } = await kit.run(
      'cloneScoringModel',
      input,
      'model { id key name version active primary definition draft { revision } recalculation { state } }',
    );
    expect(model).toMatchObject({ key: 'copy', name: 'Copy', version: 1, active: true, primary: false });
    expect(model).toMatchObject({ draft: null, recalculation: { state: 'QUEUED' } });
    const original = (await kit.model(id, 'definition')).definition;
    expect(model.definition).toEqual({ ...original, key: 'copy', name: 'Copy' });
  });

  test('takes any version, and keeps the name unless told', async () => {
    const id = await kit.create();
    await kit.change(id, 1, [{ settings: { name: 'Second' } }]);
    const clone = (more: object) => kit.run('cloneScoringModel', { id, ...more }, 'model { name }');
    expect(await clone({ key: 'now' })).toEqual({ model: { name: 'Second' } });
    expect(await clone({ key: 'then', version: 1 })).toEqual({ model: { name: 'Main' } });
  });

  test('what is wrong is told, and nothing is made', async () => {
    const id = await kit.create();
    const cases: [object, object][] = [
      [{ key: 'main' }, { code: 'CONFLICT', fields: [{ path: 'input.key' }] }],
      [{ key: 'bad key!' }, { code: 'BAD_USER_INPUT', fields: [{ path: 'input.key' }] }],
      [
        { key: 'copy', name: ' ' },
        { code: 'BAD_USER_INPUT', fields: [{ path: 'input.name' }] },
      ],
      [
        { key: 'copy', version: 2 },
        { code: 'BAD_USER_INPUT', fields: [{ path: 'input.version' }] },
      ],
      [
        { key: 'copy', message: '' },
        { code: 'BAD_USER_INPUT', fields: [{ path: 'input.message' }] },
      ],
    ];
    for (const [input, fault] of cases) {
      expect((await kit.refused('cloneScoringModel', { id, ...input })).extensions).toMatchObject(fault);
    }
    expect(await kit.count('scoring_models')).toBe(1);
  });
});
