import type { CompiledActionRule, CompiledModel } from './compile-model.js';
import { recencyAt } from './compile-recency.js';
import { idleIntervalsAt, keptAfter } from './lay-out-state.js';
import {
  EXPIRING_ADJUSTMENT_STRIDE,
  LIVE_AWARD_STRIDE,
  type MergedAwards,
  type RuleState,
  type ScoreState,
} from './score-state.js';

/** An award as it is given. `idleIntervals` is K at that instant. */
export interface Award {
  atMs: number;
  base: number;
  idleIntervals: number;
}

/**
 * Brings the state's bookkeeping up to `atMs`: what has expired is forgotten, awards that can only decay from now on
 * merge into their rule's sums. No answer at or after `atMs` changes by it.
 */
export function settleState(model: CompiledModel, state: ScoreState, atMs: number): void {
  for (let index = 0; index < state.rules.length; index++) {
    const awards = state.rules[index];
    if (awards === undefined || awards.live.length === 0) continue;
    const rule = model.actionRules[index] as CompiledActionRule;
    settleAwards(model, rule, awards, atMs, idleIntervalsAt(model, state, atMs));
  }
  if (state.adjustments !== null) forgetExpiredAdjustments(state, atMs);
}

/** Gives an award: kept singly while it has an expiry or a recency step ahead, else merged at once. */
export function addAward(
  model: CompiledModel,
  rule: CompiledActionRule,
  awards: RuleState,
  award: Award,
): void {
  const { recency } = award.base > 0 ? rule.positive : rule.negative;
  if (rule.expiresMs !== Number.POSITIVE_INFINITY || (recency && settledAgeMs(model) > 0)) {
    awards.live.push(award.atMs, award.base, award.idleIntervals);
  } else mergeAward(model, rule, awards, award, award.idleIntervals);
}

function settledAgeMs({ recency }: CompiledModel): number {
  return recency === null ? 0 : recency.settledAgeMs;
}

/** The awards of a rule leave in the order they came: all of them live as long. */
function settleAwards(
  model: CompiledModel,
  rule: CompiledActionRule,
  awards: RuleState,
  atMs: number,
  idleIntervals: number,
): void {
  const expires = rule.expiresMs !== Number.POSITIVE_INFINITY;
  const liveMs = expires ? rule.expiresMs : settledAgeMs(model);
  const { live } = awards;
  let settled = 0;
  while (settled < live.length && atMs >= (live[settled] as number) + liveMs) {
    if (!expires) {
      const award = {
        atMs: live[settled] as number,
        base: live[settled + 1] as number,
        idleIntervals: live[settled + 2] as number,
      };
      mergeAward(model, rule, awards, award, idleIntervals);
    }
    settled += LIVE_AWARD_STRIDE;
  }
  if (settled > 0) live.splice(0, settled);
}

/** @param idleIntervals K now, to which the decayed sums are brought. */
function mergeAward(
  model: CompiledModel,
  rule: CompiledActionRule,
  awards: RuleState,
  award: Award,
  idleIntervals: number,
): void {
  const merged = awards.merged ?? emptyMerged(idleIntervals);
  awards.merged = merged;
  merged.count++;
  merged.lastAtMs = award.atMs;
  const isPositive = award.base > 0;
  const effects = isPositive ? rule.positive : rule.negative;
  const boosted = effects.recency && model.recency !== null;
  const value = boosted ? award.base * recencyAt(model.recency, settledAgeMs(model)) : award.base;
  if (effects.decays) {
    bringTo(model, merged, idleIntervals);
    const decayed = value * keptAfter(model, idleIntervals - award.idleIntervals);
    if (isPositive) merged.positiveDecayed += decayed;
    else merged.negativeDecayed += decayed;
  }
  if (effects.decays && !model.decay?.lifts) return;
  if (isPositive) merged.positiveUndecayed += value;
  else merged.negativeUndecayed += value;
}

function bringTo(model: CompiledModel, merged: MergedAwards, idleIntervals: number): void {
  const kept = keptAfter(model, idleIntervals - merged.idleIntervals);
  merged.positiveDecayed *= kept;
  merged.negativeDecayed *= kept;
  merged.idleIntervals = idleIntervals;
}

function emptyMerged(idleIntervals: number): MergedAwards {
  return {
    count: 0,
    lastAtMs: 0,
    idleIntervals,
    positiveDecayed: 0,
    negativeDecayed: 0,
    positiveUndecayed: 0,
    negativeUndecayed: 0,
  };
}

function forgetExpiredAdjustments(state: ScoreState, atMs: number): void {
  if (state.adjustments === null) return;
  const { expiring, positiveCount, negativeCount } = state.adjustments;
  for (let i = expiring.length - EXPIRING_ADJUSTMENT_STRIDE; i >= 0; i -= EXPIRING_ADJUSTMENT_STRIDE) {
    if ((expiring[i] as number) <= atMs) expiring.splice(i, EXPIRING_ADJUSTMENT_STRIDE);
  }
  if (positiveCount + negativeCount + expiring.length === 0) state.adjustments = null;
}
