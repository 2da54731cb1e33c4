import { addUp, boundedScore, liftedScore, rawScore } from './add-up.js';
import type { CompiledModel, CompiledRule } from './compile-model.js';
import { countAwards } from './counting-awards.js';
import { undecayedScore } from './evaluate.js';
import { ruleSums } from './frame.js';
import { layOutState } from './lay-out-state.js';
import { titleOf, type UntitledLine } from './line-title.js';
import { roundPoints, wholeTotal } from './points.js';
import type { ScoreLine } from './score-line.js';
import { EXPIRING_ADJUSTMENT_STRIDE, type ScoreState } from './score-state.js';

/**
 * Lines whose points add up to the total at `atMs`, in the order in which a score comes about: rules and their caps
 * by dimension, the overall score and adjustments, reset, clamp, decay floor, rounding. No line has 0 points.
 * @param atMs ms since 1970, not before the last entry folded
 */
export function explain(model: CompiledModel, state: ScoreState, atMs: number): ScoreLine[] {
  const { frame } = model;
  layOutState(model, state, atMs, frame);
  const dimensions: number[] = [];
  addUp(model, frame, 1, 1, dimensions);
  const lines = new LineList(model);
  const ordinals = [...frame.touched.subarray(0, frame.touchedCount)].sort((a, b) => a - b);
  model.dimensions.forEach((_, index) => {
    explainSets(lines, model, state, atMs, ordinals, index);
    explainDimension(lines, model, index, dimensions[index] ?? 0);
  });
  explainSets(lines, model, state, atMs, ordinals, -1);
  explainAdjustments(lines, state, atMs);
  explainScore(lines, model, state, dimensions);
  return lines.lines;
}

/** Collects lines, rounded and titled; those of 0 points are left out. */
class LineList {
  readonly lines: ScoreLine[] = [];
  sum = 0;

  constructor(private readonly model: CompiledModel) {}

  add(line: UntitledLine): void {
    const points = roundPoints(line.points);
    if (points === 0) return;
    this.sum += points;
    this.lines.push({ ...line, title: titleOf(this.model, { ...line, points }), points });
  }
}

/** The rules and caps of all sets of one dimension; -1 for the overall score. */
function explainSets(
  lines: LineList,
  model: CompiledModel,
  state: ScoreState,
  atMs: number,
  ordinals: readonly number[],
  dimensionIndex: number,
): void {
  const dimension = model.dimensions[dimensionIndex]?.key;
  const weight = model.axes[dimensionIndex]?.weight ?? 1;
  model.sets.forEach((set, setIndex) => {
    if (set.dimension !== dimensionIndex) return;
    for (const ordinal of ordinals) {
      const rule = model.rules[ordinal] as CompiledRule;
      if (rule.set === setIndex) explainRule(lines, model, state, atMs, rule, { dimension, weight });
    }
    const uncapped = model.frame.setPositive[setIndex] as number;
    lines.add({
      kind: 'CAP',
      scope: 'SET',
      scoreSet: set.key,
      dimension,
      points: weight * (Math.min(set.maxPoints, uncapped) - uncapped),
    });
  });
}

interface Target {
  dimension: string | undefined;
  weight: number;
}

function explainRule(
  lines: LineList,
  model: CompiledModel,
  state: ScoreState,
  atMs: number,
  rule: CompiledRule,
  { dimension, weight }: Target,
): void {
  const { positive, negative } = ruleSums(model.frame, rule.ordinal);
  lines.add({
    kind: 'RULE',
    ruleKey: rule.key,
    dimension,
    points: weight * (positive + negative),
    ...awardFacts(model, state, atMs, rule),
  });
  lines.add({
    kind: 'CAP',
    scope: 'RULE',
    ruleKey: rule.key,
    dimension,
    points: weight * (Math.min(rule.maxPoints, positive) - positive),
  });
}

type AwardFacts = Pick<ScoreLine, 'awards' | 'lastAwardAtMs' | 'expiresAtMs'>;

/** How many awards an action rule holds, the last of them, and when the next expires; nothing for other rules. */
function awardFacts(model: CompiledModel, state: ScoreState, atMs: number, rule: CompiledRule): AwardFacts {
  const action = model.actionRules.find(({ ordinal }) => ordinal === rule.ordinal);
  const held = action === undefined ? undefined : state.rules[action.index];
  if (action === undefined || held === undefined) return {};
  const { awards, lastAtMs, expiresAtMs } = countAwards(action, held, atMs);
  const facts: AwardFacts = { awards };
  if (lastAtMs !== null) facts.lastAwardAtMs = lastAtMs;
  if (expiresAtMs !== null) facts.expiresAtMs = expiresAtMs;
  return facts;
}

function explainDimension(lines: LineList, model: CompiledModel, index: number, points: number): void {
  const dimension = model.dimensions[index]?.key;
  const { maxPoints, weight } = model.axes[index] as CompiledModel['axes'][number];
  const uncapped = model.frame.dimensionPositive[index] as number;
  const capped = Math.min(maxPoints, uncapped);
  lines.add({ kind: 'CAP', scope: 'DIMENSION', dimension, points: weight * (capped - uncapped) });
  const unclamped = roundPoints(capped + (model.frame.dimensionNegative[index] as number));
  lines.add({ kind: 'CLAMP', scope: 'DIMENSION', dimension, points: weight * (points - unclamped) });
}

/** One line for what was added for good, one for what was taken for good, and one per instant at which some end. */
function explainAdjustments(lines: LineList, { adjustments }: ScoreState, atMs: number): void {
  if (adjustments === null) return;
  const { positiveCount, positivePoints, negativeCount, negativePoints, expiring } = adjustments;
  lines.add({ kind: 'ADJUSTMENT', points: positivePoints, awards: positiveCount });
  lines.add({ kind: 'ADJUSTMENT', points: negativePoints, awards: negativeCount });
  const ending = new Map<string, { points: number; awards: number; expiresAtMs: number }>();
  for (let i = 0; i < expiring.length; i += EXPIRING_ADJUSTMENT_STRIDE) {
    const [expiresAtMs, points] = [expiring[i] as number, expiring[i + 1] as number];
    if (atMs >= expiresAtMs) continue;
    const identity = `${expiresAtMs}${points > 0 ? '+' : '-'}`;
    const line = ending.get(identity) ?? { points: 0, awards: 0, expiresAtMs };
    ending.set(identity, { points: line.points + points, awards: line.awards + 1, expiresAtMs });
  }
  for (const line of ending.values()) lines.add({ kind: 'ADJUSTMENT', ...line });
}

/** From the sum of all lines so far to the total. */
function explainScore(
  lines: LineList,
  model: CompiledModel,
  state: ScoreState,
  dimensions: readonly number[],
): void {
  const { frame, axes, maxScore } = model;
  const { overallPositive, overallNegative } = frame;
  const positive = dimensions.reduce(
    (sum, points, i) => sum + (axes[i]?.weight ?? 1) * points,
    overallPositive,
  );
  lines.add({ kind: 'CAP', scope: 'SCORE', points: Math.min(maxScore, positive) - positive });
  const raw = rawScore(model, dimensions, overallPositive, overallNegative);
  const { reset } = state;
  if (reset !== null) {
    const ruleKey = model.actionRules[reset.rule]?.key;
    lines.add({ kind: 'RESET', ruleKey, points: reset.offset, lastAwardAtMs: reset.atMs });
  }
  const offset = reset?.offset ?? 0;
  const bounded = boundedScore(model, raw, offset);
  lines.add({ kind: 'CLAMP', scope: 'SCORE', points: bounded - (raw + offset) });
  const score = model.decay?.lifts
    ? liftedScore(model, bounded, undecayedScore(model, state, frame))
    : bounded;
  lines.add({ kind: 'CLAMP', scope: 'DECAY_FLOOR', points: score - bounded });
  lines.add({ kind: 'ROUNDING', points: wholeTotal(score) - lines.sum });
}
