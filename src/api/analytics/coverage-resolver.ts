import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { readFactCoverage } from '../../analytics/facts/fact-coverage.js';
import type { ApiContext } from '../context.js';
import { AnalyticsType } from './analytics-type.js';
import { AnalyticsCoverageType } from './coverage-type.js';

/** Whether reports can be trusted to be whole. */
@Resolver(() => AnalyticsType)
export class CoverageResolver {
  @FieldResolver(() => AnalyticsCoverageType, {
    description: 'Whether the figures are whole yet, and up to when. Ask for it with every report.',
  })
  async coverage(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
  ): Promise<AnalyticsCoverageType> {
    const active = await services.registry.current(scope.tenantId);
    return new AnalyticsCoverageType(await readFactCoverage(services.analytics.read, scope, active));
  }
}
