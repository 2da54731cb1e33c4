import { Field, Float, InputType, Int } from 'type-graphql';
import type { JsonValue } from '../../scoring/json-value.js';
import type { Operator, TableMatch } from '../../scoring/model-definition.js';
import { OperatorEnum, TableMatchEnum } from '../enums.js';
import { JsonScalar } from '../scalars.js';

const VALUE =
  'What to compare with: a number, a string or a boolean; a list for IN and NOT_IN (and, as alternatives, for CONTAINS, STARTS_WITH, ENDS_WITH and MATCHES_WORD); `[low, high]` for BETWEEN; nothing for EXISTS and NOT_EXISTS.';
const PATH = 'by its path, such as `answers.budget`; a key that itself holds the whole path wins';
const WHERE = 'Conditions on the properties of the action; all of them have to hold.';

@InputType({ description: 'A condition on one property of an action.' })
export class PropertyConditionInput {
  @Field(() => String, { description: `Which property, ${PATH}.` })
  property!: string;

  @Field(() => OperatorEnum, { description: 'What to ask of it.' })
  operator!: Operator;

  @Field(() => JsonScalar, { nullable: true, description: VALUE })
  value?: JsonValue;
}

@InputType({ description: 'A condition on one attribute of the contact, as it stands at that instant.' })
export class AttributeConditionInput {
  @Field(() => String, {
    description: `Which attribute, standard (\`jobTitle\`, \`companySize\`) or custom, ${PATH}.`,
  })
  attribute!: string;

  @Field(() => OperatorEnum, { description: 'What to ask of it.' })
  operator!: Operator;

  @Field(() => JsonScalar, { nullable: true, description: VALUE })
  value?: JsonValue;
}

@InputType({ description: 'Holds when the contact did something often enough.' })
export class ActivityConditionInput {
  @Field(() => String, {
    description: 'An exact action type, a prefix with a star (`email_*`), or `*` for any activity.',
  })
  actionType!: string;

  @Field(() => [PropertyConditionInput], { nullable: true, description: WHERE })
  where?: PropertyConditionInput[] | null;

  @Field(() => Int, { nullable: true, defaultValue: 1, description: 'How many such actions, 1 to 100.' })
  atLeast?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Within how many days of 24 h up to now; ever, when absent.',
  })
  withinDays?: number | null;
}

@InputType({ description: 'Holds when there was an activity, and the last one is long ago.' })
export class InactivityConditionInput {
  @Field(() => Float, { description: 'How many days of 24 h ago at least.' })
  days!: number;
}

@InputType({ description: 'Holds while the contact is on a list.' })
export class ListConditionInput {
  @Field(() => String, { description: 'Key of the list.' })
  key!: string;
}

@InputType({ description: 'A tree of conditions. Give exactly one field.' })
export class CriterionInput {
  @Field(() => [CriterionInput], { nullable: true, description: 'Holds when all of these hold.' })
  all?: CriterionInput[] | null;

  @Field(() => [CriterionInput], { nullable: true, description: 'Holds when one of these holds.' })
  any?: CriterionInput[] | null;

  @Field(() => CriterionInput, { nullable: true, description: 'Holds when this does not.' })
  not?: CriterionInput | null;

  @Field(() => AttributeConditionInput, { nullable: true, description: 'A condition on one attribute.' })
  attribute?: AttributeConditionInput | null;

  @Field(() => ActivityConditionInput, { nullable: true, description: 'What the contact did.' })
  activity?: ActivityConditionInput | null;

  @Field(() => InactivityConditionInput, {
    nullable: true,
    description: 'What the contact did not do for long.',
  })
  inactivity?: InactivityConditionInput | null;

  @Field(() => ListConditionInput, { nullable: true, description: 'Which list the contact is on.' })
  list?: ListConditionInput | null;
}

@InputType({ description: 'Points while a condition holds.' })
export class CriteriaRuleInput {
  @Field(() => CriterionInput, { description: 'The condition.' })
  when!: CriterionInput;

  @Field(() => Float, { description: 'Points while it holds; may be negative.' })
  points!: number;
}

@InputType({ description: 'One row of a table.' })
export class TableRowInput {
  @Field(() => OperatorEnum, { description: 'What to ask of the attribute.' })
  operator!: Operator;

  @Field(() => JsonScalar, { nullable: true, description: VALUE })
  value?: JsonValue;

  @Field(() => Float, { description: 'Points when it holds; may be negative.' })
  points!: number;
}

@InputType({
  description: 'Points looked up from one attribute. No row holds, or the attribute is missing: 0.',
})
export class TableRuleInput {
  @Field(() => String, { description: `Which attribute, standard or custom, ${PATH}.` })
  attribute!: string;

  @Field(() => TableMatchEnum, { nullable: true, defaultValue: 'FIRST', description: 'Which rows count.' })
  match?: TableMatch | null;

  @Field(() => [TableRowInput], { description: 'The rows, in the order in which FIRST tries them.' })
  rows!: TableRowInput[];
}
