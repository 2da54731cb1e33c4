import {
  type AttributeTests,
  type CompiledActivity,
  RESULTS_PER_WORD,
  resultWordCount,
} from './compile-criterion.js';
import type { CompiledActionRule, CompiledModel } from './compile-model.js';
import { daysToMs } from './duration.js';
import { rawScoreAt } from './evaluate.js';
import { isJsonObject, type JsonValue } from './json-value.js';
import { idleIntervalsAt } from './lay-out-state.js';
import { clamp } from './points.js';
import { valueAtPath } from './property-path.js';
import type { AdjustmentState, RuleState, ScoreState } from './score-state.js';
import { addAward, settleState } from './settle-state.js';
import type {
  ActionEntry,
  AdjustmentEntry,
  ListEntry,
  ProfileEntry,
  TimelineEntry,
} from './timeline-entry.js';

/** Told of each award as it is given, with its base points (0 for one that only resets), and of no others. */
export type AwardListener = (rule: CompiledActionRule, base: number) => void;

/**
 * Folds the next entry of the timeline into `state`, which it changes in place: the caller owns it. Entries come in
 * timeline order; what they lead to does not depend on whether the state was evaluated in between.
 * @param onAward told of the awards that the entry earns, in model order
 * @throws Error when the entry is older than the last one folded: the timeline then has to be replayed.
 */
export function foldEntry(
  model: CompiledModel,
  state: ScoreState,
  entry: TimelineEntry,
  onAward?: AwardListener,
): void {
  if (entry.atMs < state.atMs) throw new Error('The entry is older than the state: replay the timeline.');
  settleState(model, state, entry.atMs);
  state.atMs = entry.atMs;
  switch (entry.kind) {
    case 'action':
      foldAction(model, state, entry, onAward);
      break;
    case 'profile':
      foldProfile(model, state, entry);
      break;
    case 'list':
      foldList(model, state, entry);
      break;
    case 'adjustment':
      foldAdjustment(state, entry);
      break;
  }
}

function foldAction(
  model: CompiledModel,
  state: ScoreState,
  action: ActionEntry,
  onAward: AwardListener | undefined,
): void {
  const candidates = model.candidatesOf(action.type);
  const idleIntervals = idleIntervalsAt(model, state, action.atMs);
  if (candidates.isActivity) {
    state.lastActivityAtMs = action.atMs;
    state.idleIntervals = idleIntervals;
  }
  for (const activity of candidates.activities) {
    if (activity.where(action.properties)) countActivity(state, activity, action.atMs);
  }
  let reset: CompiledActionRule | null = null;
  for (const rule of candidates.rules) {
    if (!rule.where(action.properties)) continue;
    const base = award(model, state, rule, action, idleIntervals);
    if (base !== null) onAward?.(rule, base);
    if (rule.setScoreTo !== null) reset = rule;
  }
  if (reset !== null) resetScore(model, state, reset, action.atMs);
}

function countActivity(
  state: ScoreState,
  { index, atLeast, withinMs }: CompiledActivity,
  atMs: number,
): void {
  const known = state.activities[index];
  if (withinMs === Number.POSITIVE_INFINITY) {
    state.activities[index] = Math.min(atLeast, ((known ?? 0) as number) + 1);
    return;
  }
  const instants = ((known ?? []) as number[]).filter((instantMs) => instantMs > atMs - withinMs);
  instants.push(atMs);
  if (instants.length > atLeast) instants.shift();
  state.activities[index] = instants;
}

/** @returns the base points of the award; null when the rule's limit leaves no room for one. */
function award(
  model: CompiledModel,
  state: ScoreState,
  rule: CompiledActionRule,
  { atMs, properties }: ActionEntry,
  idleIntervals: number,
): number | null {
  let awards = state.rules[rule.index];
  if (awards === undefined) {
    awards = { merged: null, live: [], givenCount: 0, givenAtMs: [], matchedAtMs: null };
    state.rules[rule.index] = awards;
  }
  const multiplier = repeatMultiplier(rule, awards, atMs);
  if (!takeFromLimit(rule, awards, atMs)) return null;
  const base = rule.baseOf(properties) * multiplier;
  if (base !== 0) addAward(model, rule, awards, { atMs, base, idleIntervals });
  return base;
}

function repeatMultiplier({ repeat }: CompiledActionRule, awards: RuleState, atMs: number): number {
  if (repeat === null) return 1;
  const before = awards.matchedAtMs;
  awards.matchedAtMs = atMs;
  return before !== null && before > atMs - repeat.withinMs ? repeat.multiplier : 1;
}

/** Whether the rule's limit leaves room for one more award, which then is taken. */
function takeFromLimit({ limit }: CompiledActionRule, awards: RuleState, atMs: number): boolean {
  if (limit === null) return true;
  if (limit.perMs === Number.POSITIVE_INFINITY) {
    if (awards.givenCount >= limit.maxAwards) return false;
    awards.givenCount++;
    return true;
  }
  awards.givenAtMs = awards.givenAtMs.filter((givenAtMs) => givenAtMs > atMs - limit.perMs);
  if (awards.givenAtMs.length >= limit.maxAwards) return false;
  awards.givenAtMs.push(atMs);
  return true;
}

/** Drops awards and adjustments; limits, repeats and activity counts go on. */
function resetScore(model: CompiledModel, state: ScoreState, rule: CompiledActionRule, atMs: number): void {
  state.rules.forEach((awards, index) => {
    if (awards === undefined) return;
    awards.merged = null;
    awards.live = [];
    const remembers = awards.givenCount > 0 || awards.givenAtMs.length > 0 || awards.matchedAtMs !== null;
    if (!remembers) state.rules[index] = undefined;
  });
  state.adjustments = null;
  const left = clamp(rawScoreAt(model, state, atMs), model.minScore, model.maxScore);
  const offset = (rule.setScoreTo ?? 0) - left;
  state.reset = offset === 0 ? null : { offset, atMs, rule: rule.index };
}

function foldProfile(model: CompiledModel, state: ScoreState, { set }: ProfileEntry): void {
  for (const attribute of Object.keys(set)) {
    const value = set[attribute] ?? null;
    for (const { index, rest, tests } of model.sourcesByAttribute.get(attribute) ?? []) {
      state.attributes[index] = resultsFor(tests, rest === null ? value : valueBelow(value, rest));
    }
  }
}

function valueBelow(value: JsonValue, path: string): JsonValue | undefined {
  return isJsonObject(value) ? valueAtPath(value, path) : undefined;
}

/** What the conditions and tables make of a value; undefined when it is missing. */
function resultsFor(tests: AttributeTests, value: JsonValue | undefined): number[] | undefined {
  if (value === undefined || value === null) return undefined;
  const results = new Array<number>(resultWordCount(tests)).fill(0);
  tests.conditions.forEach((holds, index) => {
    const word = Math.floor(index / RESULTS_PER_WORD);
    if (holds(value)) results[word] = (results[word] ?? 0) | (1 << (index % RESULTS_PER_WORD));
  });
  for (const pointsOf of tests.tables) results.push(pointsOf(value));
  return results;
}

function foldList(model: CompiledModel, state: ScoreState, { list, joined }: ListEntry): void {
  const index = model.listIndexes.get(list);
  if (index === undefined) return;
  const others = state.lists.filter((other) => other !== index);
  state.lists = joined ? [...others, index].sort((a, b) => a - b) : others;
}

function foldAdjustment(state: ScoreState, { atMs, points, expiresAfterDays }: AdjustmentEntry): void {
  if (points === 0) return;
  state.adjustments ??= emptyAdjustments();
  const { adjustments } = state;
  if (typeof expiresAfterDays === 'number') {
    adjustments.expiring.push(atMs + daysToMs(expiresAfterDays), points);
  } else if (points > 0) {
    adjustments.positiveCount++;
    adjustments.positivePoints += points;
  } else {
    adjustments.negativeCount++;
    adjustments.negativePoints += points;
  }
}

function emptyAdjustments(): AdjustmentState {
  return { positiveCount: 0, positivePoints: 0, negativeCount: 0, negativePoints: 0, expiring: [] };
}
