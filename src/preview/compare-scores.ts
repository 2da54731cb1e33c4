import type { CompiledModel } from '../scoring/compile-model.js';
import { evaluate } from '../scoring/evaluate.js';
import type { ScoreState } from '../scoring/score-state.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import {
  biggestMovers,
  bucketsOf,
  type ComparedModels,
  emptyTally,
  hottest,
  type Mover,
  type PreviewTally,
} from './preview-tally.js';
import { type BucketLayout, bucketOf } from './score-buckets.js';

/** Compares contacts under two versions one by one, all of them at the same instant. */
export class ScoreComparison {
  readonly #models: ComparedModels;
  readonly #atMs: number;
  readonly #tally: PreviewTally;
  readonly #buckets: BucketLayout;
  readonly #movers = biggestMovers();
  readonly #hot = hottest();
  /** Ordinals of the action rules that the present contact has met. */
  readonly #met = new Set<number>();

  constructor(models: ComparedModels, atMs: number) {
    this.#models = models;
    this.#atMs = atMs;
    this.#tally = emptyTally(models);
    this.#buckets = bucketsOf(models);
  }

  /**
   * To be told of every entry of a contact before `count`. Which rules were met is looked up here, since a state forgets
   * it: after a reset, and when awards have expired.
   */
  see(entry: TimelineEntry): void {
    if (entry.kind !== 'action') return;
    for (const { ordinal, where } of this.#models.after.candidatesOf(entry.type).rules) {
      if (!this.#met.has(ordinal) && where(entry.properties)) this.#met.add(ordinal);
    }
  }

  /** @param before, after the contact's states, all entries up to the instant folded */
  count(contactId: string, before: ScoreState, after: ScoreState): void {
    const tally = this.#tally;
    const was = evaluate(this.#models.before, before, this.#atMs);
    const is = evaluate(this.#models.after, after, this.#atMs);
    tally.contacts++;
    add(tally.before, bucketOf(this.#buckets, was.total));
    add(tally.after, bucketOf(this.#buckets, is.total));
    add(tally.stages, was.stage * this.#models.after.stages.length + is.stage);
    const mover: Mover = { contactId, before: was.total, after: is.total };
    if (was.total !== is.total) this.#movers.add(mover);
    if (isHot(this.#models.after, is.stage) && !isHot(this.#models.before, was.stage)) {
      tally.newlyHot++;
      this.#hot.add(mover);
    }
    this.#countRules(after);
  }

  /** What was counted. */
  tally(): PreviewTally {
    return { ...this.#tally, movers: this.#movers.toArray(), hot: this.#hot.toArray() };
  }

  #countRules(after: ScoreState): void {
    const { ruleContacts } = this.#tally;
    const { criteriaRules, tableRules } = this.#models.after;
    for (const ordinal of this.#met) add(ruleContacts, ordinal);
    for (const { ordinal, holds } of criteriaRules) if (holds(after, this.#atMs)) add(ruleContacts, ordinal);
    for (const { ordinal, pointsOf } of tableRules) if (pointsOf(after) !== 0) add(ruleContacts, ordinal);
    this.#met.clear();
  }
}

function isHot({ stages }: CompiledModel, stage: number): boolean {
  return stages[stage]?.hot === true;
}

function add(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}
