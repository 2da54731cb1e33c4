import { Arg, Ctx, Extensions, FieldResolver, Float, Resolver, Root } from 'type-graphql';
import { readMovementDays } from '../../analytics/course/movement-days.js';
import { readMovement } from '../../analytics/course/score-movement.js';
import {
  BUCKETS_MAX,
  changeBuckets,
  countBuckets,
  namedBuckets,
} from '../../analytics/course/value-buckets.js';
import type { ApiContext } from '../context.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import { MovementDayType, ScoreMovementType } from './movement-type.js';
import { ScoreBucketType, scoreBucketsOf } from './score-bucket-type.js';

/** What became of scores. */
@Resolver(() => AnalyticsType)
export class MovementResolver {
  @Extensions({ flatCost: REPORT_COST })
  @FieldResolver(() => ScoreMovementType, {
    description:
      'Whether leads warm up or cool down: how many rose, fell, stayed and came anew over the range, by how much, and day by day. Many small falls are decay; a few large ones are bad signals or expiring awards.',
  })
  movement(@Root() { scope }: AnalyticsType, @Ctx() { services }: ApiContext): ScoreMovementType {
    return new ScoreMovementType(scope, () => readMovement(services.analytics.read, scope));
  }
}

/** What a movement is asked for beside what it always knows. */
@Resolver(() => ScoreMovementType)
export class MovementFieldsResolver {
  @FieldResolver(() => [ScoreBucketType], {
    description:
      'Changes of the totals of those who were leads before the range, the largest fall first. BAD_USER_INPUT for bounds that do not ascend.',
  })
  async changes(
    @Root() { scope, movement }: ScoreMovementType,
    @Arg('buckets', () => [Float], {
      nullable: true,
      description: `Ascending lower bounds in points, 1 to ${BUCKETS_MAX}; falls are below 0, and what is below the first bound has a bucket of its own. When absent: no change by itself, and changes up and down parted at 5, 10, 25 and 50 % of the span of scores.`,
    })
    buckets?: number[] | null,
  ): Promise<ScoreBucketType[]> {
    const asked = buckets
      ? namedBuckets(buckets, Number.NEGATIVE_INFINITY)
      : changeBuckets(scope.model.compiled);
    return scoreBucketsOf(countBuckets(asked, (await movement()).changes));
  }

  @Extensions({ flatCost: REPORT_COST })
  @FieldResolver(() => [MovementDayType], {
    description:
      'Each day of the range by itself, the first one first. What it costs grows with the changes of scores in the range, not with how long ago that is: with a million contacts of 20 changes each in two years, 30 days take about a second and 90 days two or three. For a year of so many, ask by segments, or a quarter at a time.',
  })
  series(@Root() { scope }: ScoreMovementType, @Ctx() { services }: ApiContext): Promise<MovementDayType[]> {
    return readMovementDays(services.analytics.read, scope);
  }
}
