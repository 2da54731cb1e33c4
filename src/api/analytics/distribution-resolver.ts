import { Arg, Ctx, Extensions, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import { readDistribution, readLabels } from '../../analytics/course/score-distribution.js';
import { BUCKETS_MAX } from '../../analytics/course/value-buckets.js';
import { percentilesOf } from '../../analytics/statistics/grouped-values.js';
import { badInput, type FieldFault } from '../../errors.js';
import type { ApiContext } from '../context.js';
import { REPORT_COST } from '../query-cost.js';
import { DateScalar } from '../scalars.js';
import { AnalyticsType } from './analytics-type.js';
import { LabelShareType, ScoreDistributionType } from './distribution-type.js';

const PERCENTILES_MAX = 100;

/** Where scores stood. */
@Resolver(() => AnalyticsType)
export class DistributionResolver {
  @Extensions({ flatCost: REPORT_COST })
  @FieldResolver(() => ScoreDistributionType, {
    description:
      'How scores were spread over the leads at the end of a day: how many stand in each stage, and where the middle and the best tenth are. Ask for two days, by aliases, to see the spread move; when most leads stand in one stage, its bounds tell them apart too little. BAD_USER_INPUT for what the arguments do not allow.',
  })
  async distribution(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
    @Arg('asOf', () => DateScalar, {
      nullable: true,
      description:
        'The day at whose end scores are looked at, in the time zone of the report: any up to the last of the range, also long before it, and that one when absent. Today means now.',
    })
    asOf?: string | null,
    @Arg('buckets', () => [Float], {
      nullable: true,
      description: `Ascending lower bounds of the buckets, 1 to ${BUCKETS_MAX}; what is below the first has a bucket of its own where a score can be as low. When absent: the stages of the model, and for a dimension its labels, or ten equal parts when it has none.`,
    })
    buckets?: number[] | null,
    @Arg('dimension', () => String, {
      nullable: true,
      description:
        'Key of a dimension whose points are counted instead of totals: whole ones, rounded down as totals are, before its weight. A label that begins at a fraction of a point counts from the next whole one on; byLabel is exact.',
    })
    dimension?: string | null,
  ): Promise<ScoreDistributionType> {
    const request = { asOf: asOf ?? null, buckets: buckets ?? null, dimension: dimension ?? null };
    return new ScoreDistributionType(scope, await readDistribution(services.analytics.read, scope, request));
  }
}

/** What a distribution is asked for beside what it always knows. */
@Resolver(() => ScoreDistributionType)
export class DistributionFieldsResolver {
  @FieldResolver(() => [Int], {
    nullable: 'items',
    description:
      'Any percentiles, in the order asked for; null each without leads. BAD_USER_INPUT for shares outside 0 to 1.',
  })
  percentiles(
    @Root() { distribution }: ScoreDistributionType,
    @Arg('at', () => [Float], {
      description: `Which, as shares of the leads: 0.95 asks for the score that 95 % of them have or are below; at most ${PERCENTILES_MAX}.`,
    })
    at: number[],
  ): (number | null)[] {
    const faults = at.flatMap((share, index): FieldFault[] =>
      share >= 0 && share <= 1 ? [] : [{ path: `at.${index}`, message: 'must be 0 to 1' }],
    );
    if (at.length > PERCENTILES_MAX) faults.push({ path: 'at', message: `has at most ${PERCENTILES_MAX}` });
    if (faults.length > 0) throw badInput(faults);
    return percentilesOf(distribution.values, at);
  }

  @Extensions({ flatCost: REPORT_COST })
  @FieldResolver(() => [LabelShareType], {
    description:
      'The same leads by the labels of all dimensions joined, at the same instant and whatever dimension is asked for; in the order of labels.',
  })
  byLabel(
    @Root() { scope, distribution }: ScoreDistributionType,
    @Ctx() { services }: ApiContext,
  ): Promise<LabelShareType[]> {
    return readLabels(services.analytics.read, scope, distribution);
  }
}
