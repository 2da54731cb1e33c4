import { Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql';
import { readCohorts } from '../../analytics/funnel/cohorts.js';
import { readStageFunnel } from '../../analytics/funnel/stage-funnel.js';
import { type StageType, stageOf } from '../contacts/stage-type.js';
import type { ApiContext } from '../context.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import { CohortType, StageFunnelType } from './funnel-type.js';

/** How leads go through the stages. */
@Resolver(() => AnalyticsType)
export class FunnelResolver {
  @FieldResolver(() => [StageFunnelType], {
    description:
      'How leads went through the stages, the lowest first: where they get stuck, and how long they stay. TOO_COMPLEX when they went more than 200,000 different ways.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async funnel(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
  ): Promise<StageFunnelType[]> {
    const found = await readStageFunnel(services.analytics.read, scope);
    const stages = stagesOf(scope);
    return found.flatMap(({ stage, ...figures }) => {
      const shown = stages[stage];
      return shown ? [{ stage: shown, ...figures }] : [];
    });
  }

  @FieldResolver(() => [CohortType], {
    description:
      'Leads by the month in which they were first seen, months of the range in the order of time: whether newer leads do better than older ones did.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async cohorts(@Root() { scope }: AnalyticsType, @Ctx() { services }: ApiContext): Promise<CohortType[]> {
    const found = await readCohorts(services.analytics.read, scope);
    const stages = stagesOf(scope);
    return found.map(({ month, reached, ...figures }) => ({
      month: month.month,
      fromAt: month.startMs,
      stages: reached.flatMap((share, index) => {
        const stage = stages[index];
        return stage ? [{ stage, reached: share }] : [];
      }),
      ...figures,
    }));
  }
}

function stagesOf({ model }: AnalyticsType['scope']): StageType[] {
  return model.compiled.stages.map(stageOf);
}
