import { describe, expect, it } from 'vitest';
import { applyModelChanges } from '../../src/scoring/apply-changes.js';
import type { ModelChange } from '../../src/scoring/model-change.js';
import type { ModelDefinition, RuleDefinition } from '../../src/scoring/model-definition.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';

const rule = (key: string, points = 1): RuleDefinition => ({ key, action: { actionType: key, points } });

const base: ModelDefinition = normalizeModel({
  key: 'model',
  name: 'Model',
  description: 'About it',
  dimensions: [
    { key: 'engagement', maxPoints: 60 },
    { key: 'fit', maxPoints: 40 },
  ],
  decay: { ratePercent: 5, intervalDays: 30 },
  stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
  scoreSets: [
    { key: 'email', dimension: 'engagement', rules: [rule('open'), rule('click'), rule('reply')] },
    { key: 'web', dimension: 'fit', rules: [rule('visit')] },
  ],
});

function change(...changes: ModelChange[]) {
  const before = JSON.stringify(base);
  const applied = applyModelChanges(base, changes);
  expect(JSON.stringify(base)).toBe(before);
  if (applied.faults.length > 0) expect(applied.definition).toBe(base);
  return applied;
}

function layout({ definition }: { definition: ModelDefinition }): Record<string, string[]> {
  return Object.fromEntries(definition.scoreSets.map(({ key, rules }) => [key, rules.map((one) => one.key)]));
}

describe('applyModelChanges', () => {
  it('replaces a rule where it stands', () => {
    const applied = change({ putRule: { scoreSet: 'email', rule: rule('click', 25) } });
    expect(applied.faults).toEqual([]);
    expect(layout(applied)).toEqual({ email: ['open', 'click', 'reply'], web: ['visit'] });
    expect(applied.definition.scoreSets[0]?.rules[1]?.action?.points).toBe(25);
  });

  it('creates and moves rules at the end of a set', () => {
    const applied = change(
      { putRule: { scoreSet: 'web', rule: rule('open', 9) } },
      { putRule: { scoreSet: 'web', rule: rule('new') } },
    );
    expect(layout(applied)).toEqual({ email: ['click', 'reply'], web: ['visit', 'open', 'new'] });
  });

  it('removes, replaces and creates sets', () => {
    const applied = change(
      { removeScoreSet: 'web' },
      { putScoreSet: { key: 'email', rules: [rule('visit')] } },
      { putScoreSet: { key: 'more', dimension: 'fit', rules: [rule('open')] } },
    );
    expect(applied.faults).toEqual([]);
    expect(layout(applied)).toEqual({ email: ['visit'], more: ['open'] });
  });

  it('switches sets and rules on and off', () => {
    const applied = change(
      { setActive: { rule: 'click', active: false } },
      { setActive: { scoreSet: 'web', active: false } },
    );
    expect(applied.definition.scoreSets[0]?.rules[1]?.active).toBe(false);
    expect(applied.definition.scoreSets[1]?.active).toBe(false);
  });

  it('changes settings, clears those that are null and keeps those that are absent', () => {
    const { definition } = change({
      settings: { name: 'Other', description: null, decay: null, maxScore: null },
    });
    expect(definition).toEqual({ ...base, name: 'Other', description: undefined, decay: undefined });
    expect(definition.maxScore).toBe(100);
  });

  it('asks for a valid outcome only: a dimension can go when its sets move later', () => {
    const dimensions = [{ key: 'engagement', maxPoints: 60 }];
    expect(change({ settings: { dimensions } }).faults).toMatchObject([
      { path: 'changes.0.settings.dimensions' },
    ]);
    const moved: ModelChange = { putScoreSet: { key: 'web', dimension: 'engagement', rules: [] } };
    expect(change({ settings: { dimensions } }, moved).faults).toEqual([]);
  });

  it.each<[string, ModelChange, string]>([
    ['an empty change', {}, 'changes.0'],
    ['two changes in one', { removeRule: 'open', removeScoreSet: 'web' }, 'changes.0'],
    ['a set that is not there', { removeScoreSet: 'no' }, 'changes.0.removeScoreSet'],
    ['a rule that is not there', { removeRule: 'no' }, 'changes.0.removeRule'],
    [
      'a rule for a set that is not there',
      { putRule: { scoreSet: 'no', rule: rule('x') } },
      'changes.0.putRule.scoreSet',
    ],
    ['nothing to switch', { setActive: { active: true } }, 'changes.0.setActive'],
    [
      'a rule to switch that is not there',
      { setActive: { rule: 'no', active: true } },
      'changes.0.setActive.rule',
    ],
    [
      'a faulty rule',
      { putRule: { scoreSet: 'web', rule: { key: 'x', action: { actionType: '', points: 1 } } } },
      'changes.0.putRule.rule.action.actionType',
    ],
    [
      'a faulty set',
      { putScoreSet: { key: 'x', rules: [rule('a'), { key: 'b' }] } },
      'changes.0.putScoreSet.rules.1',
    ],
    [
      'a rule taken from another set',
      { putScoreSet: { key: 'x', rules: [rule('open')] } },
      'changes.0.putScoreSet.rules.0.key',
    ],
    ['faulty settings', { settings: { stages: [] } }, 'changes.0.settings.stages'],
    ['a name taken away', { settings: { name: null } }, 'changes.0.settings.name'],
  ])('refuses %s', (_, one, path) => {
    expect(change(one).faults.map((fault) => fault.path)).toEqual([path]);
  });

  it('applies all or nothing and says which change is at fault', () => {
    const { faults } = change({ removeRule: 'open' }, { removeRule: 'open' }, { removeRule: 'no' });
    expect(faults.map(({ path }) => path)).toEqual(['changes.1.removeRule', 'changes.2.removeRule']);
  });

  it('wants at least one change', () => {
    expect(change().faults.map(({ path }) => path)).toEqual(['changes']);
  });
});
