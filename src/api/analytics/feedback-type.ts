import { Ctx, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Acceptance, JudgedBySales, RejectionReason } from '../../analytics/feedback/feedback-report.js';
import type { AnalyticsScope } from '../../analytics/scope/analytics-scope.js';
import { SalesRepType } from '../access/sales-rep-type.js';
import type { ApiContext } from '../context.js';
import { ProportionType } from './proportion-type.js';

@ObjectType('RejectionReason', { description: 'Why leads were rejected.' })
export class RejectionReasonType implements RejectionReason {
  @Field(() => String, {
    simple: true,
    description: 'The reason, in lower case; empty where none was given.',
  })
  reason!: string;

  @Field(() => Int, { simple: true, description: 'Leads that were rejected for it.' })
  leads!: number;

  @Field(() => ProportionType, { simple: true, description: 'Of the leads that were rejected.' })
  share!: ProportionType;
}

/** What all views of the report have in common. */
@ObjectType()
abstract class AcceptanceType implements Acceptance {
  @Field(() => Int, { simple: true, description: 'Leads that were accepted.' })
  accepted!: number;

  @Field(() => Int, { simple: true, description: 'Leads that were rejected.' })
  rejected!: number;

  @Field(() => ProportionType, { simple: true, description: 'Accepted, of both.' })
  rate!: ProportionType;

  @Field(() => [RejectionReasonType], {
    simple: true,
    description: 'Why leads were rejected, the most frequent reason first; at most 20.',
  })
  reasons!: RejectionReasonType[];
}

@ObjectType('BandAcceptance', { description: 'What sales made of the leads of one band.' })
export class BandAcceptanceType extends AcceptanceType {
  @Field(() => Float, {
    nullable: true,
    simple: true,
    description: 'The band holds totals from this one on; null for all that are below the next one.',
  })
  fromTotal!: number | null;

  @Field(() => Float, { nullable: true, simple: true, description: 'And below this one; null for the last.' })
  toTotal!: number | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the stage that the band is; null when bands were asked for.',
  })
  stage!: string | null;
}

@ObjectType('OwnerAcceptance', { description: 'What one sales representative made of leads.' })
export class OwnerAcceptanceType extends AcceptanceType {
  @Field(() => ID, { nullable: true, simple: true, description: 'Id of the owner; null for nobody.' })
  ownerId!: string | null;

  @Field(() => SalesRepType, { nullable: true, description: 'Who owns the leads now; null for nobody.' })
  async owner(@Ctx() { loaders }: ApiContext): Promise<SalesRepType | null> {
    return this.ownerId === null ? null : loaders.salesRepById.load(this.ownerId);
  }
}

@ObjectType('RuleAcceptance', {
  description: 'What sales made of leads to whom a rule had given, or taken, something.',
})
export class RuleAcceptanceType {
  @Field(() => String, { simple: true, description: 'Key of the rule.' })
  ruleKey!: string;

  @Field(() => String, { simple: true, description: 'Name of the rule, or its key.' })
  title!: string;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of its leads, those that were accepted. Far below the rate of all: the rule hands over leads that nobody wants.',
  })
  rate!: ProportionType;
}

/** Views of the report are in its resolver. */
@ObjectType('LeadFeedback', {
  description:
    'What sales said of leads in the range (recordLeadFeedback): of those said more than once to be accepted or rejected, the last verdict counts.',
})
export class LeadFeedbackType extends AcceptanceType {
  readonly scope: AnalyticsScope;
  readonly judged: readonly JudgedBySales[];

  @Field(() => Int, { simple: true, description: 'Leads that sales said to have converted.' })
  converted!: number;

  @Field(() => Int, { simple: true, description: 'Leads that sales said to be lost.' })
  lost!: number;

  constructor(
    scope: AnalyticsScope,
    judged: readonly JudgedBySales[],
    figures: Acceptance & { converted: number; lost: number },
  ) {
    super();
    this.scope = scope;
    this.judged = judged;
    Object.assign(this, figures);
  }
}
