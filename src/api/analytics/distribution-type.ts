import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { ScoreDistribution } from '../../analytics/course/score-distribution.js';
import { countBuckets } from '../../analytics/course/value-buckets.js';
import type { AnalyticsScope } from '../../analytics/scope/analytics-scope.js';
import { averageOf, medianOf, percentilesOf } from '../../analytics/statistics/grouped-values.js';
import { DateScalar, DateTimeScalar } from '../scalars.js';
import { ProportionType } from './proportion-type.js';
import { ScoreBucketType, scoreBucketsOf } from './score-bucket-type.js';

@ObjectType('LabelShare', { description: 'Leads with one label.' })
export class LabelShareType {
  @Field(() => String, {
    nullable: true,
    simple: true,
    description:
      'The labels of all dimensions joined, such as `A1`; null for leads that have none, who come last.',
  })
  label!: string | null;

  @Field(() => Int, { simple: true, description: 'How many leads have it.' })
  contacts!: number;

  @Field(() => ProportionType, { simple: true, description: 'The same of all leads.' })
  share!: ProportionType;
}

/** Carries what its fields with resolvers of their own read with. */
@ObjectType('ScoreDistribution', {
  description:
    'Where leads stood at the end of a day: contacts that had an entry by then. Percentiles are by nearest rank, so each is a score that some lead had.',
})
export class ScoreDistributionType {
  readonly scope: AnalyticsScope;
  readonly distribution: ScoreDistribution;

  constructor(scope: AnalyticsScope, distribution: ScoreDistribution) {
    this.scope = scope;
    this.distribution = distribution;
  }

  @Field(() => DateScalar, { simple: true, description: 'The day at whose end they are looked at.' })
  get asOf(): string {
    return this.distribution.asOf;
  }

  @Field(() => DateTimeScalar, {
    simple: true,
    description: 'Scores are those just before this: the end of that day, or now when it is today.',
  })
  get before(): number {
    return this.distribution.beforeMs;
  }

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the dimension whose points are counted; null when totals are.',
  })
  get dimension(): string | null {
    return this.distribution.dimension;
  }

  @Field(() => Int, { simple: true, description: 'How many leads there were.' })
  get leads(): number {
    return this.distribution.values.reduce((sum, { count }) => sum + count, 0);
  }

  @Field(() => Float, { nullable: true, simple: true, description: 'Their mean; null without leads.' })
  get average(): number | null {
    return averageOf(this.distribution.values);
  }

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: 'At least half of the leads had this or less; null without leads.',
  })
  get median(): number | null {
    return medianOf(this.distribution.values);
  }

  @Field(() => Int, { nullable: true, simple: true, description: 'A tenth of the leads had this or less.' })
  get p10(): number | null {
    return this.percentile(0.1);
  }

  @Field(() => Int, { nullable: true, simple: true, description: 'A quarter had this or less.' })
  get p25(): number | null {
    return this.percentile(0.25);
  }

  @Field(() => Int, { nullable: true, simple: true, description: 'Three quarters had this or less.' })
  get p75(): number | null {
    return this.percentile(0.75);
  }

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: 'Nine tenths had this or less: the best tenth begins here.',
  })
  get p90(): number | null {
    return this.percentile(0.9);
  }

  @Field(() => [ScoreBucketType], {
    simple: true,
    description: 'The leads by bucket, the lowest first; each lead is in one.',
  })
  get buckets(): ScoreBucketType[] {
    return scoreBucketsOf(countBuckets(this.distribution.buckets, this.distribution.values));
  }

  private percentile(share: number): number | null {
    return percentilesOf(this.distribution.values, [share])[0] ?? null;
  }
}
