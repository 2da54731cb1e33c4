import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { RuleInsight, RuleInsights, RuleOverlap } from '../../analytics/insight/rule-insight.js';
import type { AnalyticsScope } from '../../analytics/scope/analytics-scope.js';
import type { ModelChange } from '../../scoring/model-change.js';
import { JsonScalar } from '../scalars.js';
import { AreaUnderCurveType } from './conversion-type.js';
import { LiftType } from './lift-type.js';
import { ProportionType } from './proportion-type.js';

@ObjectType('RuleOverlap', { description: 'A rule that leads have met who have met another one.' })
export class RuleOverlapType implements RuleOverlap {
  @Field(() => String, { simple: true, description: 'Key of the other rule.' })
  ruleKey!: string;

  @Field(() => String, { simple: true, description: 'Its name, or its key.' })
  title!: string;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of the leads of the first rule, those that have met the other one as well.',
  })
  share!: ProportionType;

  @Field(() => Float, {
    simple: true,
    description:
      'Leads with both, of leads with either, 0 to 1. Near 1, the two say the same: one is enough.',
  })
  jaccard!: number;
}

@ObjectType('RuleInsight', { description: 'What the outcomes say of one rule.' })
export class RuleInsightType implements RuleInsight {
  @Field(() => String, { simple: true, description: 'Key of the rule.' })
  ruleKey!: string;

  @Field(() => String, { simple: true, description: 'Name of the rule, or its key.' })
  title!: string;

  @Field(() => ProportionType, {
    simple: true,
    description: 'Of the leads to whom it had given something before their outcome, those that converted.',
  })
  converted!: ProportionType;

  @Field(() => ProportionType, { simple: true, description: 'Of all other leads, those that converted.' })
  without!: ProportionType;

  @Field(() => LiftType, { simple: true, description: 'The former rate over the latter, taken by itself.' })
  lift!: LiftType;

  @Field(() => [RuleOverlapType], {
    simple: true,
    description: 'The rules it comes with most, at most 5, counted on the leads fitted.',
  })
  overlaps!: RuleOverlapType[];

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'What it gives when it is met once; of a table or of points by a property, the case that gives or takes most. Null for a rule that resets the score.',
  })
  currentPoints!: number | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'The points that outcomes suggest, all other rules being equal, on the scale of the present ones: the scores of leads spread as much as before. Null for a rule that resets, and where nothing could be fitted.',
  })
  suggestedPoints!: number | null;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'How the logit of the chance to convert moves when the rule is met, all others being equal; null where nothing could be fitted.',
  })
  coefficient!: number | null;

  @Field(() => Float, { nullable: true, simple: true, description: 'Standard error of the coefficient.' })
  standardError!: number | null;

  @Field(() => Boolean, {
    simple: true,
    description:
      'True when not even the sign of its effect is sure (the 95 % interval of the coefficient holds 0). Leave its points as they are, or gather more outcomes.',
  })
  uncertain!: boolean;
}

/** The preview of the changes is in the resolver. */
@ObjectType('RuleInsights', {
  description:
    'What outcomes say of the rules of the model: each by itself, and all together by a logistic regression on which of them leads had met before their outcome (whether, not how often), with an L2 penalty chosen by cross-validation. Rules are fitted when there are at least 10 leads of either outcome and at most 200 rules. It tells what goes together, not what causes what.',
})
export class RuleInsightsType {
  readonly scope: AnalyticsScope;
  readonly #insights: RuleInsights;

  constructor(scope: AnalyticsScope, insights: RuleInsights) {
    this.scope = scope;
    this.#insights = insights;
  }

  get suggested(): ModelChange[] {
    return this.#insights.changes;
  }

  @Field(() => Int, { description: 'Leads that the lifts are counted on.' })
  leads(): number {
    return this.#insights.leads;
  }

  @Field(() => Int, {
    description: 'Leads that were fitted: all, or a sample of about 50,000, the same ones each time.',
  })
  fittedLeads(): number {
    return this.#insights.fittedLeads;
  }

  @Field(() => Boolean, { description: 'True when only a sample was fitted.' })
  sampled(): boolean {
    return this.#insights.fittedLeads < this.#insights.leads;
  }

  @Field(() => AreaUnderCurveType, {
    nullable: true,
    description:
      'How well today’s totals tell who converts, on the leads that fittedAreaUnderCurve is judged on; null where nothing could be fitted.',
  })
  areaUnderCurve(): AreaUnderCurveType | null {
    return this.#insights.fit?.present ?? null;
  }

  @Field(() => AreaUnderCurveType, {
    nullable: true,
    description:
      'How well the fit does on leads it has not seen. Not above areaUnderCurve: the present points are as good as the rules can be.',
  })
  fittedAreaUnderCurve(): AreaUnderCurveType | null {
    return this.#insights.fit?.fitted ?? null;
  }

  @Field(() => [RuleInsightType], { description: 'Every active rule, in model order.' })
  rules(): RuleInsightType[] {
    return this.#insights.rules;
  }

  @Field(() => [JsonScalar], {
    description:
      'The suggestions as a list of ModelChange, for changeScoringModel, editModelDraft or previewScoringModel; edit it as you like. Only rules whose effect is sure are changed. Tables and points by a property keep the proportions of their cases.',
  })
  changes(): ModelChange[] {
    return this.#insights.changes;
  }
}
