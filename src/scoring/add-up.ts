import type { CompiledModel } from './compile-model.js';
import type { Frame } from './frame.js';
import { clamp, roundPoints } from './points.js';

/**
 * Adds the frame's rules up to the points of each dimension, and to the sums of sets and of the overall score in the
 * frame itself.
 * @param positiveKept how much of the positive decaying sums is left, 1 at the frame's own instant
 * @param negativeKept the same for the negative ones; apart, so that bounds can be had
 * @param points receives the rounded points of each dimension
 */
export function addUp(
  model: CompiledModel,
  frame: Frame,
  positiveKept: number,
  negativeKept: number,
  points: number[],
): void {
  addUpRules(model, frame, frame.positiveDecaying, positiveKept, frame.negativeDecaying, negativeKept);
  addUpSets(model, frame);
  addUpDimensions(model, frame, points);
}

/** The same as if there were no decay. */
export function addUpUndecayed(model: CompiledModel, frame: Frame, points: number[]): void {
  addUpRules(model, frame, frame.positiveUndecayed, 1, frame.negativeUndecayed, 1);
  addUpSets(model, frame);
  addUpDimensions(model, frame, points);
}

function addUpRules(
  { rules }: CompiledModel,
  frame: Frame,
  positive: Float64Array,
  positiveKept: number,
  negative: Float64Array,
  negativeKept: number,
): void {
  const { touched, touchedCount, positiveSteady, negativeSteady, setPositive, setNegative } = frame;
  setPositive.fill(0);
  setNegative.fill(0);
  for (let i = 0; i < touchedCount; i++) {
    const ordinal = touched[i] as number;
    const rule = rules[ordinal] as CompiledModel['rules'][number];
    const sum = (positiveSteady[ordinal] as number) + (positive[ordinal] as number) * positiveKept;
    const { set } = rule;
    setPositive[set] = (setPositive[set] as number) + (sum < rule.maxPoints ? sum : rule.maxPoints);
    setNegative[set] =
      (setNegative[set] as number) +
      (negativeSteady[ordinal] as number) +
      (negative[ordinal] as number) * negativeKept;
  }
}

function addUpSets({ sets }: CompiledModel, frame: Frame): void {
  const { setPositive, setNegative, dimensionPositive, dimensionNegative } = frame;
  dimensionPositive.fill(0);
  dimensionNegative.fill(0);
  frame.overallPositive = frame.positiveAdjustments;
  frame.overallNegative = frame.negativeAdjustments;
  for (let index = 0; index < sets.length; index++) {
    const set = sets[index] as CompiledModel['sets'][number];
    const positive = Math.min(set.maxPoints, setPositive[index] as number);
    const negative = setNegative[index] as number;
    const { dimension } = set;
    if (dimension < 0) {
      frame.overallPositive += positive;
      frame.overallNegative += negative;
    } else {
      dimensionPositive[dimension] = (dimensionPositive[dimension] as number) + positive;
      dimensionNegative[dimension] = (dimensionNegative[dimension] as number) + negative;
    }
  }
}

function addUpDimensions({ axes }: CompiledModel, frame: Frame, points: number[]): void {
  for (let index = 0; index < axes.length; index++) {
    const { minPoints, maxPoints } = axes[index] as CompiledModel['axes'][number];
    const positive = Math.min(maxPoints, frame.dimensionPositive[index] as number);
    points[index] = roundPoints(
      clamp(positive + (frame.dimensionNegative[index] as number), minPoints, maxPoints),
    );
  }
}

/** E: weighted dimensions and overall points, the positives capped, before offset and clamp. */
export function rawScore(
  { axes, maxScore }: CompiledModel,
  points: readonly number[],
  overallPositive: number,
  overallNegative: number,
): number {
  let positive = overallPositive;
  for (let index = 0; index < axes.length; index++) {
    positive += (axes[index] as CompiledModel['axes'][number]).weight * (points[index] as number);
  }
  return roundPoints(Math.min(maxScore, positive) + overallNegative);
}

/** U: the raw score with the offset of the last reset, within the model's bounds. */
export function boundedScore({ minScore, maxScore }: CompiledModel, raw: number, offset: number): number {
  return clamp(raw + offset, minScore, maxScore);
}

/** The score with the decay floor: never above what it would be without decay. */
export function liftedScore({ decay }: CompiledModel, bounded: number, undecayed: number): number {
  return decay === null ? bounded : Math.max(bounded, Math.min(decay.minScore, undecayed));
}

/** The index of the last stage whose minScore the total has reached; the first below that. */
export function stageOf({ stages }: CompiledModel, total: number): number {
  let stage = stages.length - 1;
  while (stage > 0 && total < (stages[stage]?.minScore ?? 0)) stage--;
  return Math.max(stage, 0);
}

/** The index of a dimension's label at so many points; -1 for none. */
export function labelIndexOf({ axes }: CompiledModel, dimension: number, points: number): number {
  const labels = axes[dimension]?.labels ?? [];
  let index = labels.length - 1;
  while (index >= 0 && points < (labels[index]?.minPoints ?? 0)) index--;
  return index;
}

/** The labels of all dimensions joined; null when there is none. */
export function labelOf(model: CompiledModel, points: readonly number[]): string | null {
  let joined = '';
  for (let dimension = 0; dimension < model.axes.length; dimension++) {
    const index = labelIndexOf(model, dimension, points[dimension] as number);
    if (index >= 0) joined += model.axes[dimension]?.labels[index]?.label ?? '';
  }
  return joined === '' ? null : joined;
}
