import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { CountedBucket } from '../../analytics/course/value-buckets.js';
import { StageType, stageOf } from '../contacts/stage-type.js';
import { ProportionType } from './proportion-type.js';

@ObjectType('ScoreBucket', {
  description: 'Contacts whose value lies from one bound up to the next.',
})
export class ScoreBucketType {
  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'The lower bound, which belongs to it; null when it holds all that is below `to`.',
  })
  from!: number | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'The upper bound, which belongs to the next one; null for the last.',
  })
  to!: number | null;

  @Field(() => StageType, {
    nullable: true,
    simple: true,
    description: 'The stage that this bucket is; null unless the buckets are the stages of the model.',
  })
  stage!: StageType | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description:
      'The label of the dimension that this bucket is; null unless the buckets are its labels, and for points below the first.',
  })
  label!: string | null;

  @Field(() => Int, { simple: true, description: 'How many contacts are in it.' })
  contacts!: number;

  @Field(() => ProportionType, { simple: true, description: 'The same of all that the buckets count.' })
  share!: ProportionType;
}

/** The buckets as the API shows them. */
export function scoreBucketsOf(buckets: readonly CountedBucket[]): ScoreBucketType[] {
  return buckets.map((bucket) => ({ ...bucket, stage: bucket.stage && stageOf(bucket.stage) }));
}
