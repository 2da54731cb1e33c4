import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { type IdentityConflict, IdentityConflictEnum } from '../enums.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

const IDEMPOTENCY_KEY =
  'At most 256 bytes. The same key and content again is answered as before and counted once; with other content it is IDEMPOTENCY_MISMATCH. Kept for 7 days unless configured otherwise.';
const OCCURRED_AT = 'Now when absent. Any instant from 1970 on; more than 5 minutes ahead is refused.';
const CONTACT = 'The contact; one unknown by email, externalId or anonymousId is created.';

@InputType({
  description:
    'Names a contact. Give exactly one field. A contact unknown by email, externalId or anonymousId is created by mutations.',
})
export class ContactKey {
  @Field(() => ID, {
    nullable: true,
    description: 'Its id. NOT_FOUND when there is none; never creates one.',
  })
  id?: string | null;

  @Field(() => String, { nullable: true, description: 'One of its email addresses; case does not matter.' })
  email?: string | null;

  @Field(() => String, { nullable: true, description: 'Its id in a system of your own.' })
  externalId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'An id from before it was known, such as that of a browser.',
  })
  anonymousId?: string | null;
}

@InputType({ description: 'Something a contact did, or that happened to it.' })
export class RecordActionInput {
  @Field(() => ContactKey, { description: CONTACT })
  contact!: ContactKey;

  @Field(() => String, {
    description: 'What was done, such as `clicked_link`; at most 256 bytes, case matters.',
  })
  type!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: OCCURRED_AT })
  occurredAt?: Date | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'What rules may ask about: a JSON object of at most 65,536 bytes; empty, when absent.',
  })
  properties?: unknown;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

const ATTRIBUTE = 'Left out, it stays; null removes it.';

@InputType({
  description:
    'Attributes that became true. Those left out stay as they are; null removes one. An older entry never overwrites a newer one.',
})
export class UpsertContactInput {
  @Field(() => ContactKey, { description: CONTACT })
  contact!: ContactKey;

  @Field(() => String, { nullable: true, description: 'Leads to this contact from now on.' })
  anonymousId?: string | null;

  @Field(() => IdentityConflictEnum, {
    nullable: true,
    defaultValue: 'REJECT',
    description: 'When a given email, externalId or anonymousId belongs to someone else.',
  })
  onIdentityConflict?: IdentityConflict | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Attributes to remove, for clients that cannot send null.',
  })
  unset?: string[] | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `Email address; leads to this contact from now on. ${ATTRIBUTE}`,
  })
  email?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `Id in a system of your own; leads to this contact from now on. ${ATTRIBUTE}`,
  })
  externalId?: string | null;

  @Field(() => String, { nullable: true, description: `First name. ${ATTRIBUTE}` })
  firstName?: string | null;

  @Field(() => String, { nullable: true, description: `Last name. ${ATTRIBUTE}` })
  lastName?: string | null;

  @Field(() => String, { nullable: true, description: `Job title. ${ATTRIBUTE}` })
  jobTitle?: string | null;

  @Field(() => String, { nullable: true, description: `Company. ${ATTRIBUTE}` })
  company?: string | null;

  @Field(() => Int, { nullable: true, description: `Employees of the company. ${ATTRIBUTE}` })
  companySize?: number | null;

  @Field(() => String, { nullable: true, description: `Industry of the company. ${ATTRIBUTE}` })
  industry?: string | null;

  @Field(() => Float, {
    nullable: true,
    description: `Annual revenue of the company, in the tenant's currency. ${ATTRIBUTE}`,
  })
  annualRevenue?: number | null;

  @Field(() => String, {
    nullable: true,
    description: `Country, ISO 3166-1 alpha-2 if possible. ${ATTRIBUTE}`,
  })
  country?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      'Custom attributes: a JSON object whose keys are set (null removes one) and whose other keys stay; at most 500 keys and 65,536 bytes.',
  })
  attributes?: unknown;

  @Field(() => DateTimeScalar, { nullable: true, description: `When they became true. ${OCCURRED_AT}` })
  occurredAt?: Date | null;
}

@InputType({ description: 'Points given or taken by a person or an integrator.' })
export class AdjustScoreInput {
  @Field(() => ContactKey, { description: CONTACT })
  contact!: ContactKey;

  @Field(() => Float, { description: 'Points on every model; may be negative.' })
  points!: number;

  @Field(() => String, { description: 'Why; shown in the timeline.' })
  reason!: string;

  @Field(() => Float, { nullable: true, description: 'For how many days of 24 h; for ever, when absent.' })
  expiresAfterDays?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: OCCURRED_AT })
  occurredAt?: Date | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}
