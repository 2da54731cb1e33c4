import type { CompiledActionRule, CompiledModel } from './compile-model.js';
import { recencyAt } from './compile-recency.js';
import { clearFrame, type Frame, touchRule } from './frame.js';
import {
  EXPIRING_ADJUSTMENT_STRIDE,
  LIVE_AWARD_STRIDE,
  type MergedAwards,
  type ScoreState,
} from './score-state.js';

/** K at an instant: whole decay intervals of inactivity completed by then; 0 without decay or activity. */
export function idleIntervalsAt(model: CompiledModel, state: ScoreState, atMs: number): number {
  if (model.decay === null || state.lastActivityAtMs === null) return 0;
  return state.idleIntervals + Math.floor((atMs - state.lastActivityAtMs) / model.decay.intervalMs);
}

/** What is left of a decaying award after so many intervals. */
export function keptAfter(model: CompiledModel, intervals: number): number {
  if (intervals === 0 || model.decay === null) return 1;
  return intervals === 1 ? model.decay.keptRatio : model.decay.keptRatio ** intervals;
}

/** Lays out all that counts at `atMs`, which is not before the last entry folded. */
export function layOutState(model: CompiledModel, state: ScoreState, atMs: number, frame: Frame): void {
  clearFrame(frame);
  layOutAwards(model, state, atMs, frame);
  for (const rule of model.criteriaRules) {
    if (rule.holds(state, atMs)) addSteady(frame, rule.ordinal, rule.points);
  }
  for (const rule of model.tableRules) {
    const points = rule.pointsOf(state);
    if (points !== 0) addSteady(frame, rule.ordinal, points);
  }
  layOutAdjustments(state, atMs, frame);
}

function addSteady(frame: Frame, ordinal: number, points: number): void {
  touchRule(frame, ordinal);
  const sums = points > 0 ? frame.positiveSteady : frame.negativeSteady;
  sums[ordinal] = points;
}

function layOutAwards(model: CompiledModel, state: ScoreState, atMs: number, frame: Frame): void {
  const idleIntervals = idleIntervalsAt(model, state, atMs);
  for (let index = 0; index < state.rules.length; index++) {
    const awards = state.rules[index];
    if (awards === undefined || (awards.merged === null && awards.live.length === 0)) continue;
    const rule = model.actionRules[index] as CompiledActionRule;
    touchRule(frame, rule.ordinal);
    if (awards.merged !== null) layOutMerged(model, rule, awards.merged, idleIntervals, frame);
    if (awards.live.length > 0) layOutLive(model, rule, awards.live, atMs, idleIntervals, frame);
  }
}

function layOutMerged(
  model: CompiledModel,
  { ordinal, positive, negative }: CompiledActionRule,
  merged: MergedAwards,
  idleIntervals: number,
  frame: Frame,
): void {
  const kept = keptAfter(model, idleIntervals - merged.idleIntervals);
  if (positive.decays) {
    frame.positiveDecaying[ordinal] = merged.positiveDecayed * kept;
    frame.positiveUndecayed[ordinal] = merged.positiveUndecayed;
  } else frame.positiveSteady[ordinal] = merged.positiveUndecayed;
  if (negative.decays) {
    frame.negativeDecaying[ordinal] = merged.negativeDecayed * kept;
    frame.negativeUndecayed[ordinal] = merged.negativeUndecayed;
  } else frame.negativeSteady[ordinal] = merged.negativeUndecayed;
}

function layOutLive(
  model: CompiledModel,
  rule: CompiledActionRule,
  live: readonly number[],
  atMs: number,
  idleIntervals: number,
  frame: Frame,
): void {
  for (let i = 0; i < live.length; i += LIVE_AWARD_STRIDE) {
    const ageMs = atMs - (live[i] as number);
    if (ageMs >= rule.expiresMs) continue;
    const base = live[i + 1] as number;
    const effects = base > 0 ? rule.positive : rule.negative;
    const boosted = effects.recency && model.recency !== null;
    const value = boosted ? base * recencyAt(model.recency, ageMs) : base;
    addLive(model, rule, value, base > 0, idleIntervals - (live[i + 2] as number), frame);
  }
}

/** Adds an award's undecayed value, `intervals` of decay after it was given. */
export function addLive(
  model: CompiledModel,
  { ordinal, positive, negative }: CompiledActionRule,
  value: number,
  isPositive: boolean,
  intervals: number,
  frame: Frame,
): void {
  if (!(isPositive ? positive : negative).decays) {
    const steady = isPositive ? frame.positiveSteady : frame.negativeSteady;
    steady[ordinal] = (steady[ordinal] as number) + value;
    return;
  }
  const decaying = isPositive ? frame.positiveDecaying : frame.negativeDecaying;
  const undecayed = isPositive ? frame.positiveUndecayed : frame.negativeUndecayed;
  decaying[ordinal] = (decaying[ordinal] as number) + value * keptAfter(model, intervals);
  undecayed[ordinal] = (undecayed[ordinal] as number) + value;
}

function layOutAdjustments({ adjustments }: ScoreState, atMs: number, frame: Frame): void {
  if (adjustments === null) return;
  frame.positiveAdjustments = adjustments.positivePoints;
  frame.negativeAdjustments = adjustments.negativePoints;
  const { expiring } = adjustments;
  for (let i = 0; i < expiring.length; i += EXPIRING_ADJUSTMENT_STRIDE) {
    if (atMs < (expiring[i] as number)) addAdjustment(frame, expiring[i + 1] as number, 1);
  }
}

/** Adds an adjustment's points to those of its sign (`times` 1), or takes them away again (-1). */
export function addAdjustment(frame: Frame, points: number, times: 1 | -1): void {
  if (points > 0) frame.positiveAdjustments += times * points;
  else frame.negativeAdjustments += times * points;
}
