import {
  addUp,
  addUpUndecayed,
  boundedScore,
  labelIndexOf,
  labelOf,
  liftedScore,
  rawScore,
} from './add-up.js';
import { type AwardStream, awardStreams } from './award-stream.js';
import type { CompiledCriteriaRule, CompiledModel } from './compile-model.js';
import { evaluate, evaluateIn } from './evaluate.js';
import type { Evaluation } from './evaluation.js';
import { type Frame, touchRule } from './frame.js';
import { addAdjustment, idleIntervalsAt, keptAfter } from './lay-out-state.js';
import type { NextChange, TimeCause } from './next-change.js';
import { wholeTotal } from './points.js';
import { EXPIRING_ADJUSTMENT_STRIDE, type ScoreState } from './score-state.js';

const NEVER = Number.POSITIVE_INFINITY;

/** What counts as a change: of total or label, or of the whole points of a dimension as well. */
export type SweepWatch = 'published' | 'dimensions';

/** An adjustment on its way to its end, or a criteria rule on its way to one of its timers. */
interface Moment {
  atMs: number;
  /** Points that end, for an adjustment. */
  points: number;
  /** The rule that may turn; null for an adjustment. */
  rule: CompiledCriteriaRule | null;
}

/**
 * Goes forward through time over a frame laid out once, taking each expiry, recency step and window as a difference,
 * and the decay intervals between them by bounds: a range of intervals in which neither the highest nor the lowest
 * possible sums change total or labels is passed in one step, however many there are.
 */
export class TimeSweep {
  private readonly frame: Frame;
  private readonly streams: AwardStream[];
  private readonly moments: Moment[];
  private readonly idleIntervals: number;
  private readonly start: Evaluation;
  private readonly offset: number;
  private nextMoment = 0;
  /** The bounded score without decay, as long as nothing but decay happens. */
  private undecayed = 0;
  private readonly high: number[] = [];
  private readonly low: number[] = [];

  constructor(
    private readonly model: CompiledModel,
    private readonly state: ScoreState,
    private readonly fromMs: number,
    private readonly watch: SweepWatch = 'published',
  ) {
    this.frame = model.sweepFrame;
    this.start = evaluateIn(this.frame, model, state, fromMs);
    this.idleIntervals = idleIntervalsAt(model, state, fromMs);
    this.offset = state.reset?.offset ?? 0;
    this.streams = awardStreams(model, state, fromMs);
    this.moments = this.collectMoments();
  }

  /** The first change up to `untilMs`, that instant included. */
  firstChange(untilMs: number): NextChange | null {
    let passedMs = this.fromMs;
    for (;;) {
      this.refreshUndecayed();
      const stopMs = Math.min(this.nextStopMs(), untilMs + 1);
      const decayedAtMs = this.firstDecayChange(passedMs, stopMs);
      if (decayedAtMs !== null) return { atMs: decayedAtMs, causes: ['DECAY'] };
      if (stopMs > untilMs) return null;
      const causes = this.passStop(stopMs);
      if (causes.length > 0 && this.changedAt(stopMs)) return { atMs: stopMs, causes };
      passedMs = stopMs;
    }
  }

  private collectMoments(): Moment[] {
    const moments: Moment[] = [];
    const expiring = this.state.adjustments?.expiring ?? [];
    for (let i = 0; i < expiring.length; i += EXPIRING_ADJUSTMENT_STRIDE) {
      const [atMs, points] = [expiring[i] as number, expiring[i + 1] as number];
      if (atMs > this.fromMs) moments.push({ atMs, points, rule: null });
    }
    for (const rule of this.model.criteriaRules) {
      if (rule.timers.length > 0) this.addTimers(moments, rule);
    }
    return moments.sort((a, b) => a.atMs - b.atMs);
  }

  private addTimers(moments: Moment[], rule: CompiledCriteriaRule): void {
    let isTimed = false;
    for (const timer of rule.timers) {
      const atMs = timer(this.state);
      if (atMs <= this.fromMs || atMs === NEVER) continue;
      moments.push({ atMs, points: 0, rule });
      isTimed = true;
    }
    const isTouched = rule.holds(this.state, this.fromMs);
    if (isTimed && !isTouched) touchRule(this.frame, rule.ordinal);
  }

  private nextStopMs(): number {
    let atMs = this.moments[this.nextMoment]?.atMs ?? NEVER;
    for (const stream of this.streams) if (stream.nextAtMs < atMs) atMs = stream.nextAtMs;
    return atMs;
  }

  /** Takes everything that happens at one instant into the frame. */
  private passStop(atMs: number): TimeCause[] {
    const causes = new Set<TimeCause>();
    if (this.isDecayBoundary(atMs) && this.hasDecaying()) causes.add('DECAY');
    for (const stream of this.streams) {
      while (stream.nextAtMs === atMs) {
        causes.add(stream.cause);
        stream.apply(this.frame, this.idleIntervals);
      }
    }
    for (let moment = this.moments[this.nextMoment]; moment?.atMs === atMs; ) {
      const cause = this.passMoment(moment);
      if (cause !== null) causes.add(cause);
      moment = this.moments[++this.nextMoment];
    }
    return [...causes];
  }

  private passMoment({ atMs, points, rule }: Moment): TimeCause | null {
    if (rule === null) {
      addAdjustment(this.frame, points, -1);
      return 'EXPIRY';
    }
    const sums = rule.points > 0 ? this.frame.positiveSteady : this.frame.negativeSteady;
    const before = sums[rule.ordinal] as number;
    const after = rule.holds(this.state, atMs) ? rule.points : 0;
    sums[rule.ordinal] = after;
    return after === before ? null : 'WINDOW';
  }

  private isDecayBoundary(atMs: number): boolean {
    const { model, state } = this;
    return idleIntervalsAt(model, state, atMs) !== idleIntervalsAt(model, state, atMs - 1);
  }

  /** What is left at an instant of the frame's decaying sums. */
  private keptAt(atMs: number): number {
    return keptAfter(this.model, idleIntervalsAt(this.model, this.state, atMs) - this.idleIntervals);
  }

  private hasDecaying(): boolean {
    const { touched, touchedCount, positiveDecaying, negativeDecaying } = this.frame;
    for (let i = 0; i < touchedCount; i++) {
      const ordinal = touched[i] as number;
      if (positiveDecaying[ordinal] !== 0 || negativeDecaying[ordinal] !== 0) return true;
    }
    return false;
  }

  private refreshUndecayed(): void {
    if (!this.model.decay?.lifts) return;
    addUpUndecayed(this.model, this.frame, this.high);
    this.undecayed = this.boundedOf(this.high);
  }

  private boundedOf(points: readonly number[]): number {
    const { overallPositive, overallNegative } = this.frame;
    return boundedScore(
      this.model,
      rawScore(this.model, points, overallPositive, overallNegative),
      this.offset,
    );
  }

  private totalOf(bounded: number): number {
    return wholeTotal(this.model.decay?.lifts ? liftedScore(this.model, bounded, this.undecayed) : bounded);
  }

  /** Whether what is watched is at an instant other than at the start. */
  private changedAt(atMs: number): boolean {
    const kept = this.keptAt(atMs);
    this.refreshUndecayed();
    addUp(this.model, this.frame, kept, kept, this.high);
    const total = this.totalOf(this.boundedOf(this.high));
    const label = labelOf(this.model, this.high);
    if (this.isStart({ total, label, dimensions: this.high })) return false;
    return !this.isStart(evaluate(this.model, this.state, atMs));
  }

  private isStart({ total, label, dimensions }: Pick<Evaluation, 'total' | 'label' | 'dimensions'>): boolean {
    if (total !== this.start.total || label !== this.start.label) return false;
    return (
      this.watch === 'published' ||
      this.start.dimensions.every(
        (points, index) => wholeTotal(points) === wholeTotal(dimensions[index] as number),
      )
    );
  }

  /** The first decay interval completed within (afterMs, beforeMs) that changes something. */
  private firstDecayChange(afterMs: number, beforeMs: number): number | null {
    const { decay } = this.model;
    const { lastActivityAtMs } = this.state;
    if (decay === null || lastActivityAtMs === null || !this.hasDecaying()) return null;
    let first = Math.floor((afterMs - lastActivityAtMs) / decay.intervalMs) + 1;
    const last = Math.ceil((beforeMs - lastActivityAtMs) / decay.intervalMs) - 1;
    const instantOf = (interval: number) => lastActivityAtMs + interval * decay.intervalMs;
    for (let width = 1; first <= last; width *= 2) {
      const end = Math.min(first + width - 1, last);
      const found = this.searchIntervals(first, end, instantOf);
      if (found !== null) return instantOf(found);
      first = end + 1;
      if (first < last && this.isSteady(instantOf(first), instantOf(last))) return null;
    }
    return null;
  }

  private searchIntervals(
    first: number,
    last: number,
    instantOf: (interval: number) => number,
  ): number | null {
    if (first === last) return this.changedAt(instantOf(first)) ? first : null;
    if (this.isSteady(instantOf(first), instantOf(last))) return null;
    const middle = Math.floor((first + last) / 2);
    return (
      this.searchIntervals(first, middle, instantOf) ?? this.searchIntervals(middle + 1, last, instantOf)
    );
  }

  /**
   * Whether what is watched is that of the start all through [firstMs, lastMs], where nothing but decay happens:
   * positives shrink and negatives fade, so the sums lie between the most and the least of either.
   */
  private isSteady(firstMs: number, lastMs: number): boolean {
    const { model, frame, high, low } = this;
    const [most, least] = [this.keptAt(firstMs), this.keptAt(lastMs)];
    addUp(model, frame, most, least, high);
    const [highPositive, highNegative] = [frame.overallPositive, frame.overallNegative];
    addUp(model, frame, least, most, low);
    for (let index = 0; index < model.axes.length; index++) {
      if (!this.isDimensionSteady(index)) return false;
      if ((model.axes[index]?.weight ?? 1) < 0) this.swapBounds(index);
    }
    const highest = rawScore(model, high, highPositive, highNegative);
    const lowest = rawScore(model, low, frame.overallPositive, frame.overallNegative);
    return (
      this.totalOf(boundedScore(model, highest, this.offset)) === this.start.total &&
      this.totalOf(boundedScore(model, lowest, this.offset)) === this.start.total
    );
  }

  private isDimensionSteady(dimension: number): boolean {
    const [start, high, low] = [this.start.dimensions, this.high, this.low].map(
      (points) => points[dimension] as number,
    ) as [number, number, number];
    const label = labelIndexOf(this.model, dimension, start);
    if (labelIndexOf(this.model, dimension, high) !== label) return false;
    if (labelIndexOf(this.model, dimension, low) !== label) return false;
    if (this.watch === 'published') return true;
    return wholeTotal(high) === wholeTotal(start) && wholeTotal(low) === wholeTotal(start);
  }

  private swapBounds(dimension: number): void {
    const high = this.high[dimension] as number;
    this.high[dimension] = this.low[dimension] as number;
    this.low[dimension] = high;
  }
}
