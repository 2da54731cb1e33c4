import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import type { Evaluation } from '../../src/scoring/evaluation.js';
import { explain } from '../../src/scoring/explain.js';
import { decodeReasons, encodeReasons, explainChange } from '../../src/scoring/explain-change.js';
import { foldEntry } from '../../src/scoring/fold-entry.js';
import { forecast } from '../../src/scoring/forecast.js';
import { nextChange } from '../../src/scoring/next-change.js';
import { normalizeModel } from '../../src/scoring/normalize-model.js';
import { replay } from '../../src/scoring/replay.js';
import { emptyState, parseState, serializeState } from '../../src/scoring/score-state.js';
import { validateModel } from '../../src/scoring/validate-model.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import {
  arbitraryInstant,
  arbitraryTimeline,
  TIMELINE_MS,
  TIMELINE_START_MS,
  TIMELINE_STEP_MS,
} from '../support/arbitrary-timeline.js';
import { foldTimeline } from '../support/fold-timeline.js';

/** More runs are asked for with PROPERTY_RUNS when hunting. */
const numRuns = Number(process.env.PROPERTY_RUNS ?? 300);

/** Points are rounded to 1e-6; two ways of summing may fall to either side of a tie. */
const POINTS_TOLERANCE = 2e-6;

const endMs = TIMELINE_START_MS + TIMELINE_MS;

describe('a folded state', () => {
  it('scores as a replay of the timeline does, at any instant', () => {
    check(
      arbitraryModel(),
      arbitraryTimeline(),
      fc.array(arbitraryInstant()),
      (definition, entries, instants) => {
        const model = compileModel(definition);
        for (const atMs of [...instants, ...entries.map((entry) => entry.atMs)]) {
          const folded = evaluate(model, foldTimeline(model, entries, atMs), atMs);
          expectSame(folded, replay(definition, entries, atMs));
        }
      },
    );
  });

  it('is the same after being written and read between entries, and however often it is looked at', () => {
    check(arbitraryModel(), arbitraryTimeline(), arbitraryInstant(), (definition, entries, laterMs) => {
      const model = compileModel(definition);
      const plain = foldTimeline(model, entries);
      let state = emptyState(model);
      for (const entry of entries) {
        foldEntry(model, state, entry);
        evaluate(model, state, Math.max(laterMs, entry.atMs));
        nextChange(model, state, entry.atMs);
        explain(model, state, entry.atMs);
        const text = serializeState(state);
        state = parseState(text);
        expect(serializeState(state)).toBe(text);
      }
      expect(serializeState(state)).toBe(serializeState(plain));
    });
  });

  it('is written as ASCII without control characters', () => {
    check(arbitraryModel(), arbitraryTimeline(), fc.constant(0), (definition, entries) => {
      const model = compileModel(definition);
      expect(serializeState(foldTimeline(model, entries))).toMatch(/^[\x20-\x7e]*$/);
    });
  });

  it('does not grow with history once nothing in it can change any more', () => {
    check(arbitraryModel(), arbitraryTimeline(), fc.constant(0), (definition, entries) => {
      const model = compileModel(definition);
      const rounds = [1, 2, 8].map((times) => {
        const repeated = Array.from({ length: times }, (_, round) =>
          entries.map((entry) => ({ ...entry, atMs: entry.atMs + 2 * round * TIMELINE_MS })),
        ).flat();
        const state = foldTimeline(model, repeated);
        const atMs = state.atMs + 2 * TIMELINE_MS;
        foldEntry(model, state, { kind: 'list', atMs, list: 'unheard_of', joined: true });
        return JSON.parse(serializeState(state)) as unknown;
      });
      const [, twice = 0, eightTimes = 0] = rounds.map(countNumbers);
      expect(eightTimes).toBeLessThanOrEqual(twice + SETTLING_NUMBERS_MAX);
    });
  });
});

/** Windowed limits and activity windows may fill up to their bound (3 instants each here) after two rounds. */
const SETTLING_NUMBERS_MAX = 3 * 16 * 2;

describe('a score', () => {
  it('keeps within the bounds of model and dimensions', () => {
    check(arbitraryModel(), arbitraryTimeline(), arbitraryInstant(), (definition, entries, atMs) => {
      const model = compileModel(definition);
      const { total, dimensions, stage } = evaluate(model, foldTimeline(model, entries, atMs), atMs);
      expect(total).toBeGreaterThanOrEqual(Math.floor(model.minScore));
      expect(total).toBeLessThanOrEqual(model.maxScore);
      expect(model.stages[stage]).toBeDefined();
      dimensions.forEach((points, i) => {
        expect(points).toBeGreaterThanOrEqual(model.axes[i]?.minPoints ?? Number.NaN);
        expect(points).toBeLessThanOrEqual(model.axes[i]?.maxPoints ?? Number.NaN);
      });
    });
  });

  it('is explained by lines that add up to it, none of them empty', () => {
    check(arbitraryModel(), arbitraryTimeline(), arbitraryInstant(), (definition, entries, atMs) => {
      const model = compileModel(definition);
      const state = foldTimeline(model, entries, atMs);
      const lines = explain(model, state, atMs);
      const sum = lines.reduce((total, { points }) => total + points, 0);
      expect(sum).toBeCloseTo(evaluate(model, state, atMs).total, 6);
      expect(lines.filter(({ points }) => points === 0)).toEqual([]);
      const rounding = lines.find(({ kind }) => kind === 'ROUNDING')?.points ?? 0;
      expect(Math.abs(rounding)).toBeLessThan(1);
      expect(decodeReasons(model, encodeReasons(lines))).toEqual(
        lines.map((line) => JSON.parse(JSON.stringify(line))),
      );
    });
  });

  it('changes by the lines that differ', () => {
    const instants = fc.tuple(arbitraryInstant(), arbitraryInstant());
    check(arbitraryModel(), arbitraryTimeline(), instants, (definition, entries, [oneMs, otherMs]) => {
      const model = compileModel(definition);
      const [before, after] = [oneMs, otherMs].map((atMs) => {
        const state = foldTimeline(model, entries, atMs);
        return { total: evaluate(model, state, atMs).total, lines: explain(model, state, atMs) };
      });
      const moved = explainChange(before?.lines ?? [], after?.lines ?? []);
      const sum = moved.reduce((total, { points }) => total + points, 0);
      expect(sum).toBeCloseTo((after?.total ?? 0) - (before?.total ?? 0), 6);
    });
  });
});

describe('the next change', () => {
  it('is the first instant at which total or label differ', () => {
    check(
      arbitraryModel(),
      arbitraryTimeline(),
      fc.integer({ min: 0, max: 20 }),
      (definition, entries, steps) => {
        const model = compileModel(definition);
        const state = foldTimeline(model, entries);
        const fromMs = Math.max(state.atMs, TIMELINE_START_MS) + steps * TIMELINE_STEP_MS;
        const horizonMs = 40 * TIMELINE_MS;
        const next = nextChange(model, state, fromMs, horizonMs);
        const now = shown(evaluate(model, state, fromMs));
        if (next !== null) {
          expect(next.causes.length).toBeGreaterThan(0);
          expect(shown(evaluate(model, state, next.atMs))).not.toEqual(now);
        }
        const lastMs = next === null ? fromMs + horizonMs : next.atMs - 1;
        for (const atMs of instantsWithin(fromMs, lastMs)) {
          expect({ atMs, ...shown(evaluate(model, state, atMs)) }).toEqual({ atMs, ...now });
        }
      },
    );
  });

  it('leads to every point of the forecast, which reads as evaluations do', () => {
    check(arbitraryModel(), arbitraryTimeline(), fc.constant(0), (definition, entries) => {
      const model = compileModel(definition);
      const state = foldTimeline(model, entries);
      const points = forecast(model, state, endMs, endMs + 2 * TIMELINE_MS, 1_000);
      for (const atMs of instantsWithin(endMs, endMs + 2 * TIMELINE_MS)) {
        const point = points.findLast((one) => one.atMs <= atMs);
        const { total, stage } = evaluate(model, state, atMs);
        expect({ atMs, total: point?.total, stage: point?.stage }).toEqual({ atMs, total, stage });
      }
    });
  });
});

describe('a random model', () => {
  it('is valid, also once normalised, and normalising twice changes nothing', () => {
    fc.assert(
      fc.property(arbitraryModel(), (definition) => {
        expect(validateModel(definition)).toEqual([]);
        const normalized = normalizeModel(definition);
        expect(validateModel(normalized)).toEqual([]);
        expect(normalizeModel(normalized)).toEqual(normalized);
        expect(JSON.parse(JSON.stringify(normalized))).toEqual(normalized);
      }),
      { numRuns },
    );
  });
});

function check<A, B, C>(
  a: fc.Arbitrary<A>,
  b: fc.Arbitrary<B>,
  c: fc.Arbitrary<C>,
  property: (a: A, b: B, c: C) => void,
): void {
  fc.assert(fc.property(a, b, c, property), { numRuns });
}

function expectSame(found: Evaluation, expected: Evaluation): void {
  const exact = ({ total, stage, label, lastActivityAtMs }: Evaluation) => [
    total,
    stage,
    label,
    lastActivityAtMs,
  ];
  expect(exact(found)).toEqual(exact(expected));
  expect(Math.abs(found.score - expected.score)).toBeLessThan(10 * POINTS_TOLERANCE);
  found.dimensions.forEach((points, i) => {
    expect(Math.abs(points - (expected.dimensions[i] ?? Number.NaN))).toBeLessThan(POINTS_TOLERANCE);
  });
}

function shown({ total, label }: Evaluation): Pick<Evaluation, 'total' | 'label'> {
  return { total, label };
}

/** Both ends, and all boundaries that the timeline's grid of instants and the models' durations can make. */
function instantsWithin(fromMs: number, toMs: number): number[] {
  const instants = [fromMs, toMs];
  const stepMs = TIMELINE_STEP_MS / 2;
  const lastMs = Math.min(toMs, fromMs + 3 * TIMELINE_MS);
  for (let atMs = fromMs; atMs <= lastMs; atMs += stepMs) instants.push(atMs);
  return instants;
}

function countNumbers(packed: unknown): number {
  return Array.isArray(packed) ? packed.reduce((sum: number, part) => sum + countNumbers(part), 0) : 1;
}
