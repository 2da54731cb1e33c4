import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ApiTestServer } from '../../support/api-server.js';
import { DIFF, definition, type ModelKit, openKit, rule } from './model-kit.js';

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

test('everything that is done to a model is in the log, with who, when, why and the version', async () => {
  const id = await kit.create();
  const input = { id, message: 'why' };
  await kit.run('createRule', { ...input, scoreSet: 'web', rule: rule('demo') }, '__typename');
  await kit.run('setRuleActive', { ...input, key: 'demo', active: false, publish: false }, '__typename');
  await kit.run('rollbackScoringModel', { ...input, expectedVersion: 2, toVersion: 1 }, '__typename');
  await kit.run('rebaseScoringModelDraft', { ...input, skipFaulty: true }, '__typename');
  await kit.change(id, 3, [newRule('other')], { publish: false });
  await kit.run('discardScoringModelDraft', input, '__typename');
  await kit.change(id, 3, [newRule('third')], { publish: false });
  await kit.run('publishScoringModelDraft', input, '__typename');
  await kit.run('cloneScoringModel', { ...input, key: 'copy' }, '__typename');
  const document = { format: 'leadpulse/scoring-model', formatVersion: 1, definition: definition('main') };
  await kit.run('importScoringModel', { document, message: 'why' }, '__typename');
  await kit.run('importScoringModel', { document, key: 'more' }, '__typename');
  document.definition.name = 'Other';
  await kit.run('importScoringModel', { document, publish: false }, '__typename');

  const entries = await kit.log('kind version message by at model { key }');
  expect(entries.map((entry) => [entry.kind, entry.model.key, entry.version, entry.message])).toEqual([
    ['IMPORTED', 'main', null, null],
    ['IMPORTED', 'more', 1, null],
    ['IMPORTED', 'main', 5, 'why'],
    ['CLONED', 'copy', 1, 'why'],
    ['PUBLISHED', 'main', 4, 'why'],
    ['DRAFT_SAVED', 'main', null, null],
    ['DRAFT_DISCARDED', 'main', null, 'why'],
    ['DRAFT_SAVED', 'main', null, null],
    ['DRAFT_REBASED', 'main', null, 'why'],
    ['ROLLED_BACK', 'main', 3, 'why'],
    ['DRAFT_SAVED', 'main', null, 'why'],
    ['PUBLISHED', 'main', 2, 'why'],
    ['CREATED', 'main', 1, 'Created'],
  ]);
  expect(new Set(entries.map((entry) => entry.by))).toEqual(new Set(['admin key']));
  const times = entries.map((entry) => Date.parse(entry.at));
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test('switches are in the log, also of the model that is primary no longer', async () => {
  const [a, b] = [await kit.create('a'), await kit.create('b')];
  const turn = (id: string, switches: object) =>
    kit.run('activateScoringModel', { id, message: 'because', ...switches }, '__typename');
  await turn(b, { primary: true });
  await turn(a, { active: false });
  await turn(a, { active: false });
  await turn(a, { active: true, primary: true });
  const entries = await kit.log('kind message model { key } diff { empty }');
  const switched = entries.filter((entry) => entry.message === 'because');
  expect(switched.map((entry) => [entry.kind, entry.model.key])).toEqual([
    ['MADE_PRIMARY', 'a'],
    ['SWITCHED_ON', 'a'],
    ['NO_LONGER_PRIMARY', 'b'],
    ['SWITCHED_OFF', 'a'],
    ['MADE_PRIMARY', 'b'],
    ['NO_LONGER_PRIMARY', 'a'],
  ]);
  expect(switched.map((entry) => entry.diff)).toEqual(Array(6).fill(null));
});

test('the diff is that of versions, or of the draft before and after', async () => {
  const id = await kit.create();
  await kit.draft(id, [newRule('first')]);
  await kit.draft(id, [newRule('second')]);
  await kit.change(id, 1, [{ settings: { name: 'Meanwhile' } }]);
  await kit.run('discardScoringModelDraft', { id }, '__typename');
  const entries = await kit.log(`kind diffComplete diff { ${DIFF} }`);
  const seen = entries.map(({ kind, diff }) => [
    kind,
    diff && [
      diff.settings.length,
      diff.rules.map((one: { change: string; key: string }) => `${one.change} ${one.key}`),
    ],
  ]);
  expect(seen).toEqual([
    ['DRAFT_DISCARDED', [0, ['REMOVED first', 'REMOVED second']]],
    ['PUBLISHED', [1, []]],
    ['DRAFT_SAVED', [0, ['ADDED second']]],
    ['DRAFT_SAVED', [0, ['ADDED first']]],
    ['CREATED', null],
  ]);
  expect(entries.every((entry) => entry.diffComplete)).toBe(true);
});

test('a diff that is too large to keep names what changed all the same', async () => {
  const id = await kit.create();
  const note = 'x'.repeat(2_000);
  const rules = Array.from({ length: 100 }, (_, index) => ({ ...rule(`r${index}`), description: note }));
  await kit.change(id, 1, [{ putScoreSet: { key: 'large', rules } }]);
  const [entry] = await kit.log('kind diffComplete diff { rules { change key fields { path } } }', id);
  expect(entry.diffComplete).toBe(false);
  expect(entry.diff.rules).toEqual(rules.map(({ key }) => ({ change: 'ADDED', key, fields: [] })));
  const { diff } = await kit.model(id, 'diff(fromVersion: 1) { rules { fields { path after } } }');
  expect(diff.rules[0].fields).toContainEqual({ path: 'description', after: note });
});

test('who did it is told apart', async () => {
  const id = await kit.create();
  const marketer = await server.key(kit.tenant, 'MARKETER');
  await kit.send('deleteRule', { id, key: 'open' }, '__typename', marketer);
  const [entry] = await kit.log('kind by');
  expect(entry).toEqual({ kind: 'PUBLISHED', by: 'MARKETER' });
});

test('what was refused is not in the log', async () => {
  const id = await kit.create();
  await kit.refused('deleteRule', { id, key: 'none' });
  await kit.refused('deleteRule', { id, key: 'open', expectedVersion: 5 });
  await kit.refused('activateScoringModel', { id, active: false });
  await kit.refused('createScoringModel', definition('main'));
  expect(await kit.log('kind')).toEqual([{ kind: 'CREATED' }]);
});

test('pages stay put while more is done, and can be of one model', async () => {
  const [a, b] = [await kit.create('a'), await kit.create('b')];
  for (const name of ['1', '2', '3']) {
    await kit.run('updateModelSettings', { id: a, settings: { name }, message: `a${name}` }, '__typename');
    await kit.run('updateModelSettings', { id: b, settings: { name }, message: `b${name}` }, '__typename');
  }
  const query = `query ($modelId: ID, $first: Int, $after: String) {
    modelChanges(modelId: $modelId, first: $first, after: $after) {
      nodes { message } edges { cursor } pageInfo { hasNextPage endCursor }
    } }`;
  const page = async (variables: object) => {
    const { data, errors } = await server.send(kit.tenant.key, query, { first: 3, ...variables });
    expect(errors).toEqual([]);
    const { nodes, pageInfo } = data.modelChanges;
    return { messages: nodes.map((node: { message: string }) => node.message), ...pageInfo };
  };
  const first = await page({});
  expect(first).toMatchObject({ messages: ['b3', 'a3', 'b2'], hasNextPage: true });
  await kit.run('updateModelSettings', { id: a, settings: { name: '4' }, message: 'a4' }, '__typename');
  const second = await page({ after: first.endCursor });
  expect(second).toMatchObject({ messages: ['a2', 'b1', 'a1'], hasNextPage: true });
  const third = await page({ after: second.endCursor });
  expect(third).toMatchObject({ messages: ['Created', 'Created'], hasNextPage: false });
  expect(await page({ modelId: b })).toMatchObject({ messages: ['b3', 'b2', 'b1'], hasNextPage: true });
  expect(await page({ modelId: b, first: 4 })).toMatchObject({ hasNextPage: false });
  expect(await page({ modelId: 'nonsense' })).toMatchObject({ messages: [], hasNextPage: false });
  const other = await openKit(server);
  expect(await other.log('kind')).toEqual([]);
  expect(await other.log('kind', a)).toEqual([]);
});

test('a foreign cursor is refused', async () => {
  const { errors } = await server.send(kit.tenant.key, '{ modelChanges(after: "bm9wZQ") { nodes { id } } }');
  expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path: 'after' }] });
});
