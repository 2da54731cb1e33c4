import type { CompiledModel, CompiledRule } from './compile-model.js';
import { evaluate } from './evaluate.js';
import { foldEntry } from './fold-entry.js';
import { wholeTotal } from './points.js';
import { emptyState, type ScoreState } from './score-state.js';
import { TimeSweep } from './time-sweep.js';
import type { TimelineEntry } from './timeline-entry.js';

/** A score from one instant on, until the next step. */
export interface TraceStep {
  /** ms since 1970. */
  atMs: number;
  total: number;
  /** Index into `model.stages`. */
  stage: number;
  label: string | null;
  /** Whole points of each dimension in model order, rounded down as totals are. */
  dimensions: number[];
}

/** Points that a rule gave, or took when they are negative. */
export interface TraceGain {
  /** ms since 1970. */
  atMs: number;
  /** Index among the model's active rules. */
  rule: number;
  /**
   * An action rule's award before recency, decay, caps and weight. For criteria and tables what they add when they begin to
   * hold, or when a table's row gives more than the one before.
   */
  points: number;
  /** The action that earned it; null for criteria and tables, which nothing in particular earns. */
  actionType: string | null;
}

/**
 * Changes that time brings between two entries at most; beyond it a trace goes on at the next entry. A score takes as many
 * only where a model has thousands of points and decays by the minute.
 */
const STEPS_BETWEEN_ENTRIES_MAX = 1_000;

/**
 * The whole course of one contact's score: every step of total, label or whole points of a dimension, and everything that
 * rules gave, by entries and by time. What it says of an instant is what `evaluate` says of it.
 *
 * Hand in the timeline in its order with `fold`, then `finish` once.
 */
export class ScoreTrace {
  /** Ascending by instant, one an instant; the first is that of the first entry. */
  readonly steps: TraceStep[] = [];
  /** Ascending by instant. */
  readonly gains: TraceGain[] = [];
  readonly #model: CompiledModel;
  readonly #state: ScoreState;
  /** Points that each criteria or table rule gives now, by ordinal. */
  readonly #standing = new Map<number, number>();
  /** The instant up to which entries were folded; null before the first. */
  #atMs: number | null = null;

  constructor(model: CompiledModel) {
    this.#model = model;
    this.#state = emptyState(model);
  }

  /** @throws Error when the entry is older than the one before. */
  fold(entry: TimelineEntry): void {
    if (entry.atMs !== this.#atMs) this.#passTo(entry.atMs - 1);
    this.#atMs = entry.atMs;
    const actionType = entry.kind === 'action' ? entry.type : null;
    foldEntry(this.#model, this.#state, entry, (rule, points) =>
      this.gains.push({ atMs: entry.atMs, rule: rule.ordinal, points, actionType }),
    );
  }

  /** Goes on to `untilMs`, that instant included, as if nothing more happened. */
  finish(untilMs: number): void {
    this.#passTo(untilMs);
  }

  /** Takes what the entries of the last instant and the time from there to `untilMs` lead to. */
  #passTo(untilMs: number): void {
    const fromMs = this.#atMs;
    if (fromMs === null || untilMs < fromMs) return;
    this.#step(fromMs);
    this.#sweep(fromMs, untilMs);
    this.#takeStanding(fromMs);
    for (const atMs of this.#timersWithin(fromMs, untilMs)) this.#takeStanding(atMs);
  }

  #sweep(fromMs: number, untilMs: number): void {
    let atMs = fromMs;
    for (let taken = 0; taken < STEPS_BETWEEN_ENTRIES_MAX; taken++) {
      const next = new TimeSweep(this.#model, this.#state, atMs, 'dimensions').firstChange(untilMs);
      if (next === null) return;
      atMs = next.atMs;
      this.#step(atMs);
    }
  }

  #step(atMs: number): void {
    const { total, stage, label, dimensions } = evaluate(this.#model, this.#state, atMs);
    const step = { atMs, total, stage, label, dimensions: dimensions.map(wholeTotal) };
    const last = this.steps.at(-1);
    if (last === undefined || !isSameScore(last, step)) this.steps.push(step);
  }

  #takeStanding(atMs: number): void {
    for (const rule of this.#model.criteriaRules)
      this.#stand(rule, rule.holds(this.#state, atMs) ? rule.points : 0, atMs);
    for (const rule of this.#model.tableRules) this.#stand(rule, rule.pointsOf(this.#state), atMs);
  }

  #stand({ ordinal }: CompiledRule, points: number, atMs: number): void {
    const before = this.#standing.get(ordinal) ?? 0;
    if (points === before) return;
    this.#standing.set(ordinal, points);
    const gained = before * points > 0 ? points - before : points;
    if (gained * points > 0) this.gains.push({ atMs, rule: ordinal, points: gained, actionType: null });
  }

  /** The instants after `fromMs` up to `untilMs` at which a criteria rule may turn by itself. */
  #timersWithin(fromMs: number, untilMs: number): number[] {
    const instants = new Set<number>();
    for (const rule of this.#model.criteriaRules) {
      for (const timer of rule.timers) {
        const atMs = timer(this.#state);
        if (atMs > fromMs && atMs <= untilMs) instants.add(atMs);
      }
    }
    return [...instants].sort((a, b) => a - b);
  }
}

function isSameScore(one: TraceStep, other: TraceStep): boolean {
  return (
    one.total === other.total &&
    one.label === other.label &&
    one.dimensions.every((points, index) => points === other.dimensions[index])
  );
}
