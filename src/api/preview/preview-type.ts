import type DataLoader from 'dataloader';
import { Field, Int, ObjectType } from 'type-graphql';
import type { DistributionBucket, Preview, StageMove } from '../../preview/preview.js';
import type { ExplainedMove, ExplainedScore } from '../../preview/thread-tasks.js';
import type { CompiledModel } from '../../scoring/compile-model.js';
import { ContactType, contactOf } from '../contacts/contact-type.js';
import { DimensionScoreType, dimensionScoresOf } from '../contacts/dimension-score-type.js';
import { ScoreLineType, scoreLineOf } from '../contacts/score-line-type.js';
import { StageType, stageOf, stageOfKey } from '../contacts/stage-type.js';
import { DateTimeScalar } from '../scalars.js';

@ObjectType('DistributionBucket', { description: 'How many contacts have a total in a range.' })
export class DistributionBucketType implements DistributionBucket {
  @Field(() => Int, { simple: true, description: 'The lowest total of the range.' })
  from!: number;

  @Field(() => Int, { simple: true, description: 'The highest total of the range, which is part of it.' })
  to!: number;

  @Field(() => Int, { simple: true, description: 'Contacts with such a total.' })
  contacts!: number;
}

@ObjectType('StageMove', { description: 'How many contacts would go from one stage to another.' })
export class StageMoveType {
  @Field(() => StageType, { simple: true, description: 'The stage under the published version.' })
  from!: StageType;

  @Field(() => StageType, { simple: true, description: 'The stage that they would be in.' })
  to!: StageType;

  @Field(() => Int, { simple: true, description: 'Contacts that make this move.' })
  contacts!: number;
}

@ObjectType('PreviewedScore', {
  description: 'A score under one version at the instant of a preview. Nothing of it is stored.',
})
export class PreviewedScoreType {
  @Field(() => Int, { simple: true, description: 'The score, a whole number.' })
  total!: number;

  @Field(() => StageType, { simple: true, description: 'The stage by the total.' })
  stage!: StageType;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'The labels of the dimensions joined; null when none has one.',
  })
  label!: string | null;

  @Field(() => [DimensionScoreType], {
    simple: true,
    description: 'The points of each dimension, in the order of the version.',
  })
  dimensions!: DimensionScoreType[];

  @Field(() => [ScoreLineType], { simple: true, description: 'Lines whose points add up to the total.' })
  explanation!: ScoreLineType[];
}

@ObjectType('ScoreMove', { description: "A contact's score as it is and as it would be, at one instant." })
export class ScoreMoveType {
  @Field(() => ContactType, { simple: true, description: 'The contact.' })
  contact!: ContactType;

  @Field(() => PreviewedScoreType, { simple: true, description: 'Under the published version.' })
  before!: PreviewedScoreType;

  @Field(() => PreviewedScoreType, { simple: true, description: 'Under what would be published.' })
  after!: PreviewedScoreType;

  @Field(() => Int, { simple: true, description: 'The total after, less the total before.' })
  points!: number;
}

@ObjectType('NewlyHot', {
  description: 'Contacts that would be in a hot stage and are in none under the published version.',
})
export class NewlyHotType {
  @Field(() => Int, { simple: true, description: 'How many there are in all.' })
  count!: number;

  @Field(() => [ScoreMoveType], {
    simple: true,
    description: 'The first of them, the highest total first.',
  })
  contacts!: ScoreMoveType[];
}

/** Fields beside these (movers, those newly hot, warnings) have resolvers of their own. */
@ObjectType('ModelPreview', {
  description:
    'What publishing would do to the contacts, all of them at one instant. Scores, feed and history stay as they are.',
})
export class ModelPreviewType {
  source!: Preview;
  /** Contacts under both versions, by id; null where there is none. */
  moves!: DataLoader<string, ExplainedMove | null>;

  @Field(() => Int, { simple: true, description: 'Contacts that were looked at.' })
  get contacts(): number {
    return this.source.contacts;
  }

  @Field(() => Boolean, {
    simple: true,
    description: 'True when a sample was looked at, evenly spread; false when it was every contact.',
  })
  get sampled(): boolean {
    return this.source.sampled;
  }

  @Field(() => Int, { simple: true, description: 'The published version that `before` is about.' })
  get version(): number {
    return this.source.scope.version;
  }

  @Field(() => DateTimeScalar, { simple: true, description: 'The instant of which everything here speaks.' })
  get asOf(): Date {
    return new Date(this.source.scope.atMs);
  }

  @Field(() => [DistributionBucketType], {
    simple: true,
    description: 'How totals are spread under the published version, from the lowest possible total up.',
  })
  get before(): DistributionBucketType[] {
    return this.source.distribution('before');
  }

  @Field(() => [DistributionBucketType], {
    simple: true,
    description: 'How they would be spread, in the same ranges.',
  })
  get after(): DistributionBucketType[] {
    return this.source.distribution('after');
  }

  @Field(() => [StageMoveType], {
    simple: true,
    description: 'Every move from one stage to another that somebody makes, the most frequent first.',
  })
  get stageMoves(): StageMoveType[] {
    return this.source.stageMoves().map(stageMoveOf);
  }
}

function stageMoveOf({ from, to, contacts }: StageMove): StageMoveType {
  return { from: stageOf(from), to: stageOf(to), contacts };
}

/** A contact's move as the API shows it. */
export function scoreMoveOf({ models }: Preview, { contactId, before, after }: ExplainedMove): ScoreMoveType {
  return {
    contact: contactOf(contactId),
    before: previewedScoreOf(models.before, before),
    after: previewedScoreOf(models.after, after),
    points: after.total - before.total,
  };
}

function previewedScoreOf(
  { stages, dimensions: axes }: CompiledModel,
  { total, stage, label, dimensions, lines }: ExplainedScore,
): PreviewedScoreType {
  return {
    total,
    stage: stageOfKey(stages, stage),
    label,
    dimensions: dimensionScoresOf(axes, dimensions),
    explanation: lines.map(scoreLineOf),
  };
}
