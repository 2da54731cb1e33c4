import { Arg, Ctx, Extensions, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { OTHER_ACTION_TYPES, readActionTypeNames } from '../../analytics/conversion/conversion-by-cause.js';
import { readPointsBySource } from '../../analytics/points/points-by-source.js';
import type { ApiContext } from '../context.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import { checkCount, FIRST_DEFAULT, FIRST_MAX } from './check-count.js';
import { TopActionType, TopRuleType } from './top-points-type.js';

const NO_ACTION = 0;

/** Where points come from. */
@Resolver(() => AnalyticsType)
export class TopPointsResolver {
  @FieldResolver(() => [TopRuleType], {
    description:
      'The rules that gave most points in the range, under the current version of the model as if it had always been in force; those that only took points come last, the most first. Rules that did nothing are left out.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async topRules(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many rules at most, 1 to ${FIRST_MAX}. BAD_USER_INPUT otherwise.`,
    })
    first: number,
  ): Promise<TopRuleType[]> {
    checkCount('first', first, FIRST_MAX);
    const { rules, sets, dimensions } = scope.model.compiled;
    const found = await readPointsBySource(services.analytics.read, scope, 'rule');
    return found.slice(0, first).flatMap(({ source, ...points }) => {
      const rule = rules[source];
      const set = rule && sets[rule.set];
      if (!rule || !set) return [];
      const dimension = dimensions[set.dimension]?.key ?? null;
      return [{ ruleKey: rule.key, title: rule.title, scoreSet: set.key, dimension, ...points }];
    });
  }

  @FieldResolver(() => [TopActionType], {
    description:
      'The types of actions that earned most points in the range, by whichever rules, under the current version of the model as if it had always been in force; those that only cost points come last. Types that no rule scores are left out: `dataQuality` has them.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async topActions(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
    @Arg('first', () => Int, {
      defaultValue: FIRST_DEFAULT,
      description: `How many action types at most, 1 to ${FIRST_MAX}. BAD_USER_INPUT otherwise.`,
    })
    first: number,
  ): Promise<TopActionType[]> {
    checkCount('first', first, FIRST_MAX);
    const { read } = services.analytics;
    const all = await readPointsBySource(read, scope, 'actionType');
    const found = all.filter(({ source }) => source !== NO_ACTION).slice(0, first);
    const ids = found.map(({ source }) => source);
    const names = await readActionTypeNames(read, scope, ids);
    return found.map(({ source, ...points }) => ({
      actionType: names.get(source) ?? OTHER_ACTION_TYPES,
      ...points,
    }));
  }
}
