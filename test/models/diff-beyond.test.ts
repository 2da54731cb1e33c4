import { expect, it } from 'vitest';
import { diffBeyond } from '../../src/models/diff-beyond.js';
import { diffModels } from '../../src/scoring/diff-model.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';

/** A model of one set with rules that are worth these points. */
function modelOf(points: Record<string, number>, name = 'M'): ModelDefinition {
  return {
    key: 'm',
    name,
    dimensions: [{ key: 'd', maxPoints: 10 }],
    stages: [{ key: 'cold', name: 'Cold', minScore: 0 }],
    scoreSets: [
      {
        key: 's',
        rules: Object.entries(points).map(([key, worth]) => ({
          key,
          action: { actionType: key, points: worth },
        })),
      },
    ],
  };
}

const base = modelOf({ a: 1, b: 1 });
const meant = (draft: ModelDefinition) => diffModels(base, draft);

it('is empty when a diff has what was meant, and nothing else', () => {
  const draft = modelOf({ a: 2, b: 1, c: 1 }, 'N');
  expect(diffBeyond(diffModels(base, draft), meant(draft))).toEqual({
    settings: [],
    scoreSets: [],
    rules: [],
  });
});

it('has what others did meanwhile and the draft takes back', () => {
  const draft = modelOf({ a: 2, b: 1 }, 'N');
  const published = modelOf({ a: 3, b: 5, c: 1 }, 'O');
  const beyond = diffBeyond(diffModels(published, draft), meant(draft));
  expect(beyond.settings).toEqual([{ path: 'name', before: 'O', after: 'N' }]);
  expect(beyond.rules).toMatchObject([
    { key: 'a', fields: [{ path: 'action.points', before: 3, after: 2 }] },
    { key: 'b', fields: [{ path: 'action.points', before: 5, after: 1 }] },
    { key: 'c', change: 'REMOVED' },
  ]);
});
