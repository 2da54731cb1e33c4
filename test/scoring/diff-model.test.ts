import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyModelChanges } from '../../src/scoring/apply-changes.js';
import { diffModels, type FieldChange, isEmptyDiff, type ModelDiff } from '../../src/scoring/diff-model.js';
import type { ModelChange } from '../../src/scoring/model-change.js';
import type { ModelDefinition, RuleDefinition } from '../../src/scoring/model-definition.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';
import { PRESETS } from '../../src/scoring/presets.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import { modelOf } from '../support/scoring-kit.js';

const open: RuleDefinition = { key: 'open', name: 'Open', action: { actionType: 'email_opened', points: 5 } };
const visit: RuleDefinition = {
  key: 'visit',
  action: { actionType: 'page', points: 3, where: [{ property: 'url', operator: 'CONTAINS', value: 'a' }] },
};
const title: RuleDefinition = {
  key: 'title',
  table: {
    attribute: 'jobTitle',
    rows: [
      { operator: 'EQUALS', value: 'cto', points: 20 },
      { operator: 'EQUALS', value: 'vp', points: 10 },
    ],
  },
};
const base = modelOf([open, visit, title]);

const nothing: ModelDiff = { settings: [], scoreSets: [], rules: [] };

/** The differences after these changes of the base model. */
function diffAfter(...changes: ModelChange[]): ModelDiff {
  const { definition, faults } = applyModelChanges(base, changes);
  expect(faults).toEqual([]);
  return diffModels(base, definition);
}

function putRule(rule: RuleDefinition, scoreSet = 'behaviour'): ModelChange {
  return { putRule: { scoreSet, rule } };
}

describe('diffModels', () => {
  it('finds nothing in a model and the same with its defaults written out', () => {
    expect(diffModels(base, normalizeModel(base))).toEqual(nothing);
    expect(isEmptyDiff(diffModels(base, base))).toBe(true);
  });

  it('names the fields of a rule that changed', () => {
    const limited = { ...open.action, actionType: 'email_opened', points: 8, limit: { maxAwards: 3 } };
    expect(diffAfter(putRule({ ...open, action: limited }))).toEqual({
      ...nothing,
      rules: [
        {
          change: 'CHANGED',
          key: 'open',
          name: 'Open',
          scoreSet: 'behaviour',
          scoreSetBefore: 'behaviour',
          fields: [
            { path: 'action.points', before: 5, after: 8 },
            { path: 'action.limit', before: null, after: { maxAwards: 3 } },
          ],
        },
      ],
    });
  });

  it('spells out what a rule that came or went says', () => {
    const { rules } = diffAfter({ removeRule: 'open' }, putRule({ ...open, key: 'opened' }));
    const fields = [
      { path: 'name', before: null, after: 'Open' },
      { path: 'active', before: null, after: true },
      { path: 'action.actionType', before: null, after: 'email_opened' },
      { path: 'action.where', before: null, after: [] },
      { path: 'action.points', before: null, after: 5 },
    ];
    const place = { name: 'Open', scoreSet: 'behaviour' };
    expect(rules).toEqual([
      { change: 'ADDED', key: 'opened', ...place, scoreSetBefore: null, fields },
      { change: 'REMOVED', key: 'open', ...place, scoreSetBefore: 'behaviour', fields: swapped(fields) },
    ]);
  });

  it('tells a rule that moved, and what else is new about it', () => {
    const scoreSet = { key: 'more', rules: [] };
    const { rules, scoreSets } = diffAfter(
      { putScoreSet: scoreSet },
      putRule({ ...open, active: false }, 'more'),
    );
    expect(scoreSets).toMatchObject([{ change: 'ADDED', key: 'more', name: 'more' }]);
    expect(rules).toEqual([
      {
        change: 'MOVED',
        key: 'open',
        name: 'Open',
        scoreSet: 'more',
        scoreSetBefore: 'behaviour',
        fields: [{ path: 'active', before: true, after: false }],
      },
    ]);
  });

  it('finds rows that came between others, and the ones that changed', () => {
    const rows = [
      { operator: 'EQUALS' as const, value: 'ceo', points: 25 },
      ...(title.table?.rows ?? []).map((row) => ({ ...row })),
    ];
    const added = { ...title, table: { attribute: 'jobTitle', rows } };
    expect(diffAfter(putRule(added)).rules[0]?.fields).toEqual([
      { path: 'table.rows[0]', before: null, after: { operator: 'EQUALS', value: 'ceo', points: 25 } },
    ]);
    const changed = {
      ...title,
      table: { attribute: 'jobTitle', rows: rows.slice(1).map((row) => ({ ...row, points: 10 })) },
    };
    expect(diffAfter(putRule(changed)).rules[0]?.fields).toEqual([
      { path: 'table.rows[0].points', before: 20, after: 10 },
    ]);
  });

  it('gives a condition of another kind whole', () => {
    const rule = (when: object): RuleDefinition => ({ key: 'rule', criteria: { when, points: 5 } });
    const [any, list] = [{ any: [{ inactivity: { days: 3 } }] }, { list: { key: 'customers' } }];
    expect(diffModels(modelOf([rule(any)]), modelOf([rule(list)])).rules[0]?.fields).toEqual([
      { path: 'criteria.when', before: any, after: list },
    ]);
  });

  it('names dimensions and stages by their keys', () => {
    const { settings } = diffAfter({
      settings: {
        maxScore: 200,
        decay: { ratePercent: 5, intervalDays: 30 },
        dimensions: [
          { key: 'fit', maxPoints: 40 },
          { key: 'engagement', name: 'Engagement', maxPoints: 60 },
        ],
        stages: [{ key: 'hot', name: 'Hot', minScore: 60, hot: true }],
      },
    });
    expect(settings).toEqual([
      { path: 'maxScore', before: 100, after: 200 },
      { path: 'decay.ratePercent', before: null, after: 5 },
      { path: 'decay.intervalDays', before: null, after: 30 },
      { path: 'decay.minScore', before: null, after: 0 },
      {
        path: 'dimensions[fit]',
        before: null,
        after: expect.objectContaining({ key: 'fit', maxPoints: 40 }),
      },
      { path: 'dimensions[engagement].maxPoints', before: 100, after: 60 },
      { path: 'stages[hot].minScore', before: 50, after: 60 },
      { path: 'stages[cold]', before: { key: 'cold', name: 'Cold', minScore: 0, hot: false }, after: null },
    ]);
  });

  it('gives the keys in their order when rules, sets or dimensions changed places, and only then', () => {
    const other = { key: 'other', rules: [] };
    const two = (rules: RuleDefinition[]) => modelOf(rules).scoreSets;
    const before = modelOf([], { scoreSets: [...two([open, visit]), other] });
    const after = modelOf([], { scoreSets: [other, ...two([visit, title, open])] });
    expect(diffModels(before, after)).toMatchObject({
      settings: [{ path: 'scoreSets', before: ['behaviour', 'other'], after: ['other', 'behaviour'] }],
      scoreSets: [
        {
          change: 'CHANGED',
          key: 'behaviour',
          fields: [{ path: 'rules', before: ['open', 'visit'], after: ['visit', 'title', 'open'] }],
        },
      ],
      rules: [{ change: 'ADDED', key: 'title' }],
    });
    const inserted = modelOf([], { scoreSets: [...two([title, open, visit]), other] });
    expect(diffModels(before, inserted)).toMatchObject({
      settings: [],
      scoreSets: [],
      rules: [{ key: 'title' }],
    });
  });

  it('sees another key or name of the model', () => {
    expect(diffModels(base, { ...base, key: 'copy', name: 'Copy' })).toEqual({
      ...nothing,
      settings: [
        { path: 'key', before: 'model', after: 'copy' },
        { path: 'name', before: 'Model', after: 'Copy' },
      ],
    });
  });
});

describe('the diff of any two models', () => {
  it('is empty only when they are the same', () => {
    fc.assert(
      fc.property(arbitraryModel(), arbitraryModel(), fc.boolean(), (one, other, isSame) => {
        const [a, b] = [normalizeModel(one), normalizeModel(isSame ? reworded(one) : other)];
        expect(isEmptyDiff(diffModels(a, b))).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('is the same the other way round, with before and after exchanged', () => {
    fc.assert(
      fc.property(arbitraryModel(), arbitraryModel(), (one, other) => {
        expect(sorted(reversed(diffModels(one, other)))).toEqual(sorted(diffModels(other, one)));
      }),
    );
  });

  it('names exactly the rules that were changed', () => {
    fc.assert(
      fc.property(arbitraryModel(), fc.infiniteStream(fc.nat(4)), (model, choices) => {
        const start = normalizeModel(model);
        const { changes, keys } = someChanges(start, choices);
        if (changes.length === 0) return;
        const { definition, faults } = applyModelChanges(start, changes);
        expect(faults).toEqual([]);
        const { rules, settings, scoreSets } = diffModels(start, definition);
        expect(rules.map(({ change, key }) => `${change} ${key}`).sort()).toEqual(keys.sort());
        expect({ settings, scoreSets }).toEqual({ settings: [], scoreSets: [] });
      }),
    );
  });

  it('has before and after as the models have them', () => {
    const [starter, advanced] = [PRESETS.STARTER('m', 'M'), PRESETS.ADVANCED('m', 'M')];
    const { settings, rules } = diffModels(starter, advanced);
    expect(settings).toContainEqual({ path: 'dimensions[engagement].maxPoints', before: 100, after: 40 });
    expect(rules).toContainEqual(expect.objectContaining({ change: 'REMOVED', key: 'decision_maker' }));
    expect(rules).toContainEqual(
      expect.objectContaining({
        key: 'clicked_link',
        fields: [{ path: 'action.repeat', before: null, after: { multiplier: 1.5, withinDays: 30 } }],
      }),
    );
  });
});

/** The same model, with absent parts as null and defaults written out here and there. */
function reworded(model: ModelDefinition): ModelDefinition {
  return {
    description: null,
    ...model,
    scoreSets: model.scoreSets.map((set) => ({ name: set.key, ...set })),
  };
}

/** A change for some rules (by the choices), and what the diff is to say of them. */
function someChanges(model: ModelDefinition, choices: Iterable<number>) {
  const changes: ModelChange[] = [];
  const keys: string[] = [];
  const next = choices[Symbol.iterator]();
  for (const set of model.scoreSets) {
    for (const rule of set.rules) {
      const choice = next.next().value;
      if (choice === 0) changes.push({ removeRule: rule.key });
      else if (choice === 1) changes.push(putRule({ ...rule, name: `${rule.name} again` }, set.key));
      else if (choice === 2) changes.push(putRule({ ...rule, key: `${rule.key}-copy` }, set.key));
      else continue;
      const said = ['REMOVED', 'CHANGED', 'ADDED'][choice];
      keys.push(`${said} ${rule.key}${choice === 2 ? '-copy' : ''}`);
    }
  }
  return { changes, keys };
}

function swapped(fields: FieldChange[]): FieldChange[] {
  return fields.map(({ path, before, after }) => ({ path, before: after, after: before }));
}

const OPPOSITE = { ADDED: 'REMOVED', REMOVED: 'ADDED', CHANGED: 'CHANGED', MOVED: 'MOVED' } as const;

function reversed({ settings, scoreSets, rules }: ModelDiff): ModelDiff {
  return {
    settings: swapped(settings),
    scoreSets: scoreSets.map((set) => ({
      ...set,
      change: OPPOSITE[set.change],
      fields: swapped(set.fields),
    })),
    rules: rules.map((rule) => ({ ...rule, ...reversedPlace(rule), fields: swapped(rule.fields) })),
  };
}

function reversedPlace({ change, scoreSet, scoreSetBefore }: ModelDiff['rules'][number]) {
  const opposite = OPPOSITE[change];
  return {
    change: opposite,
    scoreSet: opposite === 'REMOVED' ? scoreSet : (scoreSetBefore ?? scoreSet),
    scoreSetBefore: opposite === 'ADDED' ? null : scoreSet,
  };
}

/** Without the order in which differences come, and the names, which are those after the change. */
function sorted({ settings, scoreSets, rules }: ModelDiff) {
  const byText = (parts: object[]) => parts.map((part) => JSON.stringify(part)).sort();
  const unnamed = <T extends { name: string | null; fields: FieldChange[] }>({
    name,
    fields,
    ...rest
  }: T) => ({
    ...rest,
    fields: byText(fields),
  });
  return {
    settings: byText(settings),
    scoreSets: byText(scoreSets.map(unnamed)),
    rules: byText(rules.map(unnamed)),
  };
}
