import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tenantTransaction } from '../../../src/store/tenant-scope.js';
import { ApiTestServer } from '../../support/api-server.js';
import { DIFF, DRAFT, layout, MODEL, type ModelKit, openKit, rule } from './model-kit.js';

const OUTCOME = `model { ${MODEL} draft { revision } } draft { ${DRAFT} } recalculation { kind state }`;
const REBASED = `model { version } draft { ${DRAFT} diff { ${DIFF} } } skipped { path message } overwritten { ${DIFF} }`;

const newRule = (key: string) => ({ putRule: { scoreSet: 'web', rule: rule(key) } });

let server: ApiTestServer;
let kit: ModelKit;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  kit = await openKit(server);
});
afterAll(() => server.stop());

describe('collecting', () => {
  test('an edit that is not published begins a draft, and nothing else changes', async () => {
    const id = await kit.create();
    const before = await kit.epoch();
    const [jobs, versions] = [await kit.count('jobs'), await kit.count('scoring_model_versions')];
    const { model, draft, recalculation } = await kit.draft(id, [newRule('demo')], { message: 'try it' });
    expect(model).toMatchObject({ version: 1 });
    expect(layout(model.definition).web).toEqual(['visit']);
    expect(recalculation).toBeNull();
    expect(draft).toMatchObject({ baseVersion: 1, revision: 1, stale: false, changedBy: 'admin key' });
    expect(layout(draft.definition).web).toEqual(['visit', 'demo']);
    expect(Math.abs(Date.parse(draft.changedAt) - Date.now())).toBeLessThan(60_000);
    expect([await kit.epoch(), await kit.count('jobs'), await kit.count('scoring_model_versions')]).toEqual([
      before,
      jobs,
      versions,
    ]);
  });

  test('further edits add to it', async () => {
    const id = await kit.create();
    expect(await kit.model(id, 'draft { revision }')).toEqual({ draft: null });
    await kit.draft(id, [newRule('demo')]);
    const { draft } = await kit.draft(id, [{ setActive: { rule: 'demo', active: false } }]);
    expect(draft.revision).toBe(2);
    const stored = await kit.model(id, `draft { ${DRAFT} }`);
    expect(stored.draft).toEqual(draft);
    expect(draft.definition.scoreSets[1].rules[1]).toMatchObject({ key: 'demo', active: false });
  });

  test('the diff says rule by rule and field by field what the draft changes', async () => {
    const id = await kit.create();
    await kit.draft(id, [
      { putRule: { scoreSet: 'email', rule: rule('open', 8) } },
      { removeRule: 'visit' },
      newRule('demo'),
      { settings: { name: 'Better' } },
    ]);
    const selection = `diff { ${DIFF} } same: diff(toVersion: 1) { empty } draft { diff { ${DIFF} } of1: diff(version: 1) { ${DIFF} } }`;
    const { diff, same, draft } = await kit.model(id, selection);
    expect(draft).toEqual({ diff, of1: diff });
    expect(same).toEqual({ empty: true });
    expect(diff.settings).toEqual([{ path: 'name', before: 'Main', after: 'Better' }]);
    expect(diff.scoreSets).toEqual([]);
    expect(diff.rules.map(({ change, key }: { change: string; key: string }) => [change, key])).toEqual([
      ['CHANGED', 'open'],
      ['ADDED', 'demo'],
      ['REMOVED', 'visit'],
    ]);
    expect(diff.rules[0]).toMatchObject({
      scoreSet: 'email',
      scoreSetBefore: 'email',
      fields: [{ path: 'action.points', before: 5, after: 8 }],
    });
  });

  test('versions are compared with each other; a version that is not there is refused', async () => {
    const id = await kit.create();
    await kit.change(id, 1, [{ settings: { name: 'Second' } }]);
    await kit.change(id, 2, [{ settings: { name: 'Third' } }]);
    const { there, back } = await kit.model(
      id,
      `there: diff(fromVersion: 1, toVersion: 3) { ${DIFF} } back: diff(fromVersion: 3, toVersion: 1) { ${DIFF} }`,
    );
    expect(there.settings).toEqual([{ path: 'name', before: 'Main', after: 'Third' }]);
    expect(back.settings).toEqual([{ path: 'name', before: 'Third', after: 'Main' }]);
    await kit.change(id, 3, [newRule('demo')], { publish: false });
    for (const [path, field] of [
      ['fromVersion', 'diff(fromVersion: 4) { empty }'],
      ['toVersion', 'diff(toVersion: 0) { empty }'],
      ['version', 'draft { diff(version: 9) { empty } }'],
    ]) {
      const query = `query ($id: ID!) { scoringModel(id: $id) { ${field} } }`;
      const { errors } = await server.send(kit.tenant.key, query, { id });
      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
    }
  });

  test('a faulty edit is refused with its path, and the draft stays as it was', async () => {
    const id = await kit.create();
    const { draft } = await kit.draft(id, [newRule('demo')]);
    const changes = [{ removeRule: 'demo' }, { putRule: { scoreSet: 'web', rule: rule('bad', 1e12) } }];
    const fault = await kit.refused('changeScoringModel', {
      id,
      expectedVersion: 1,
      publish: false,
      changes,
    });
    expect(fault.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.changes.1.putRule.rule.action.points' }],
    });
    expect((await kit.model(id, `draft { ${DRAFT} }`)).draft).toEqual(draft);
    expect(await kit.count('model_changes')).toBe(2);
  });

  test('a draft is bounded: 1000 changes, and no more', async () => {
    const id = await kit.create();
    const many = Array.from({ length: 200 }, (_, index) => ({
      setActive: { rule: 'open', active: index % 2 === 0 },
    }));
    for (let edit = 0; edit < 5; edit++) await kit.draft(id, many);
    const more = { id, expectedVersion: 1, publish: false, changes: [newRule('demo')] };
    const fault = await kit.refused('changeScoringModel', more);
    expect(fault.extensions.code).toBe('BAD_USER_INPUT');
    expect(fault.message).toMatch(/1000 changes/);
    expect((await kit.model(id, 'draft { revision }')).draft.revision).toBe(5);
  });

  test('text that a later change of the same draft replaces may be text that a column refuses', async () => {
    const id = await kit.create();
    const bad = { putRule: { scoreSet: 'web', rule: { ...rule('demo'), name: 'a\u0000b\ud800' } } };
    const { draft } = await kit.draft(id, [bad, newRule('demo')]);
    expect(draft.definition.scoreSets[1].rules[1].name).toBe('demo');
    expect((await kit.model(id, 'draft { revision }')).draft.revision).toBe(1);
  });
});

describe('publishing', () => {
  test('makes the draft the next version, with the contacts brought along; then there is none', async () => {
    const id = await kit.create();
    const { draft } = await kit.draft(id, [newRule('demo'), { removeScoreSet: 'email' }]);
    const input = { id, expectedVersion: 1, expectedDraft: 1, message: 'demos count' };
    const published = await kit.run('publishScoringModelDraft', input, OUTCOME);
    expect(published.model).toMatchObject({ version: 2, definition: draft.definition, draft: null });
    expect(published).toMatchObject({ draft: null, recalculation: { kind: 'RESCORE', state: 'QUEUED' } });
    const { versions } = await kit.model(id, 'versions { nodes { version message publishedBy } }');
    expect(versions.nodes[0]).toEqual({ version: 2, message: 'demos count', publishedBy: 'admin key' });
    expect((await kit.refused('publishScoringModelDraft', { id })).extensions.code).toBe('NOT_FOUND');
  });

  test('an edit of the published version leaves the draft, which is stale then and refused', async () => {
    const id = await kit.create();
    await kit.draft(id, [newRule('demo')]);
    await kit.change(id, 1, [{ settings: { name: 'Meanwhile' } }]);
    expect((await kit.model(id, 'draft { stale baseVersion revision }')).draft).toEqual({
      stale: true,
      baseVersion: 1,
      revision: 1,
    });
    const fault = await kit.refused('publishScoringModelDraft', { id });
    expect(fault.extensions).toEqual({ code: 'CONFLICT', currentVersion: 2, currentDraft: 1 });
    expect(fault.message).toContain('rebaseScoringModelDraft');
    expect(await kit.model(id, 'version name')).toEqual({ version: 2, name: 'Meanwhile' });
  });

  test('a rollback leaves the draft as well', async () => {
    const id = await kit.create();
    await kit.change(id, 1, [{ settings: { name: 'Second' } }]);
    await kit.change(id, 2, [newRule('demo')], { publish: false });
    const input = { id, expectedVersion: 2, toVersion: 1, message: 'that was nothing' };
    await kit.run('rollbackScoringModel', input, 'model { version }');
    const { draft, versions } = await kit.model(id, 'draft { stale } versions { nodes { message } }');
    expect(draft).toEqual({ stale: true });
    expect(versions.nodes[0].message).toBe('that was nothing');
  });
});

describe('discarding', () => {
  test('gives the draft up; the next one has a revision of its own', async () => {
    const id = await kit.create();
    await kit.draft(id, [newRule('demo')]);
    const discarded = await kit.run(
      'discardScoringModelDraft',
      { id },
      'model { version draft { revision } }',
    );
    expect(discarded.model).toEqual({ version: 1, draft: null });
    expect((await kit.refused('discardScoringModelDraft', { id })).extensions.code).toBe('NOT_FOUND');
    const { draft } = await kit.draft(id, [newRule('other')]);
    expect(layout(draft.definition).web).toEqual(['visit', 'other']);
    // Whoever still sees the first draft, of revision 1, must not publish the second one by it.
    const fault = await kit.refused('publishScoringModelDraft', { id, expectedDraft: 1 });
    expect(fault.extensions).toMatchObject({ code: 'CONFLICT', currentDraft: draft.revision });
  });
});

describe('rebasing', () => {
  test('makes the changes again on the published version, then the draft can be published', async () => {
    const id = await kit.create();
    await kit.draft(id, [newRule('demo')]);
    await kit.change(id, 1, [{ removeRule: 'open' }]);
    const rebased = await kit.run('rebaseScoringModelDraft', { id, expectedDraft: 1 }, REBASED);
    expect(rebased.draft).toMatchObject({ baseVersion: 2, revision: 2, stale: false });
    expect(layout(rebased.draft.definition)).toEqual({ email: ['click'], web: ['visit', 'demo'] });
    expect(rebased).toMatchObject({ skipped: [], overwritten: { empty: true } });
    const { model } = await kit.run('publishScoringModelDraft', { id }, OUTCOME);
    expect(layout(model.definition)).toEqual({ email: ['click'], web: ['visit', 'demo'] });
  });

  test('does nothing to a draft that is not stale', async () => {
    const id = await kit.create();
    const { draft } = await kit.draft(id, [newRule('demo')]);
    const entries = await kit.count('model_changes');
    const rebased = await kit.run('rebaseScoringModelDraft', { id }, `draft { ${DRAFT} }`);
    expect(rebased.draft).toEqual(draft);
    expect(await kit.count('model_changes')).toBe(entries);
  });

  test('changes that do not fit are a CONFLICT with their paths, or left out on request', async () => {
    const id = await kit.create();
    await kit.draft(id, [
      { setActive: { rule: 'open', active: false } },
      newRule('demo'),
      { removeScoreSet: 'email' },
    ]);
    await kit.change(id, 1, [{ removeScoreSet: 'email' }]);
    const fault = await kit.refused('rebaseScoringModelDraft', { id });
    expect(fault.extensions).toMatchObject({ code: 'CONFLICT', currentVersion: 2, currentDraft: 1 });
    const paths = ['draft.changes.0.setActive.rule', 'draft.changes.2.removeScoreSet'];
    expect(fault.extensions.fields?.map((field) => field.path)).toEqual(paths);
    expect((await kit.model(id, 'draft { stale revision }')).draft).toEqual({ stale: true, revision: 1 });
    const rebased = await kit.run('rebaseScoringModelDraft', { id, skipFaulty: true }, REBASED);
    expect(rebased.skipped.map((skipped: { path: string }) => skipped.path)).toEqual(paths);
    expect(layout(rebased.draft.definition)).toEqual({ web: ['visit', 'demo'] });
  });

  test('when no change is left there is no draft any more', async () => {
    const id = await kit.create();
    await kit.draft(id, [{ removeRule: 'open' }]);
    await kit.change(id, 1, [{ removeRule: 'open' }]);
    const rebased = await kit.run('rebaseScoringModelDraft', { id, skipFaulty: true }, REBASED);
    expect(rebased).toMatchObject({ draft: null, skipped: [{ path: 'draft.changes.0.removeRule' }] });
    expect((await kit.model(id, 'draft { revision }')).draft).toBeNull();
  });

  test('says what others published and the draft takes back', async () => {
    const id = await kit.create();
    await kit.run(
      'updateScoreSet',
      { id, publish: false, scoreSet: { key: 'web', name: 'Site' } },
      '__typename',
    );
    await kit.change(id, 1, [newRule('demo'), { setActive: { rule: 'click', active: false } }]);
    const { overwritten, draft } = await kit.run('rebaseScoringModelDraft', { id }, REBASED);
    expect(layout(draft.definition).web).toEqual(['visit']);
    expect(overwritten).toMatchObject({
      empty: false,
      settings: [],
      scoreSets: [],
      rules: [{ change: 'REMOVED', key: 'demo' }],
    });
  });
});

describe('other tenants', () => {
  test('see neither the draft nor the log, even where a statement forgets whose they are', async () => {
    const id = await kit.create();
    await kit.draft(id, [newRule('demo')]);
    const { tenantId } = await server.tenant();
    for (const table of ['scoring_model_drafts', 'model_changes']) {
      expect(await kit.count(table)).toBeGreaterThan(0);
      const rows = await tenantTransaction(server.services.db, tenantId, (manager) =>
        manager.query(`SELECT 1 FROM ${table}`),
      );
      expect(rows).toEqual([]);
    }
  });
});

describe('several editors', () => {
  test('of two who saw the same draft exactly one wins', async () => {
    const id = await kit.create();
    await kit.draft(id, [newRule('first')]);
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((key) =>
        kit.send(
          'changeScoringModel',
          { id, expectedVersion: 1, expectedDraft: 1, publish: false, changes: [newRule(key)] },
          'draft { revision definition }',
        ),
      ),
    );
    const won = answers.filter(({ errors }) => errors.length === 0);
    const lost = answers.flatMap(({ errors }) => errors.map((error) => error.extensions));
    expect(won).toHaveLength(1);
    expect(lost).toEqual(Array(2).fill({ code: 'CONFLICT', currentVersion: 1, currentDraft: 2 }));
    const { draft } = await kit.model(id, 'draft { definition }');
    expect(draft.definition).toEqual(won[0]?.data.changeScoringModel.draft.definition);
  });

  test('of two who begin a draft, expecting none, exactly one wins', async () => {
    const id = await kit.create();
    const begin = (key: string) =>
      kit.send(
        'createRule',
        { id, publish: false, expectedDraft: 0, scoreSet: 'web', rule: rule(key) },
        'draft { revision }',
      );
    const answers = await Promise.all([begin('a'), begin('b')]);
    const codes = answers.map(({ errors }) => errors[0]?.extensions.code ?? 'OK');
    expect(codes.sort()).toEqual(['CONFLICT', 'OK']);
  });

  test('without that expectation every edit lands', async () => {
    const id = await kit.create();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(keys.map((key) => kit.draft(id, [newRule(key)])));
    const { draft } = await kit.model(id, 'draft { revision definition }');
    expect(draft.revision).toBe(keys.length);
    expect(layout(draft.definition).web?.toSorted()).toEqual([...keys, 'visit']);
  });

  test('a draft is published once, whoever asks for it', async () => {
    const id = await kit.create();
    await kit.draft(id, [newRule('demo')]);
    const answers = await Promise.all(
      [1, 2, 3].map(() => kit.send('publishScoringModelDraft', { id }, 'model { version }')),
    );
    const codes = answers.map(({ errors }) => errors[0]?.extensions.code ?? 'OK');
    expect(codes.sort()).toEqual(['NOT_FOUND', 'NOT_FOUND', 'OK']);
    expect(await kit.model(id, 'version')).toEqual({ version: 2 });
  });

  test('a draft that is published while it is edited is published with the edit, or without it', async () => {
    const id = await kit.create();
    await kit.draft(id, [newRule('demo')]);
    const [published, edited] = await Promise.all([
      kit.send('publishScoringModelDraft', { id }, 'model { version definition }'),
      kit.send(
        'changeScoringModel',
        { id, expectedVersion: 1, publish: false, changes: [newRule('late')] },
        'draft { revision }',
      ),
    ]);
    expect(published.errors).toEqual([]);
    const { web } = layout(published.data.publishScoringModelDraft.model.definition);
    if (edited.errors.length === 0) expect(web).toEqual(['visit', 'demo', 'late']);
    else {
      expect(edited.errors[0]?.extensions).toMatchObject({ code: 'CONFLICT', currentVersion: 2 });
      expect(web).toEqual(['visit', 'demo']);
    }
    expect((await kit.model(id, 'draft { revision }')).draft).toBeNull();
  });
});
