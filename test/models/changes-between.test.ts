import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../src/models/changes-between.js';
import { applyModelChanges } from '../../src/scoring/apply-changes.js';
import type { ModelDefinition, ScoreSetDefinition } from '../../src/scoring/model-definition.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';
import { arbitraryModel } from '../support/arbitrary-model.js';

/** The same sets and rules in any order and any place, some of them left out. */
function arbitraryShuffle(model: ModelDefinition): fc.Arbitrary<ModelDefinition> {
  const rules = model.scoreSets.flatMap((set) => set.rules);
  const keys = model.scoreSets.map(({ key }) => key);
  return fc
    .record({
      sets: fc.shuffledSubarray(model.scoreSets),
      order: fc.shuffledSubarray(rules),
      places: fc.array(fc.nat({ max: keys.length }), { minLength: rules.length, maxLength: rules.length }),
    })
    .map(({ sets, order, places }) => ({
      ...model,
      scoreSets: sets.map((set, position) => ({
        ...set,
        rules: order.filter((_, index) => (places[index] ?? 0) % sets.length === position),
      })),
    }));
}

function rule(key: string) {
  return { key, action: { actionType: key, points: 1 } };
}

function modelOf(...scoreSets: ScoreSetDefinition[]): ModelDefinition {
  return {
    key: 'm',
    name: 'M',
    dimensions: [{ key: 'd', maxPoints: 10 }],
    stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
    scoreSets,
  };
}

describe('changesBetween', () => {
  it('leads from any model to any other, exactly', () => {
    const pairs = fc.oneof(
      fc.tuple(arbitraryModel(), arbitraryModel()),
      arbitraryModel().chain((model) => fc.tuple(fc.constant(model), arbitraryShuffle(model))),
    );
    fc.assert(
      fc.property(pairs, ([before, after]) => {
        const changes = changesBetween(before, after);
        if (changes.length === 0) expect(normalizeModel(after)).toEqual(normalizeModel(before));
        else {
          const applied = applyModelChanges(before, changes);
          expect(applied).toEqual({ definition: normalizeModel(after), faults: [] });
        }
      }),
    );
  });

  it('is nothing between equal models, written out or not', () => {
    fc.assert(
      fc.property(arbitraryModel(), (model) => {
        expect(changesBetween(model, normalizeModel(model))).toEqual([]);
      }),
    );
  });

  it('touches only what differs', () => {
    const before = modelOf({ key: 'a', rules: [rule('x')] }, { key: 'b', rules: [rule('y')] });
    const named = { ...before, name: 'N', description: 'note' };
    expect(changesBetween(before, named)).toEqual([{ settings: { name: 'N', description: 'note' } }]);
    expect(changesBetween(named, before)).toEqual([{ settings: { name: 'M', description: null } }]);
    const more = modelOf(
      { key: 'a', rules: [rule('x')] },
      { key: 'b', rules: [rule('y'), rule('z')] },
      { key: 'c', rules: [] },
    );
    expect(changesBetween(before, more)).toMatchObject([
      { putScoreSet: { key: 'b' } },
      { putScoreSet: { key: 'c' } },
    ]);
    expect(changesBetween(more, before)).toMatchObject([
      { removeScoreSet: 'c' },
      { putScoreSet: { key: 'b' } },
    ]);
  });
});
