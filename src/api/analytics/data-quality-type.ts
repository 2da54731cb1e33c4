import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { DataQuality } from '../../analytics/data-quality/data-quality.js';
import { CUSTOM_ATTRIBUTES_MAX, SAMPLE_CONTACTS } from '../../analytics/data-quality/fill-rates.js';
import type { DuplicateReason } from '../../store/duplicate-keys.js';
import { DuplicateReasonEnum } from '../identity/duplicate-reason-enum.js';
import { DateTimeScalar } from '../scalars.js';
import { ProportionType } from './proportion-type.js';

@ObjectType('AttributeFill', { description: 'How many contacts have a value of an attribute.' })
export class AttributeFillType {
  @Field(() => String, { simple: true, description: 'The name by which rules know it: `jobTitle`.' })
  attribute!: string;

  @Field(() => Boolean, {
    simple: true,
    description: 'True for what is a field of Contact, false for what is in `attributes`.',
  })
  standard!: boolean;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Contacts that have a value, of those looked at. Rules about an attribute that few have move few scores: fill it first, or score something else.',
  })
  filled!: ProportionType;

  @Field(() => Boolean, {
    simple: true,
    description: `True when a sample was looked at: about ${SAMPLE_CONTACTS} contacts, for custom attributes where there are more. What next to nobody has can be missing then.`,
  })
  sampled!: boolean;
}

@ObjectType('AttributeFills', { description: 'The attributes of contacts.' })
export class AttributeFillsType {
  @Field(() => Int, {
    simple: true,
    description: `How many attributes there are; of custom ones the ${CUSTOM_ATTRIBUTES_MAX} most filled count.`,
  })
  totalCount!: number;

  @Field(() => [AttributeFillType], {
    simple: true,
    description: 'The first of them: standard ones in their order, then the others, the most filled first.',
  })
  nodes!: AttributeFillType[];
}

@ObjectType('StaleContacts', {
  description: 'Contacts that may have gone cold, by their latest activity as it is now.',
})
export class StaleContactsType {
  @Field(() => DateTimeScalar, {
    simple: true,
    description: 'What is older is stale: so many days before the end of the range.',
  })
  before!: number;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of all contacts, those whose latest activity is older. Whoever was active after the end of the range is not stale. `contacts(filter: { inactiveSince })` lists them, and with them those that were never active.',
  })
  stale!: ProportionType;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of all contacts, those that never did anything that counts as activity under the model; they are not among the stale ones. Many of them point to a source that sends profiles and no actions.',
  })
  neverActive!: ProportionType;
}

@ObjectType('DuplicateCount', { description: 'How many contacts are likely the same person as another one.' })
export class DuplicateCountType {
  @Field(() => DuplicateReasonEnum, { simple: true, description: 'Why they are taken for one person.' })
  reason!: DuplicateReason;

  @Field(() => Int, { simple: true, description: 'Groups of two or more contacts, each likely one person.' })
  groups!: number;

  @Field(() => ProportionType, {
    simple: true,
    description:
      'Of all contacts, those in such a group. Their score is torn into parts: merge them. `duplicateContacts` lists them.',
  })
  contacts!: ProportionType;
}

@ObjectType('UnknownActionType', {
  description: 'An action type that is recorded and changes no score by name.',
})
export class UnknownActionTypeType {
  @Field(() => String, { simple: true, description: 'The type.' })
  type!: string;

  @Field(() => Float, {
    simple: true,
    description: 'Recorded actions of it: of all contacts, at any time. A whole number, exact.',
  })
  count!: number;

  @Field(() => DateTimeScalar, { nullable: true, simple: true, description: 'The latest of them.' })
  lastSeenAt!: number | null;

  @Field(() => Int, {
    simple: true,
    description: 'Contacts within the filter that did it before the end of the range.',
  })
  contacts!: number;

  @Field(() => Int, {
    simple: true,
    description: 'Of these, those that did it for the first time in the range.',
  })
  contactsFirstInRange!: number;
}

@ObjectType('UnknownActionTypes', { description: 'Action types that nothing asks for.' })
export class UnknownActionTypesType {
  @Field(() => Int, { simple: true, description: 'How many there are.' })
  totalCount!: number;

  @Field(() => [UnknownActionTypeType], { simple: true, description: 'The most frequent of them.' })
  nodes!: UnknownActionTypeType[];
}

@ObjectType('WaitingRule', { description: 'A rule that waits for what was never recorded.' })
export class WaitingRuleType {
  @Field(() => ID, { simple: true, description: 'The model that it is in.' })
  modelId!: string;

  @Field(() => String, { simple: true, description: 'Key of that model.' })
  modelKey!: string;

  @Field(() => String, { simple: true, description: 'Key of the rule.' })
  ruleKey!: string;

  @Field(() => String, { simple: true, description: 'What people call it; its key when it has no name.' })
  ruleName!: string;

  @Field(() => [String], {
    simple: true,
    description:
      'The action types that it names and that were never recorded; with a star at the end, beginnings of types.',
  })
  actionTypes!: string[];
}

@ObjectType('WaitingRules', { description: 'Rules that wait for what was never recorded.' })
export class WaitingRulesType {
  @Field(() => Int, { simple: true, description: 'How many there are.' })
  totalCount!: number;

  @Field(() => [WaitingRuleType], {
    simple: true,
    description: 'The first of them, by model and in its order.',
  })
  nodes!: WaitingRuleType[];
}

/** Each part is a field with a resolver of its own, read when it is asked for. */
@ObjectType('DataQuality', {
  description:
    'Where data keeps scores from being right: what is missing, old, double, or not asked for. Profiles are those of now.',
})
export class DataQualityType {
  readonly report: DataQuality;

  constructor(report: DataQuality) {
    this.report = report;
  }
}
