import { describe, expect, it } from 'vitest';
import { MODEL_FAULTS_MAX } from '../../src/scoring/fault-list.js';
import { validateModel } from '../../src/scoring/validate-model.js';

const rule = { key: 'open', action: { actionType: 'email_opened', points: 5 } };

/** A model without faults in which a case changes one thing. */
function validModel(): Record<string, unknown> {
  return {
    key: 'model',
    name: 'Model',
    dimensions: [{ key: 'engagement', maxPoints: 100 }],
    stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
    scoreSets: [{ key: 'set', dimension: 'engagement', rules: [rule] }],
  };
}

function withRule(part: Record<string, unknown>): Record<string, unknown> {
  return { ...validModel(), scoreSets: [{ key: 'set', rules: [{ key: 'r', ...part }] }] };
}

function withAction(part: Record<string, unknown>): Record<string, unknown> {
  return withRule({ action: { actionType: 'x', points: 1, ...part } });
}

function withWhen(when: unknown): Record<string, unknown> {
  return withRule({ criteria: { when, points: 1 } });
}

function withCondition(operator: string, value?: unknown): Record<string, unknown> {
  return withWhen({ attribute: { attribute: 'a', operator, value } });
}

function nested(depth: number): unknown {
  return depth === 0 ? { list: { key: 'l' } } : { not: nested(depth - 1) };
}

const stage = (key: string, minScore: number) => ({ key, name: key, minScore });
const RULE = 'scoreSets.0.rules.0';
const VALUE = `${RULE}.criteria.when.attribute.value`;

/** What is wrong, the model, the path of its only fault. */
const FAULTS: [string, unknown, string][] = [
  ['no model', null, ''],
  ['a list as model', [], ''],
  ['an unknown key', { ...validModel(), colour: 'red' }, 'colour'],
  ['no key', { ...validModel(), key: undefined }, 'key'],
  ['a key with a space', { ...validModel(), key: 'my model' }, 'key'],
  ['a key of 65 characters', { ...validModel(), key: 'k'.repeat(65) }, 'key'],
  ['a blank name', { ...validModel(), name: ' ' }, 'name'],
  ['NUL in a name', { ...validModel(), name: 'a\u0000b' }, 'name'],
  ['a lone surrogate', { ...validModel(), description: 'a\ud800b' }, 'description'],
  ['a minScore above maxScore', { ...validModel(), minScore: 101 }, 'minScore'],
  ['a score that is not finite', { ...validModel(), maxScore: Number.POSITIVE_INFINITY }, 'maxScore'],
  ['no dimension', { ...validModel(), dimensions: [], scoreSets: [] }, 'dimensions'],
  ['21 dimensions', { ...validModel(), dimensions: Array(21).fill({}), scoreSets: [] }, 'dimensions'],
  [
    'two dimensions of one key',
    {
      ...validModel(),
      dimensions: [
        { key: 'engagement', maxPoints: 1 },
        { key: 'engagement', maxPoints: 1 },
      ],
    },
    'dimensions.1.key',
  ],
  [
    'minPoints above maxPoints',
    { ...validModel(), dimensions: [{ key: 'engagement', minPoints: 2, maxPoints: 1 }] },
    'dimensions.0.minPoints',
  ],
  [
    'labels that do not ascend',
    {
      ...validModel(),
      dimensions: [
        {
          key: 'engagement',
          maxPoints: 1,
          labels: [
            { label: 'B', minPoints: 5 },
            { label: 'A', minPoints: 5 },
          ],
        },
      ],
    },
    'dimensions.0.labels.1.minPoints',
  ],
  ['no stage', { ...validModel(), stages: [] }, 'stages'],
  ['stages that overlap', { ...validModel(), stages: [stage('a', 0), stage('b', 0)] }, 'stages.1.minScore'],
  ['stages that descend', { ...validModel(), stages: [stage('a', 5), stage('b', 0)] }, 'stages.1.minScore'],
  ['two stages of one key', { ...validModel(), stages: [stage('a', 0), stage('a', 5)] }, 'stages.1.key'],
  [
    'a decay over 100 %',
    { ...validModel(), decay: { ratePercent: 101, intervalDays: 1 } },
    'decay.ratePercent',
  ],
  [
    'a decay under 0.01 %',
    { ...validModel(), decay: { ratePercent: 0.001, intervalDays: 1 } },
    'decay.ratePercent',
  ],
  [
    'a decay by the second',
    { ...validModel(), decay: { ratePercent: 1, intervalDays: 0.00001 } },
    'decay.intervalDays',
  ],
  [
    'recency steps that descend',
    {
      ...validModel(),
      recency: [
        { withinHours: 2, multiplier: 1 },
        { withinHours: 1, multiplier: 1 },
      ],
    },
    'recency.1.withinHours',
  ],
  ['two rests', { ...validModel(), recency: [{ multiplier: 1 }, { multiplier: 1 }] }, 'recency.1'],
  ['a negative multiplier', { ...validModel(), recency: [{ multiplier: -1 }] }, 'recency.0.multiplier'],
  ['a passive type that is no text', { ...validModel(), passiveActionTypes: [5] }, 'passiveActionTypes.0'],
  [
    'two sets of one key',
    {
      ...validModel(),
      scoreSets: [
        { key: 's', rules: [] },
        { key: 's', rules: [] },
      ],
    },
    'scoreSets.1.key',
  ],
  ['a set without rules', { ...validModel(), scoreSets: [{ key: 's' }] }, 'scoreSets.0.rules'],
  [
    'a set of an unknown dimension',
    { ...validModel(), scoreSets: [{ key: 's', dimension: 'fit', rules: [] }] },
    'scoreSets.0.dimension',
  ],
  [
    'a rule key in two sets',
    {
      ...validModel(),
      scoreSets: [
        { key: 's', rules: [rule] },
        { key: 't', rules: [rule] },
      ],
    },
    'scoreSets.1.rules.0.key',
  ],
  [
    'a negative cap',
    withRule({ maxPoints: -1, action: { actionType: 'x', points: 1 } }),
    `${RULE}.maxPoints`,
  ],
  ['a rule of no kind', withRule({}), RULE],
  [
    'a rule of two kinds',
    withRule({ action: { actionType: 'x', points: 1 }, table: { attribute: 'a', rows: [] } }),
    RULE,
  ],
  [
    'an unknown key of a rule',
    withRule({ actoin: {}, action: { actionType: 'x', points: 1 } }),
    `${RULE}.actoin`,
  ],
  ['an empty action type', withAction({ actionType: '' }), `${RULE}.action.actionType`],
  ['a star in the middle', withAction({ actionType: 'email_*_x' }), `${RULE}.action.actionType`],
  ['points that are no number', withAction({ points: '5' }), `${RULE}.action.points`],
  ['points that could overflow', withAction({ points: 1e10 }), `${RULE}.action.points`],
  ['points that are NaN', withAction({ points: Number.NaN }), `${RULE}.action.points`],
  ['a limit of none', withAction({ limit: { maxAwards: 0 } }), `${RULE}.action.limit.maxAwards`],
  ['a limit of 1.5', withAction({ limit: { maxAwards: 1.5 } }), `${RULE}.action.limit.maxAwards`],
  [
    'a window of over 100 awards',
    withAction({ limit: { maxAwards: 101, perDays: 1 } }),
    `${RULE}.action.limit.maxAwards`,
  ],
  ['a limit per 0 days', withAction({ limit: { maxAwards: 1, perDays: 0 } }), `${RULE}.action.limit.perDays`],
  ['an expiry after 0 days', withAction({ expiresAfterDays: 0 }), `${RULE}.action.expiresAfterDays`],
  ['a negative repeat', withAction({ repeat: { multiplier: -1 } }), `${RULE}.action.repeat.multiplier`],
  ['a flag that is a text', withAction({ decays: 'yes' }), `${RULE}.action.decays`],
  ['no cases', withAction({ pointsBy: { property: 'a', cases: [] } }), `${RULE}.action.pointsBy.cases`],
  [
    'a where without property',
    withAction({ where: [{ operator: 'EXISTS' }] }),
    `${RULE}.action.where.0.property`,
  ],
  [
    'a row without points',
    withRule({ table: { attribute: 'a', rows: [{ operator: 'EXISTS' }] } }),
    `${RULE}.table.rows.0.points`,
  ],
  [
    'an unknown match',
    withRule({ table: { attribute: 'a', match: 'LAST', rows: [{ operator: 'EXISTS', points: 1 }] } }),
    `${RULE}.table.match`,
  ],
  ['two criteria in one', withWhen({ list: { key: 'a' }, inactivity: { days: 1 } }), `${RULE}.criteria.when`],
  ['an empty criterion', withWhen({}), `${RULE}.criteria.when`],
  ['an empty all', withWhen({ all: [] }), `${RULE}.criteria.when.all`],
  ['criteria 17 deep', withWhen(nested(16)), `${RULE}.criteria.when${'.not'.repeat(16)}`],
  [
    'atLeast 101',
    withWhen({ activity: { actionType: 'x', atLeast: 101 } }),
    `${RULE}.criteria.when.activity.atLeast`,
  ],
  [
    'atLeast 0',
    withWhen({ activity: { actionType: 'x', atLeast: 0 } }),
    `${RULE}.criteria.when.activity.atLeast`,
  ],
  ['an unknown operator', withCondition('LIKE', 'a'), `${RULE}.criteria.when.attribute.operator`],
  ['EQUALS without value', withCondition('EQUALS'), VALUE],
  ['EQUALS with a list', withCondition('EQUALS', ['a']), VALUE],
  ['IN with a text', withCondition('IN', 'a'), VALUE],
  ['IN with nothing', withCondition('IN', []), VALUE],
  ['IN with null in it', withCondition('IN', ['a', null]), `${VALUE}.1`],
  ['CONTAINS with a blank', withCondition('CONTAINS', ' '), VALUE],
  ['CONTAINS with NUL', withCondition('CONTAINS', 'a\u0000'), VALUE],
  ['MATCHES_WORD without a word', withCondition('MATCHES_WORD', ['cto', '++']), `${VALUE}.1`],
  ['GT with a word', withCondition('GT', 'many'), VALUE],
  ['GT with a flag', withCondition('GT', true), VALUE],
  ['BETWEEN with one end', withCondition('BETWEEN', [1]), VALUE],
  ['BETWEEN from high to low', withCondition('BETWEEN', [2, 1]), VALUE],
  ['BETWEEN of a number and a date', withCondition('BETWEEN', [1, '2026-01-01']), VALUE],
  ['EXISTS with a value', withCondition('EXISTS', true), VALUE],
];

describe('validateModel', () => {
  it('finds nothing in a valid model, null standing for absent', () => {
    expect(validateModel(validModel())).toEqual([]);
    expect(validateModel({ ...validModel(), description: null, decay: null, recency: null })).toEqual([]);
    expect(validateModel(withCondition('EXISTS', null))).toEqual([]);
    expect(validateModel(withWhen(nested(15)))).toEqual([]);
    expect(validateModel(withAction({ limit: { maxAwards: 500 } }))).toEqual([]);
  });

  it.each(FAULTS)('finds %s', (_, model, path) => {
    const faults = validateModel(model);
    expect(faults.map((fault) => fault.path)).toEqual([path]);
    expect(faults[0]?.message).toMatch(/\.$/);
  });

  it('finds all faults at once', () => {
    const rules = [
      { key: 'r', action: { actionType: '', points: 'x' } },
      { key: 'r', criteria: { points: 1 } },
    ];
    const model = { ...validModel(), key: '', stages: [], scoreSets: [{ key: 's', dimension: 'no', rules }] };
    expect(validateModel(model).map(({ path }) => path)).toEqual([
      'key',
      'stages',
      'scoreSets.0.dimension',
      'scoreSets.0.rules.0.action.actionType',
      'scoreSets.0.rules.0.action.points',
      'scoreSets.0.rules.1.key',
      'scoreSets.0.rules.1.criteria.when',
    ]);
  });

  it('reports a bounded number of faults, and bounds the rules of the whole model', () => {
    const bad = Array.from({ length: 500 }, () => ({}));
    expect(validateModel({ ...validModel(), scoreSets: [{ key: 's', rules: bad }] })).toHaveLength(
      MODEL_FAULTS_MAX,
    );
    const many = (set: string) => Array.from({ length: 501 }, (_, i) => ({ ...rule, key: `${set}${i}` }));
    const scoreSets = ['a', 'b'].map((key) => ({ key, rules: many(key) }));
    expect(validateModel({ ...validModel(), scoreSets }).map(({ path }) => path)).toEqual([
      'scoreSets.1.rules',
    ]);
  });
});
