import type { StageDefinition } from '../scoring/model-definition.js';
import type { ModelWarning } from '../scoring/warnings/model-warning.js';
import { warnAboutCounts } from '../scoring/warnings/warn-about-counts.js';
import { compileText } from './compile-text.js';
import { bucketsOf, type ComparedModels, type Mover, type PreviewTally } from './preview-tally.js';
import { type BucketRange, bucketRange } from './score-buckets.js';
import type { ScoreScope } from './score-scope.js';

/** Contacts in a range of totals. */
export interface DistributionBucket extends BucketRange {
  contacts: number;
}

/** Contacts that go from one stage to another. */
export interface StageMove {
  from: StageDefinition;
  to: StageDefinition;
  contacts: number;
}

/** What publishing a definition would do, as counted. */
export class Preview {
  readonly scope: ScoreScope;
  readonly models: ComparedModels;
  /** Whether a sample was looked at, and not every contact. */
  readonly sampled: boolean;
  readonly #tally: PreviewTally;

  constructor(scope: ScoreScope, models: ComparedModels, tally: PreviewTally, sampled: boolean) {
    this.scope = scope;
    this.models = models;
    this.sampled = sampled;
    this.#tally = tally;
  }

  /** Contacts looked at. */
  get contacts(): number {
    return this.#tally.contacts;
  }

  /** Contacts that would become hot. */
  get newlyHot(): number {
    return this.#tally.newlyHot;
  }

  /** The biggest change first; at most `MOVERS_KEPT_MAX`. */
  get movers(): readonly Mover[] {
    return this.#tally.movers;
  }

  /** Those who would become hot, the highest total first; at most `MOVERS_KEPT_MAX`. */
  get hot(): readonly Mover[] {
    return this.#tally.hot;
  }

  /** How the totals are spread, lowest first; both sides have the same buckets. */
  distribution(side: 'before' | 'after'): DistributionBucket[] {
    const layout = bucketsOf(this.models);
    return this.#tally[side].map((contacts, index) => ({ ...bucketRange(layout, index), contacts }));
  }

  /** Every move from one stage to another that somebody makes, the most frequent first. */
  stageMoves(): StageMove[] {
    const { before, after } = this.models;
    const moves = this.#tally.stages.map((contacts, index) => ({
      from: before.stages[Math.floor(index / after.stages.length)],
      to: after.stages[index % after.stages.length],
      contacts,
    }));
    return moves
      .filter((move): move is StageMove => move.contacts > 0 && move.from?.key !== move.to?.key)
      .sort((a, b) => b.contacts - a.contacts);
  }

  /** Rules that nobody meets and stages that nobody reaches; none of a sample, which may have missed somebody. */
  warnings(): ModelWarning[] {
    if (this.sampled) return [];
    const { after } = this.models;
    const { contacts, ruleContacts, stages } = this.#tally;
    const stageContacts = new Map<string, number>();
    stages.forEach((count, index) => {
      const key = after.stages[index % after.stages.length]?.key ?? '';
      stageContacts.set(key, (stageContacts.get(key) ?? 0) + count);
    });
    return warnAboutCounts(after.definition, {
      contacts,
      ruleHolders: new Map(after.rules.map(({ key, ordinal }) => [key, ruleContacts[ordinal] ?? 0])),
      stageContacts,
    });
  }
}

/** Both versions, ready to score. @param before, after definitions as `compileText` takes them. */
export function compareModels(before: string, after: string): ComparedModels {
  return { before: compileText(before), after: compileText(after) };
}
