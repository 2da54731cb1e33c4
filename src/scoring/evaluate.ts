import { addUp, addUpUndecayed, boundedScore, labelOf, liftedScore, rawScore, stageOf } from './add-up.js';
import type { CompiledModel } from './compile-model.js';
import type { Evaluation } from './evaluation.js';
import type { Frame } from './frame.js';
import { layOutState } from './lay-out-state.js';
import { wholeTotal } from './points.js';
import type { ScoreState } from './score-state.js';

/**
 * The score at `atMs` if nothing happens between the last entry folded and then. Takes time by the size of the state
 * and never changes it.
 * @param atMs ms since 1970, not before the last entry folded
 */
export function evaluate(model: CompiledModel, state: ScoreState, atMs: number): Evaluation {
  return evaluateIn(model.frame, model, state, atMs);
}

/** `evaluate` in a given work space, in which the sums of the rules are left behind. */
export function evaluateIn(frame: Frame, model: CompiledModel, state: ScoreState, atMs: number): Evaluation {
  layOutState(model, state, atMs, frame);
  const dimensions: number[] = [];
  addUp(model, frame, 1, 1, dimensions);
  const raw = rawScore(model, dimensions, frame.overallPositive, frame.overallNegative);
  const bounded = boundedScore(model, raw, state.reset?.offset ?? 0);
  const score = model.decay?.lifts
    ? liftedScore(model, bounded, undecayedScore(model, state, frame))
    : bounded;
  const total = wholeTotal(score);
  return {
    atMs,
    score,
    total,
    stage: stageOf(model, total),
    label: labelOf(model, dimensions),
    dimensions,
    lastActivityAtMs: state.lastActivityAtMs,
  };
}

/** U0: the bounded score of a laid out frame as if there were no decay. Leaves undecayed sums in the frame. */
export function undecayedScore(model: CompiledModel, state: ScoreState, frame: Frame): number {
  const points: number[] = [];
  addUpUndecayed(model, frame, points);
  const raw = rawScore(model, points, frame.overallPositive, frame.overallNegative);
  return boundedScore(model, raw, state.reset?.offset ?? 0);
}

/** E of the state at `atMs`: before offset, clamp and floor. */
export function rawScoreAt(model: CompiledModel, state: ScoreState, atMs: number): number {
  const { frame } = model;
  layOutState(model, state, atMs, frame);
  const points: number[] = [];
  addUp(model, frame, 1, 1, points);
  return rawScore(model, points, frame.overallPositive, frame.overallNegative);
}
