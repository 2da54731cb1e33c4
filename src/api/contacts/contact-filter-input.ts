import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { CONTACT_ORDER_FIELDS, type ContactOrderField } from '../../contacts/contact-order.js';
import {
  type ContactFilter as ContactFilterParts,
  FILTER_DEPTH_MAX,
  FILTER_PARTS_MAX,
  FILTER_VALUES_MAX,
  FILTER_WORDS_MAX,
} from '../../store/contact-filter.js';
import { type Direction, DirectionEnum, registerEnum } from '../enums.js';
import { ActivityConditionInput, AttributeConditionInput } from '../models/condition-inputs.js';
import { DateTimeScalar } from '../scalars.js';

/** A range of one dimension's points. */
@InputType({ description: 'Points of one dimension, both ends included. Give min, max or both.' })
export class DimensionRangeInput {
  @Field(() => String, { description: 'Key of the dimension. BAD_USER_INPUT when the model has none of it.' })
  key!: string;

  @Field(() => Float, { nullable: true, description: 'At least so many points.' })
  min?: number | null;

  @Field(() => Float, { nullable: true, description: 'At most so many points.' })
  max?: number | null;
}

/** Which contacts are meant. */
@InputType('ContactFilter', {
  description: `Which contacts are meant: every given part must hold; \`all\`, \`any\` and \`not\` combine filters, at most ${FILTER_DEPTH_MAX} deep and ${FILTER_PARTS_MAX} parts altogether. Parts about the score ask the published score and hold only for contacts that the model scores.`,
})
export class ContactFilter implements ContactFilterParts {
  @Field(() => ID, {
    nullable: true,
    description:
      'The model that the parts about the score ask; that of the enclosing filter when absent, at the top the primary one. NOT_FOUND when no active model has the id.',
  })
  modelId?: string | null;

  @Field(() => Int, { nullable: true, description: 'A total of at least this.' })
  minTotal?: number | null;

  @Field(() => Int, { nullable: true, description: 'A total of at most this.' })
  maxTotal?: number | null;

  @Field(() => [String], {
    nullable: true,
    description: 'In one of these stages, by key. BAD_USER_INPUT when the model has none of a key.',
  })
  stages?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: `With one of these labels, whole, such as \`A1\`; at most ${FILTER_VALUES_MAX}.`,
  })
  labels?: string[] | null;

  @Field(() => DimensionRangeInput, { nullable: true, description: 'With so many points in one dimension.' })
  dimension?: DimensionRangeInput | null;

  @Field(() => AttributeConditionInput, {
    nullable: true,
    description: 'With an attribute for which a condition holds, in the very sense in which rules take it.',
  })
  attribute?: AttributeConditionInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'On this list now, by key; nobody is on an unknown one.',
  })
  list?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'In this segment as its filter stands now. BAD_USER_INPUT when there is none, or when it can no longer be asked.',
  })
  segmentId?: string | null;

  @Field(() => ActivityConditionInput, {
    nullable: true,
    description:
      "Who did something often enough, in the very sense in which rules take it; `*` leaves out the model's passive types. Looked up in the timeline of each contact that the other parts let through.",
  })
  activity?: ActivityConditionInput | null;

  @Field(() => [ID], {
    nullable: true,
    description: `Owned by one of these sales representatives, at most ${FILTER_VALUES_MAX}.`,
  })
  ownerIds?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: somebody owns the contact. False: nobody does.',
  })
  owned?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: `Words, at most ${FILTER_WORDS_MAX}, each of which occurs somewhere in name, email or company, whatever the case. A word of letters alone also holds when it is misspelt: by one letter or two swapped ones from 4 letters on, by two from 8 on. Blank text holds for everybody.`,
  })
  text?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Last active at this instant or later.' })
  activeSince?: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Not active at this instant or later, or never active at all.',
  })
  inactiveSince?: Date | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Last active less than so many days of 24 h ago; moves along with time, as segments need it.',
  })
  activeWithinDays?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Not active for so many days of 24 h, or never active at all.',
  })
  inactiveForDays?: number | null;

  @Field(() => [ContactFilter], {
    nullable: true,
    description: 'All of these hold; an empty list does.',
  })
  all?: ContactFilter[] | null;

  @Field(() => [ContactFilter], {
    nullable: true,
    description: 'One of these holds; none of an empty list does.',
  })
  any?: ContactFilter[] | null;

  @Field(() => ContactFilter, { nullable: true, description: 'This does not hold.' })
  not?: ContactFilter | null;
}

const ContactOrderFieldEnum = registerEnum<ContactOrderField>(
  'ContactOrderField',
  CONTACT_ORDER_FIELDS,
  'What contacts are ordered by. Ties are broken by id.',
  {
    SCORE: 'The published total. Contacts that the model does not score come last, in either direction.',
    LAST_ACTIVITY:
      'The last activity as the model sees it; never active is before all instants. Contacts that the model does not score come last, in either direction.',
    NAME: 'First and last name, else company, else email.',
    CREATED: 'When the contact was first recorded.',
    RELEVANCE:
      'How close name, email and company come to the `text` of the filter, which has to be given at its top: whole words first, then beginnings, then misspelt words.',
  },
);

/** An order of contacts. */
@InputType('ContactOrder', {
  description: 'An order of contacts. The highest score first, when none is given.',
})
export class ContactOrderInput {
  @Field(() => ContactOrderFieldEnum, { description: 'What to order by.' })
  field!: ContactOrderField;

  @Field(() => DirectionEnum, { nullable: true, defaultValue: 'DESC', description: 'Which way.' })
  direction?: Direction | null;

  @Field(() => ID, {
    nullable: true,
    description:
      "The model of SCORE and LAST_ACTIVITY; the filter's when absent, else the primary one. NOT_FOUND when no active model has the id.",
  })
  modelId?: string | null;
}
