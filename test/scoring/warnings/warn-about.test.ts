import { describe, expect, it } from 'vitest';
import type {
  ActionRuleDefinition,
  Criterion,
  ModelDefinition,
  RuleDefinition,
  StageDefinition,
  TableRuleDefinition,
} from '../../../src/scoring/model-definition.js';
import { PRESETS, type PresetName } from '../../../src/scoring/presets.js';
import { validateModel } from '../../../src/scoring/validate-model.js';
import { type SeenUse, WARNINGS_MAX } from '../../../src/scoring/warnings/model-warning.js';
import { warnAbout } from '../../../src/scoring/warnings/warn-about.js';
import { modelOf } from '../../support/scoring-kit.js';

const RULE = 'scoreSets.0.rules.0';

/** A model of one set in one dimension, and one stage that everybody is in. */
function modelWith(rules: RuleDefinition[], extras: Partial<ModelDefinition> = {}): ModelDefinition {
  return modelOf(rules, { stages: [{ key: 'all', name: 'All', minScore: 0 }], ...extras });
}

/** The warnings of a model as `CODE path`. */
function codesOf(model: ModelDefinition, seen: SeenUse | null = null): string[] {
  expect(validateModel(model)).toEqual([]);
  return warnAbout(model, seen).map(({ code, path }) => `${code} ${path}`);
}

function criteria(when: Criterion, points = 5): RuleDefinition {
  return { key: 'rule', criteria: { when, points } };
}

function action(part: Partial<ActionRuleDefinition> = {}, key = 'rule'): RuleDefinition {
  return { key, action: { actionType: 'form', points: 5, ...part } };
}

function table(part: Partial<TableRuleDefinition>): RuleDefinition {
  return { key: 'rule', table: { attribute: 'jobTitle', rows: [], ...part } };
}

const plan = (operator: 'EQUALS' | 'NOT_EQUALS' | 'GT' | 'LT', value: string | number): Criterion => ({
  attribute: { attribute: 'plan', operator, value },
});
const customer: Criterion = { list: { key: 'customers' } };
const idle = (days: number): Criterion => ({ inactivity: { days } });
const did = (actionType: string, part = {}): Criterion => ({ activity: { actionType, ...part } });
const minutes = (operator: 'GT' | 'LT' | 'GTE', value: number) => ({ property: 'minutes', operator, value });

describe('a criterion that can never hold', () => {
  it.each<[string, Criterion]>([
    ['a condition and its opposite', { all: [plan('EQUALS', 'pro'), plan('NOT_EQUALS', 'PRO')] }],
    ['x and not x', { all: [customer, { not: customer }] }],
    ['not x, deep below', { all: [{ all: [{ any: [customer] }] }, { not: { not: { not: customer } } }] }],
    [
      'a conjunction and its negation',
      { all: [{ all: [customer, idle(3)] }, { not: { all: [idle(3), customer] } }] },
    ],
    [
      'alternatives that all contradict',
      {
        all: [
          { any: [plan('EQUALS', 'pro'), plan('EQUALS', 'team')] },
          plan('NOT_EQUALS', 'pro'),
          plan('NOT_EQUALS', 'team'),
        ],
      },
    ],
    [
      'an activity that nothing meets',
      did('form', { where: [minutes('GT', 5), { property: 'minutes', operator: 'NOT_EXISTS' }] }),
    ],
    [
      'more of an activity than is allowed',
      { all: [did('form', { atLeast: 3 }), { not: did('form', { atLeast: 2 }) }] },
    ],
    [
      'an activity of which a wider one is ruled out',
      {
        all: [
          did('form', { withinDays: 3, where: [minutes('GT', 9)] }),
          { not: did('for*', { withinDays: 7, where: [minutes('GT', 5)] }) },
        ],
      },
    ],
    ['a recent activity of somebody inactive', { all: [idle(30), did('form', { withinDays: 30 })] }],
    ['any activity lately of somebody inactive', { all: [did('*', { withinDays: 7 }), idle(8)] }],
    ['inactive for long and not for short', { all: [idle(30), { not: idle(7) }] }],
    ['inactive without ever being active', { all: [idle(30), { not: did('*') }] }],
  ])('is told: %s', (_, when) => {
    expect(codesOf(modelWith([criteria(when)]))).toEqual([`RULE_NEVER_HOLDS ${RULE}.criteria.when`]);
  });

  it.each<[string, Criterion]>([
    ['two alternatives', { any: [customer, { not: customer }] }],
    [
      'one alternative that is left',
      {
        all: [{ any: [plan('EQUALS', 'pro'), plan('EQUALS', 'team')] }, plan('NOT_EQUALS', 'pro')],
      },
    ],
    ['a passive action of somebody inactive', { all: [idle(30), did('email_sent', { withinDays: 7 })] }],
    ['a beginning that passive actions have too', { all: [idle(30), did('email_*', { withinDays: 7 })] }],
    ['an activity longer ago than the idle time', { all: [idle(7), did('form', { withinDays: 8 })] }],
    ['active, but not in these ways', { all: [did('form'), { not: did('page') }] }],
    [
      'an activity, but not within a shorter time',
      { all: [did('form', { withinDays: 9 }), { not: did('form', { withinDays: 8 }) }] },
    ],
    ['never active at all', { not: did('*') }],
  ])('is not told of %s', (_, when) => {
    expect(codesOf(modelWith([criteria(when)]))).toEqual([]);
  });

  it('is told apart from one that only lists of values can meet', () => {
    const both = criteria({ all: [plan('EQUALS', 'pro'), plan('EQUALS', 'team')] });
    const range = criteria({ all: [plan('GT', 10), plan('LT', 5)] });
    const code = `RULE_HOLDS_ONLY_FOR_LISTS ${RULE}.criteria.when`;
    expect(codesOf(modelWith([both]))).toEqual([code]);
    expect(codesOf(modelWith([range]))).toEqual([code]);
  });

  it('says which attribute it is about, and what to do', () => {
    const [warning] = warnAbout(
      modelWith([criteria({ all: [plan('EQUALS', 'pro'), plan('NOT_EQUALS', 'pro')] })]),
      null,
    );
    expect(warning).toEqual({
      code: 'RULE_NEVER_HOLDS',
      message:
        'This rule can never hold: no value of the attribute "plan" meets all conditions on it. ' +
        'Change its conditions, or remove the rule.',
      path: `${RULE}.criteria.when`,
      ruleKey: 'rule',
      scoreSet: 'behaviour',
      stage: null,
      suggestion: null,
    });
  });

  it('gives up on a tangle of alternatives instead of taking for ever', () => {
    const pair = (n: number): Criterion => ({ any: [did(`a${n}`), did(`b${n}`)] });
    const tangle = Array.from({ length: 60 }, (_, n) => pair(n));
    const when = { all: [...tangle, { any: [customer, idle(1)] }, { not: customer }, { not: idle(1) }] };
    expect(codesOf(modelWith([criteria(when)])).length).toBeLessThanOrEqual(1);
  });
});

describe('an action rule', () => {
  it('can contradict itself in its conditions on properties', () => {
    const never = action({ where: [minutes('GT', 5), { property: 'minutes', operator: 'NOT_EXISTS' }] });
    expect(codesOf(modelWith([never]))).toEqual([`RULE_NEVER_HOLDS ${RULE}.action.where`]);
    const only = action({ where: [minutes('GT', 9), minutes('LT', 3)] });
    expect(codesOf(modelWith([only]))).toEqual([`RULE_HOLDS_ONLY_FOR_LISTS ${RULE}.action.where`]);
    expect(codesOf(modelWith([action({ where: [minutes('GT', 3), minutes('LT', 9)] })]))).toEqual([]);
  });

  it('can have cases that those before them cover', () => {
    const cases = [
      { operator: 'GT' as const, value: 5, points: 3 },
      { operator: 'GT' as const, value: 15, points: 9 },
    ];
    const pointsBy = { property: 'minutes', cases };
    expect(codesOf(modelWith([action({ pointsBy })]))).toEqual([
      `RULE_NEVER_HOLDS ${RULE}.action.pointsBy.cases.1`,
    ]);
    expect(codesOf(modelWith([action({ pointsBy: { ...pointsBy, cases: cases.toReversed() } })]))).toEqual(
      [],
    );
  });
});

describe('a table', () => {
  const word = (value: string[], points: number) => ({ operator: 'MATCHES_WORD' as const, value, points });

  it('can have rows that those before them cover, which FIRST never reaches', () => {
    const rows = [
      word(['director', 'vp'], 20),
      word(['sales director'], 25),
      { operator: 'EXISTS' as const, points: 1 },
      { operator: 'EQUALS' as const, value: 'ceo', points: 30 },
    ];
    const warnings = warnAbout(modelWith([table({ rows })]), null);
    expect(warnings.map(({ path, message }) => [path, message])).toEqual([
      [
        `${RULE}.table.rows.1`,
        'Number 2 of the rows never counts: what meets it meets row 1 first. Move it up, change it or remove it.',
      ],
      [
        `${RULE}.table.rows.3`,
        'Number 4 of the rows never counts: what meets it meets row 3 first. Move it up, change it or remove it.',
      ],
    ]);
    expect(codesOf(modelWith([table({ rows, match: 'HIGHEST' })]))).toEqual([]);
  });

  it('can have a row that the ones before cover only together', () => {
    const rows = [
      { operator: 'LT' as const, value: 10, points: 1 },
      { operator: 'BETWEEN' as const, value: [10, 50], points: 2 },
      { operator: 'BETWEEN' as const, value: [5, 20], points: 3 },
    ];
    expect(warnAbout(modelWith([table({ attribute: 'companySize', rows })]), null)).toMatchObject([
      { path: `${RULE}.table.rows.2`, message: expect.stringContaining('a row before it') },
    ]);
  });

  it('never gives anything for a missing attribute', () => {
    const rows = [{ operator: 'NOT_EXISTS' as const, points: 5 }];
    expect(codesOf(modelWith([table({ rows, match: 'SUM' })]))).toEqual([
      `RULE_NEVER_HOLDS ${RULE}.table.rows`,
    ]);
    const some = [{ operator: 'EQUALS' as const, value: 'cto', points: 9 }, ...rows];
    expect(codesOf(modelWith([table({ rows: some, match: 'SUM' })]))).toEqual([
      `RULE_NEVER_HOLDS ${RULE}.table.rows.1`,
    ]);
  });

  it('of a thousand rows is looked through', () => {
    const rows = Array.from({ length: 1_000 }, (_, n) => ({
      operator: 'EQUALS' as const,
      value: n === 999 ? 'title 5' : `title ${n}`,
      points: 1,
    }));
    expect(codesOf(modelWith([table({ rows })]))).toEqual([`RULE_NEVER_HOLDS ${RULE}.table.rows.999`]);
  });
});

describe('a rule that repeats another', () => {
  const other = (rule: RuleDefinition): RuleDefinition => ({ ...rule, key: 'other' });
  const repeated = 'RULE_REPEATS_ANOTHER scoreSets.0.rules.1';

  it.each<[string, RuleDefinition, RuleDefinition]>([
    ['an action', action(), action({ points: -3 })],
    [
      'an action with its conditions in another order',
      action({ where: [minutes('GT', 3), { property: 'form', operator: 'IN', value: ['a', 'b'] }] }),
      action({ where: [{ property: 'form', operator: 'IN', value: ['B', ' a'] }, minutes('GT', 3)] }),
    ],
    [
      'all and any in another order',
      criteria({ all: [customer, { any: [idle(3), plan('EQUALS', 'x')] }] }),
      criteria({ all: [{ any: [plan('EQUALS', 'X'), idle(3)] }, { all: [customer] }] }),
    ],
    [
      'a negation said otherwise',
      criteria({ not: { any: [customer, plan('EQUALS', 'x')] } }),
      criteria({ all: [plan('NOT_EQUALS', 'x'), { not: customer }] }),
    ],
    [
      'a table with other points',
      table({ rows: [{ operator: 'EQUALS', value: 'cto', points: 1 }] }),
      table({ rows: [{ operator: 'IN', value: ['CTO'], points: 9 }] }),
    ],
  ])('is told: %s', (_, one, two) => {
    expect(codesOf(modelWith([one, other(two)]))).toEqual([repeated]);
  });

  it.each<[string, RuleDefinition, RuleDefinition]>([
    ['another type', action(), action({ actionType: 'Form' })],
    ['only the first time', action(), action({ limit: { maxAwards: 1 } })],
    ['other conditions', action(), action({ where: [minutes('GT', 3)] })],
    ['any instead of all', criteria({ all: [customer, idle(3)] }), criteria({ any: [customer, idle(3)] })],
    ['the opposite', criteria(customer), criteria({ not: customer })],
    [
      'FIRST rows in another order',
      table({
        rows: [
          { operator: 'EQUALS', value: 'a', points: 1 },
          { operator: 'CONTAINS', value: 'b', points: 2 },
        ],
      }),
      table({
        rows: [
          { operator: 'CONTAINS', value: 'b', points: 1 },
          { operator: 'EQUALS', value: 'a', points: 2 },
        ],
      }),
    ],
  ])('is not told: %s', (_, one, two) => {
    expect(codesOf(modelWith([one, other(two)]))).toEqual([]);
  });

  it('is found in another score set, and names the first', () => {
    const sets = [
      { key: 'one', rules: [action()] },
      { key: 'two', dimension: 'engagement', rules: [other(action())] },
    ];
    expect(warnAbout(modelWith([], { scoreSets: sets }), null)).toMatchObject([
      {
        code: 'RULE_REPEATS_ANOTHER',
        path: 'scoreSets.1.rules.0',
        ruleKey: 'other',
        scoreSet: 'two',
        suggestion: 'rule',
      },
    ]);
  });
});

describe('points that a cap takes whole', () => {
  const dimension = (part: object) => ({ dimensions: [{ key: 'engagement', maxPoints: 100, ...part }] });
  const set = (part: object, ...rules: RuleDefinition[]) => ({
    scoreSets: [{ key: 'behaviour', dimension: 'engagement', ...part, rules }],
  });
  const swallowed = [`RULE_SWALLOWED_BY_CAP ${RULE}`];

  it.each<[string, ModelDefinition]>([
    ['a rule capped at 0', modelWith([{ ...action(), maxPoints: 0 }])],
    ['a set capped at 0', modelWith([], set({ maxPoints: 0 }, action()))],
    ['a dimension of at most 0', modelWith([action()], dimension({ minPoints: -20, maxPoints: 0 }))],
    ['a dimension that is always the same', modelWith([action()], dimension({ minPoints: 100 }))],
    ['a dimension that counts nothing and has no labels', modelWith([action()], dimension({ weight: 0 }))],
    ['nothing to take off from', modelWith([action({ points: -5 })])],
  ])('are told: %s', (_, model) => {
    expect(codesOf(model)).toEqual(swallowed);
  });

  it.each<[string, ModelDefinition]>([
    [
      'a rule that takes points off as well',
      modelWith([action({}, 'plus'), { ...action({ points: -5, actionType: 'page' }), maxPoints: 0 }]),
    ],
    ['a rule that sets the score', modelWith([{ ...action({ setScoreTo: 0 }), maxPoints: 0 }])],
    [
      'a dimension that counts nothing but has labels',
      modelWith([action()], dimension({ weight: 0, labels: [{ label: 'A', minPoints: 5 }] })),
    ],
    ['points to take off from', modelWith([action({ points: -5 }), action({ actionType: 'page' }, 'page')])],
    ['a dimension that may fall below 0', modelWith([action({ points: -5 })], dimension({ minPoints: -20 }))],
    ['no dimension at all', modelWith([], set({ dimension: null }, action({ points: -5 })))],
  ])('are not told: %s', (_, model) => {
    expect(codesOf(model)).toEqual([]);
  });
});

describe('names that no data has', () => {
  const seen: SeenUse = {
    actionTypes: new Set(['email_opened', 'visited_pricing_page', 'email_clicked', 'form']),
    attributes: new Set(['jobTitle', 'companySize', 'answers', 'plan']),
  };

  it.each<[string, string | null]>([
    ['email_opned', 'email_opened'],
    ['email_opnened', 'email_opened'],
    ['emailOpened', 'email_opened'],
    ['EMAIL-OPENED', 'email_opened'],
    ['opened_email', 'email_opened'],
    ['visited_pricing_pages', 'visited_pricing_page'],
    ['email_open', 'email_opened'],
    ['froms', null],
    ['from', 'form'],
    ['requested_demo', null],
    ['emial_*', 'email_*'],
    ['webinar_*', null],
  ])('the action type %s, perhaps %s', (actionType, suggestion) => {
    expect(warnAbout(modelWith([action({ actionType })]), seen)).toMatchObject([
      { code: 'UNKNOWN_ACTION_TYPE', path: `${RULE}.action.actionType`, ruleKey: 'rule', suggestion },
    ]);
  });

  it.each<[string, string | null]>([
    ['jobtitle', 'jobTitle'],
    ['job_title', 'jobTitle'],
    ['compnaySize', 'companySize'],
    ['plans', 'plan'],
    ['answer.budget', 'answers.budget'],
    ['birthday', null],
  ])('the attribute %s, perhaps %s', (attribute, suggestion) => {
    const when = { all: [customer, { not: { attribute: { attribute, operator: 'EXISTS' as const } } }] };
    expect(warnAbout(modelWith([criteria(when)]), seen)).toMatchObject([
      { code: 'UNKNOWN_ATTRIBUTE', path: `${RULE}.criteria.when.all.1.not.attribute.attribute`, suggestion },
    ]);
  });

  it('are looked for in tables and in the activities of criteria too', () => {
    const rules = [
      table({ attribute: 'title', rows: [{ operator: 'EXISTS', points: 1 }] }),
      { ...criteria({ any: [did('email_*'), did('*'), did('page')] }), key: 'did' },
    ];
    expect(codesOf(modelWith(rules), seen)).toEqual([
      `UNKNOWN_ATTRIBUTE ${RULE}.table.attribute`,
      'UNKNOWN_ACTION_TYPE scoreSets.0.rules.1.criteria.when.any.2.activity.actionType',
    ]);
  });

  it('are known below a known attribute, and as long as nothing has been recorded', () => {
    const known = criteria({ attribute: { attribute: 'answers.budget', operator: 'EXISTS' } });
    expect(codesOf(modelWith([known, action({}, 'act')]), seen)).toEqual([]);
    const nothing = { actionTypes: new Set<string>(), attributes: new Set<string>() };
    expect(codesOf(modelWith([criteria(plan('EQUALS', 'x')), action({}, 'act')]), nothing)).toEqual([]);
  });
});

describe('stages', () => {
  const stage = (key: string, minScore: number): StageDefinition => ({ key, name: key, minScore });
  const staged = (stages: StageDefinition[], part: Partial<ModelDefinition> = {}, rules = [action()]) =>
    codesOf(modelWith(rules, { stages, ...part }));

  it('overlap when they begin at the same whole total', () => {
    const stages = [stage('cold', 0), stage('warm', 50.2), stage('hot', 50.9), stage('top', 51.5)];
    expect(staged(stages)).toEqual(['STAGES_OVERLAP stages.1.minScore']);
  });

  it('are out of reach above maxScore and below minScore', () => {
    const stages = [stage('below', -9), stage('cold', 0), stage('hot', 80), stage('top', 101)];
    expect(staged(stages)).toEqual([
      'STAGE_OUT_OF_REACH stages.0.minScore',
      'STAGE_OUT_OF_REACH stages.3.minScore',
    ]);
    expect(
      staged(stages, { minScore: -50, maxScore: 101 }).filter((code) => code.includes('stages.0')),
    ).toEqual([]);
  });

  it.each<[string, RuleDefinition[], number]>([
    ['a criterion', [criteria(customer, 40)], 40],
    [
      'a table: its best row',
      [
        table({
          rows: [
            { operator: 'EQUALS', value: 'a', points: 30 },
            { operator: 'EQUALS', value: 'b', points: 20 },
          ],
        }),
      ],
      30,
    ],
    [
      'a SUM table: all rows',
      [
        table({
          match: 'SUM',
          rows: [
            { operator: 'EQUALS', value: 'a', points: 30 },
            { operator: 'EQUALS', value: 'b', points: 20 },
          ],
        }),
      ],
      50,
    ],
    ['a limited action', [action({ limit: { maxAwards: 3 }, points: 10 })], 30],
    [
      'a limited action with repeats',
      [action({ limit: { maxAwards: 3 }, points: 10, repeat: { multiplier: 2 } })],
      60,
    ],
    [
      'a limit in a window, with expiry',
      [action({ limit: { maxAwards: 2, perDays: 7 }, points: 10, expiresAfterDays: 15 })],
      60,
    ],
    ['a capped action', [{ ...action(), maxPoints: 25 }], 25],
    ['two rules', [criteria(customer, 40), { ...action({}, 'act'), maxPoints: 25 }], 65],
    ['none that can hold', [criteria({ all: [customer, { not: customer }] }, 40)], 0],
  ])('are out of reach above what the rules give: %s', (_, rules, most) => {
    const warned = staged(
      [stage('cold', 0), stage('just', most || 0.5), stage('above', most + 1)],
      {},
      rules,
    );
    expect(warned.filter((code) => code.startsWith('STAGE'))).toEqual([
      ...(most === 0 ? ['STAGE_OUT_OF_REACH stages.1.minScore'] : []),
      'STAGE_OUT_OF_REACH stages.2.minScore',
    ]);
  });

  it('are in reach of a rule without limit, of recency and of a rule that sets the score', () => {
    const stages = [stage('cold', 0), stage('hot', 100)];
    expect(staged(stages)).toEqual([]);
    const once = { limit: { maxAwards: 1 }, points: 50 };
    expect(staged(stages, {}, [action(once)])).toEqual(['STAGE_OUT_OF_REACH stages.1.minScore']);
    expect(staged(stages, { recency: [{ withinHours: 1, multiplier: 2 }] }, [action(once)])).toEqual([]);
    expect(staged(stages, {}, [action({ ...once, setScoreTo: 50 })])).toEqual([]);
  });
});

describe('warnings', () => {
  it.each(Object.keys(PRESETS) as PresetName[])('has none for the preset %s', (name) => {
    expect(warnAbout(PRESETS[name]('model', 'Model'), null)).toEqual([]);
  });

  it('leave out what is switched off', () => {
    const never = criteria({ all: [customer, { not: customer }] });
    expect(codesOf(modelWith([{ ...never, active: false }]))).toEqual([]);
    const off = { key: 'off', active: false, rules: [never, { ...action({}, 'capped'), maxPoints: 0 }] };
    const on = { key: 'on', rules: [action({}, 'act'), { ...action({}, 'same'), active: false }] };
    expect(codesOf(modelWith([], { scoreSets: [off, on] }))).toEqual([]);
  });

  it('come in the order of the model and are at most 200', () => {
    const rules = Array.from({ length: 500 }, (_, n) => ({ ...criteria(customer, 1), key: `rule${n}` }));
    const stages = [
      { key: 'a', name: 'A', minScore: 0 },
      { key: 'b', name: 'B', minScore: 500 },
    ];
    const warnings = warnAbout(modelWith(rules, { stages }), null);
    expect(warnings).toHaveLength(WARNINGS_MAX);
    expect(warnings.map(({ path }) => path).slice(0, 3)).toEqual([
      'stages.1.minScore',
      'scoreSets.0.rules.1',
      'scoreSets.0.rules.2',
    ]);
  });
});
