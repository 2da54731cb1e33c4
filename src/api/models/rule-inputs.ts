import { Field, Float, InputType, Int } from 'type-graphql';
import type { JsonValue } from '../../scoring/json-value.js';
import type { Operator } from '../../scoring/model-definition.js';
import { OperatorEnum } from '../enums.js';
import { JsonScalar } from '../scalars.js';
import { CriteriaRuleInput, PropertyConditionInput, TableRuleInput } from './condition-inputs.js';

@InputType({ description: 'One case of `pointsBy`.' })
export class PointsCaseInput {
  @Field(() => OperatorEnum, { description: 'What to ask of the property.' })
  operator!: Operator;

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'What to compare with, as in PropertyConditionInput.',
  })
  value?: JsonValue;

  @Field(() => Float, { description: 'Points of the award when this is the first case that holds.' })
  points!: number;
}

@InputType({
  description: "Points by a property of the action: the first case that holds, else the rule's `points`.",
})
export class PointsByInput {
  @Field(() => String, { description: 'Which property, by its path.' })
  property!: string;

  @Field(() => [PointsCaseInput], { description: 'The cases, in the order in which they are tried.' })
  cases!: PointsCaseInput[];
}

@InputType({ description: 'Repeated actions are worth more, or less.' })
export class RepeatInput {
  @Field(() => Float, { description: 'Factor on the points when an earlier action matched the rule.' })
  multiplier!: number;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 30,
    description: 'How many days of 24 h ago the earlier action may be.',
  })
  withinDays?: number | null;
}

@InputType({ description: 'How often a rule awards points.' })
export class LimitInput {
  @Field(() => Int, { description: 'Awards at most; with `perDays` at most 100.' })
  maxAwards!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'In how many days of 24 h; over the whole lifetime, when absent.',
  })
  perDays?: number | null;
}

@InputType({ description: 'Each matching action earns an award.' })
export class ActionRuleInput {
  @Field(() => String, {
    description:
      'An exact action type (case matters), a prefix with a star (`email_*`), or `*` for any activity.',
  })
  actionType!: string;

  @Field(() => [PropertyConditionInput], {
    nullable: true,
    description: 'Conditions on the properties of the action; all of them have to hold.',
  })
  where?: PropertyConditionInput[] | null;

  @Field(() => Float, { description: 'Points of one award; may be negative.' })
  points!: number;

  @Field(() => PointsByInput, { nullable: true, description: 'Other points by a property of the action.' })
  pointsBy?: PointsByInput | null;

  @Field(() => RepeatInput, { nullable: true, description: 'A factor on repeated actions.' })
  repeat?: RepeatInput | null;

  @Field(() => LimitInput, { nullable: true, description: 'How many awards at most.' })
  limit?: LimitInput | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether decay works on the awards; on positive ones only, when absent.',
  })
  decays?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether recency works on the awards; on positive ones only, when absent.',
  })
  recency?: boolean | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Awards count for this many days of 24 h; for ever, when absent.',
  })
  expiresAfterDays?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Each match drops all awards and adjustments up to then and sets the score to this.',
  })
  setScoreTo?: number | null;
}

@InputType({ description: 'One rule. Give exactly one of `action`, `criteria` and `table`.' })
export class RuleInput {
  @Field(() => String, { description: 'Unique in the model: 1 to 64 letters, digits, `_`, `-` or `.`.' })
  key!: string;

  @Field(() => String, { nullable: true, description: 'What explanations call it; the key, when absent.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'A note for those who edit the model.' })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: 'Inactive rules do not count.' })
  active?: boolean | null;

  @Field(() => Float, { nullable: true, description: 'Cap on the positive points of this rule.' })
  maxPoints?: number | null;

  @Field(() => ActionRuleInput, { nullable: true, description: 'Points for what the contact does.' })
  action?: ActionRuleInput | null;

  @Field(() => CriteriaRuleInput, { nullable: true, description: 'Points while something holds.' })
  criteria?: CriteriaRuleInput | null;

  @Field(() => TableRuleInput, { nullable: true, description: 'Points looked up from one attribute.' })
  table?: TableRuleInput | null;
}

@InputType({ description: 'Rules that share a dimension and a cap.' })
export class ScoreSetInput {
  @Field(() => String, {
    description: 'Unique among the sets of the model: 1 to 64 letters, digits, `_`, `-` or `.`.',
  })
  key!: string;

  @Field(() => String, { nullable: true, description: 'What people call it; the key, when absent.' })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Key of the dimension the points go into; the overall score, when absent.',
  })
  dimension?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'The rules of an inactive set do not count.',
  })
  active?: boolean | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Cap on the positive points of all its rules together.',
  })
  maxPoints?: number | null;

  @Field(() => [RuleInput], { description: 'The rules.' })
  rules!: RuleInput[];
}
