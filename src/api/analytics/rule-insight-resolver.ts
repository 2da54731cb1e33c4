import { Arg, Ctx, Extensions, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { readRuleInsight } from '../../analytics/insight/rule-insight.js';
import { PREVIEW_CONTACTS_MAX } from '../../preview/preview-service.js';
import type { ApiContext } from '../context.js';
import { modelPreviewOf, PREVIEW_COST } from '../preview/model-preview.js';
import { ModelPreviewType } from '../preview/preview-type.js';
import { previewedDefinition } from '../preview/previewed-definition.js';
import { REPORT_COST } from '../query-cost.js';
import { AnalyticsType } from './analytics-type.js';
import { RuleInsightsType } from './rule-insight-type.js';

/** What outcomes say of rules. */
@Resolver(() => AnalyticsType)
export class RuleInsightResolver {
  @FieldResolver(() => RuleInsightsType, {
    description:
      'What outcomes say of the rules, and the points they suggest. UNAVAILABLE when too many are fitted at once.',
  })
  @Extensions({ flatCost: REPORT_COST })
  async ruleInsight(
    @Root() { scope }: AnalyticsType,
    @Ctx() { services }: ApiContext,
  ): Promise<RuleInsightsType> {
    const { read, fitter } = services.analytics;
    return new RuleInsightsType(scope, await readRuleInsight(read, fitter, scope));
  }
}

/** The model as outcomes would have it. */
@Resolver(() => RuleInsightsType)
export class SuggestedPreviewResolver {
  @FieldResolver(() => ModelPreviewType, {
    nullable: true,
    complexity: PREVIEW_COST,
    description: `What publishing the suggested changes would do, like previewScoringModel; null when there are none. Of more than ${PREVIEW_CONTACTS_MAX} contacts a sample has to be asked for.`,
  })
  async preview(
    @Root() { scope, suggested }: RuleInsightsType,
    @Ctx() context: ApiContext,
    @Arg('sample', () => Int, {
      nullable: true,
      description: `How many contacts to look at, 1 to ${PREVIEW_CONTACTS_MAX}; every one when absent.`,
    })
    sample?: number | null,
  ): Promise<ModelPreviewType | null> {
    if (suggested.length === 0) return null;
    const { services, viewer } = context;
    const wish = { id: scope.model.modelId, changes: suggested, draft: false, sample: sample ?? null };
    const request = await previewedDefinition(context, wish, '');
    return modelPreviewOf(context, await services.previews.preview(viewer.tenantId, request));
  }
}
