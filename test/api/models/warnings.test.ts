import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiTestServer } from '../../support/api-server.js';
import { act, profile } from '../../support/ingest-kit.js';
import { definition, type ModelKit, openKit, rule } from './model-kit.js';

const WARNINGS = 'warnings { code message path ruleKey scoreSet stage suggestion }';

/** Nobody has a country and has none. */
const never = {
  key: 'never',
  criteria: {
    when: {
      all: [
        { attribute: { attribute: 'country', operator: 'EXISTS' } },
        { attribute: { attribute: 'country', operator: 'NOT_EXISTS' } },
      ],
    },
    points: 5,
  },
};
const putNever = { putRule: { scoreSet: 'web', rule: never } };

let server: ApiTestServer;
let kit: ModelKit;

beforeAll(async () => {
  server = await ApiTestServer.start();
});
beforeEach(async () => {
  kit = await openKit(server);
});
afterAll(() => server.stop());

const codesOf = (warnings: { code: string; ruleKey: string }[]) =>
  warnings.map(({ code, ruleKey }) => `${code} ${ruleKey}`);

describe('a model is warned of', () => {
  test('when it is made, whichever way, and saved all the same', async () => {
    const given = definition('main');
    const withNever = {
      ...given,
      scoreSets: [...given.scoreSets, { key: 'x', rules: [never] }],
    };
    const made = await kit.run(
      'createScoringModel',
      withNever,
      `model { id version ${WARNINGS} } ${WARNINGS}`,
    );
    expect(made.warnings).toMatchObject([
      { code: 'RULE_NEVER_HOLDS', ruleKey: 'never', scoreSet: 'x', stage: null },
    ]);
    expect(made.warnings[0].path).toMatch(/^scoreSets\.2\.rules\.0/);
    expect(made.model).toMatchObject({ version: 1, warnings: made.warnings });
    const { id } = made.model;
    const clone = await kit.run('cloneScoringModel', { id, key: 'copy' }, WARNINGS);
    expect(clone.warnings).toEqual(made.warnings);
    const document = { format: 'leadpulse/scoring-model', formatVersion: 1, definition: withNever };
    const imported = await kit.run('importScoringModel', { document, key: 'more' }, WARNINGS);
    expect(imported.warnings).toEqual(made.warnings);
  });

  test('when it is changed: about the version published, or about the draft that the edit went to', async () => {
    const id = await kit.create();
    const drafted = await kit.run(
      'changeScoringModel',
      { id, expectedVersion: 1, publish: false, changes: [putNever] },
      `model { ${WARNINGS} draft { ${WARNINGS} } } ${WARNINGS}`,
    );
    expect(codesOf(drafted.warnings)).toEqual(['RULE_NEVER_HOLDS never']);
    expect(drafted.model).toEqual({ warnings: [], draft: { warnings: drafted.warnings } });
    const published = await kit.run('publishScoringModelDraft', { id }, `model { ${WARNINGS} } ${WARNINGS}`);
    expect(published).toEqual({ model: { warnings: drafted.warnings }, warnings: drafted.warnings });
    const mended = await kit.run('deleteRule', { id, key: 'never' }, WARNINGS);
    expect(mended.warnings).toEqual([]);
  });

  test('beside what the data has: names that nobody sent, with the nearest known one', async () => {
    await server.services.recorder.record(kit.tenant.tenantId, [
      act('a@example.com', 'opened_email'),
      profile('a@example.com', { plan: 'pro' }),
    ]);
    const given = definition('main');
    const when = { attribute: { attribute: 'plann', operator: 'EQUALS', value: 'pro' } };
    given.scoreSets = [
      {
        key: 'names',
        dimension: 'd',
        rules: [{ key: 'open', action: { actionType: 'open_email', points: 5 } }, rule('opened_email')],
      },
      { key: 'more', dimension: 'd', rules: [{ key: 'plan', criteria: { when, points: 5 } } as never] },
    ];
    const { warnings } = await kit.run('createScoringModel', given, WARNINGS);
    expect(warnings).toMatchObject([
      { code: 'UNKNOWN_ACTION_TYPE', ruleKey: 'open', suggestion: 'opened_email' },
      { code: 'UNKNOWN_ATTRIBUTE', ruleKey: 'plan', suggestion: 'plan' },
    ]);
  });
});
