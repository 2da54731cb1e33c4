import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { AttributeCounts } from '../../catalogue/attribute-count.js';
import { labelOf } from '../../catalogue/label-of.js';
import { isStandardAttribute } from '../../store/standard-attributes.js';
import type { SampleValue } from '../../store/uses/sample-value.js';
import type { ValueKind } from '../../store/uses/value-kind.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';
import { ValueKindEnum } from './catalogue-enums.js';

@ObjectType('AttributeUse', { description: 'An attribute of contacts, and how many have it.' })
export class AttributeUseType {
  @Field(() => String, {
    simple: true,
    description: 'What `attribute` of a condition says: the name, or a path such as `answers.budget`.',
  })
  attribute!: string;

  @Field(() => String, { simple: true, description: 'The attribute in words: `Company size`.' })
  label!: string;

  @Field(() => Boolean, {
    simple: true,
    description: 'True for what is a field of Contact, false for what is in `attributes`.',
  })
  standard!: boolean;

  @Field(() => ValueKindEnum, { simple: true, description: 'The kind of value that most contacts have.' })
  kind!: ValueKind;

  @Field(() => Int, { simple: true, description: 'Contacts that have a value.' })
  filled!: number;

  @Field(() => Float, { simple: true, description: 'Their share of all contacts, 0 to 1.' })
  fillRate!: number;

  @Field(() => Boolean, {
    simple: true,
    description: 'True when `filled` and `fillRate` are estimated from a sample of the contacts.',
  })
  sampled!: boolean;

  @Field(() => [JsonScalar], {
    simple: true,
    description:
      'The most frequent values, the most frequent first; at most 8, of lists their elements. Never a value that only one contact has, and none of email, externalId, firstName and lastName. Texts are cut after 64 characters; what looks like an email address is left out.',
  })
  samples!: SampleValue[];

  @Field(() => DateTimeScalar, { simple: true, description: 'When the contacts were counted.' })
  asOf!: number;
}

/** The attributes as the API shows them. */
export function attributeUsesOf({ contacts, countedAtMs, attributes }: AttributeCounts): AttributeUseType[] {
  return attributes.map((count) => ({
    ...count,
    label: labelOf(count.attribute),
    standard: isStandardAttribute(count.attribute),
    fillRate: contacts === 0 ? 0 : count.filled / contacts,
    asOf: countedAtMs,
  }));
}
