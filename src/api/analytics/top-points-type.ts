import { Field, Float, Int, ObjectType } from 'type-graphql';
import { ProportionType } from './proportion-type.js';

/** What rules and actions have in common. */
@ObjectType()
abstract class PointsType {
  @Field(() => Float, {
    simple: true,
    description:
      'Points given in the range, 0 or more, as awarded: before recency, decay, expiry, caps and weights. Totals can hold less.',
  })
  positive!: number;

  @Field(() => Float, { simple: true, description: 'Points taken in the range, 0 or less.' })
  negative!: number;

  @Field(() => Float, { simple: true, description: 'Both together.' })
  net!: number;

  @Field(() => Int, { simple: true, description: 'How often points were given or taken.' })
  times!: number;

  @Field(() => Float, {
    nullable: true,
    simple: true,
    description:
      'Of all positive points of the range, criteria and tables included, 0 to 1; null when none were given. Where one source gives most, scores say little more than that source does.',
  })
  positiveShare!: number | null;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of the leads with an entry before the end of the range, those that were given or lost points in the range. What reaches nearly all of them tells nobody apart.',
  })
  reached!: ProportionType;
}

@ObjectType('TopRule', { description: 'What a rule of the model gave and took within the range.' })
export class TopRuleType extends PointsType {
  @Field(() => String, { simple: true, description: 'Key of the rule.' })
  ruleKey!: string;

  @Field(() => String, { simple: true, description: 'Name of the rule, or its key.' })
  title!: string;

  @Field(() => String, { simple: true, description: 'Key of its score set.' })
  scoreSet!: string;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description: 'Key of the dimension of that set; null when it counts for the overall score alone.',
  })
  dimension!: string | null;
}

@ObjectType('TopAction', { description: 'What actions of one type earned and cost within the range.' })
export class TopActionType extends PointsType {
  @Field(() => String, {
    simple: true,
    description: 'The action type; `(other)` for all types beyond the 10,000th.',
  })
  actionType!: string;
}
