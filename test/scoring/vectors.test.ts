import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import type { Evaluation } from '../../src/scoring/evaluation.js';
import { foldEntry } from '../../src/scoring/fold-entry.js';
import { replay } from '../../src/scoring/replay.js';
import { emptyState, parseState, serializeState } from '../../src/scoring/score-state.js';
import { validateModel } from '../../src/scoring/validate-model.js';
import {
  loadVectors,
  timelineEntryOf,
  type VectorCase,
  type VectorCheck,
} from '../support/scoring-vectors.js';

const vectors = loadVectors();

describe.skipIf(vectors === null)('vectors (skipped where ../shared/vectors is missing)', () => {
  describe.each(vectors ?? [])('$name', (vector) => {
    it('is a valid model', () => {
      expect(validateModel(vector.model)).toEqual([]);
    });

    it('holds by replay', () => {
      const entries = vector.timeline.map(timelineEntryOf);
      for (const check of vector.checks) {
        expectCheck(vector, check, replay(vector.model, entries, Date.parse(check.at)));
      }
    });

    it('holds by folding entry by entry', () => {
      const model = compileModel(vector.model);
      const entries = vector.timeline.map(timelineEntryOf);
      for (const check of vector.checks) {
        const atMs = Date.parse(check.at);
        let state = emptyState(model);
        for (const entry of entries.filter((one) => one.atMs <= atMs)) {
          foldEntry(model, state, entry);
          state = parseState(serializeState(state));
        }
        expectCheck(vector, check, evaluate(model, state, atMs));
      }
    });
  });
});

function expectCheck({ model }: VectorCase, check: VectorCheck, evaluation: Evaluation): void {
  const stage = model.stages[evaluation.stage]?.key;
  const found = { at: check.at, total: evaluation.total, stage, label: evaluation.label };
  expect(found).toEqual({ at: check.at, total: check.total, stage: check.stage, label: check.label });
  model.dimensions.forEach(({ key }, index) => {
    const expected = check.dimensions[key] ?? Number.NaN;
    expect(Math.abs((evaluation.dimensions[index] ?? 0) - expected)).toBeLessThan(0.001);
  });
}
