import type { CompiledActionRule, CompiledModel } from './compile-model.js';
import type { Frame } from './frame.js';
import { addLive } from './lay-out-state.js';
import { LIVE_AWARD_STRIDE, type ScoreState } from './score-state.js';

/**
 * The awards of one rule as they come to one age, at which they expire or take another recency step. Awards are in the
 * order they were given, so the next to come is always the one a cursor points at.
 */
export class AwardStream {
  readonly cause: 'EXPIRY' | 'RECENCY';
  /** When the next award comes to the age, ms since 1970; Infinity when all are past it. */
  nextAtMs = Number.POSITIVE_INFINITY;
  private cursor: number;

  /**
   * @param multiplierBefore recency multiplier up to the age
   * @param multiplierAfter recency multiplier from the age on; null when awards expire then
   */
  constructor(
    private readonly model: CompiledModel,
    private readonly rule: CompiledActionRule,
    private readonly live: readonly number[],
    private readonly ageMs: number,
    private readonly multiplierBefore: number,
    private readonly multiplierAfter: number | null,
    afterMs: number,
  ) {
    this.cause = multiplierAfter === null ? 'EXPIRY' : 'RECENCY';
    this.cursor = -LIVE_AWARD_STRIDE;
    do this.advance();
    while (this.nextAtMs <= afterMs);
  }

  /** Takes the step of the next award in the frame's sums, which are those of K = `idleIntervals`, and moves on. */
  apply(frame: Frame, idleIntervals: number): void {
    const base = this.live[this.cursor + 1] as number;
    const { recency } = base > 0 ? this.rule.positive : this.rule.negative;
    const before = recency ? this.multiplierBefore : 1;
    const change = base * ((this.multiplierAfter ?? 0) - before);
    const intervals = idleIntervals - (this.live[this.cursor + 2] as number);
    addLive(this.model, this.rule, change, base > 0, intervals, frame);
    this.advance();
  }

  private advance(): void {
    do this.cursor += LIVE_AWARD_STRIDE;
    while (this.cursor < this.live.length && !this.concernsCurrent());
    this.nextAtMs =
      this.cursor < this.live.length
        ? (this.live[this.cursor] as number) + this.ageMs
        : Number.POSITIVE_INFINITY;
  }

  private concernsCurrent(): boolean {
    if (this.multiplierAfter === null) return true;
    return ((this.live[this.cursor + 1] as number) > 0 ? this.rule.positive : this.rule.negative).recency;
  }
}

/** A stream for every age at which live awards of a rule change by themselves after `afterMs`. */
export function awardStreams(model: CompiledModel, state: ScoreState, afterMs: number): AwardStream[] {
  const streams: AwardStream[] = [];
  for (let index = 0; index < state.rules.length; index++) {
    const live = state.rules[index]?.live;
    if (live === undefined || live.length === 0) continue;
    const rule = model.actionRules[index] as CompiledActionRule;
    addRecencyStreams(streams, model, rule, live, afterMs);
    if (rule.expiresMs !== Number.POSITIVE_INFINITY) {
      const last = multiplierBefore(model, rule.expiresMs);
      addStream(streams, new AwardStream(model, rule, live, rule.expiresMs, last, null, afterMs));
    }
  }
  return streams;
}

function addRecencyStreams(
  streams: AwardStream[],
  model: CompiledModel,
  rule: CompiledActionRule,
  live: readonly number[],
  afterMs: number,
): void {
  if (model.recency === null || !(rule.positive.recency || rule.negative.recency)) return;
  const { stepAgesMs, multipliers } = model.recency;
  stepAgesMs.forEach((ageMs, step) => {
    if (ageMs >= rule.expiresMs) return;
    const [before, after] = [multipliers[step] as number, multipliers[step + 1] as number];
    addStream(streams, new AwardStream(model, rule, live, ageMs, before, after, afterMs));
  });
}

function addStream(streams: AwardStream[], stream: AwardStream): void {
  if (stream.nextAtMs !== Number.POSITIVE_INFINITY) streams.push(stream);
}

/** The recency multiplier just before an age. */
function multiplierBefore({ recency }: CompiledModel, ageMs: number): number {
  if (recency === null) return 1;
  const step = recency.stepAgesMs.findIndex((stepAgeMs) => ageMs <= stepAgeMs);
  return recency.multipliers[step < 0 ? recency.stepAgesMs.length : step] as number;
}
