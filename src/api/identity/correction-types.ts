import { Field, Float, ID, InputType, ObjectType } from 'type-graphql';
import { CORRECTION_KINDS, type CorrectionKind } from '../../identity/correct-entry.js';
import type { CorrectionRow } from '../../identity/identity-reading.js';
import type { JsonObject } from '../../scoring/json-value.js';
import type { TimelineEntry } from '../../scoring/timeline-entry.js';
import { registerEnum } from '../enums.js';
import { ContactKey } from '../ingest/ingest-inputs.js';
import { createConnectionClass } from '../pagination.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';
import { ContactPayload, IDEMPOTENCY_KEY } from './contact-payload.js';

const CorrectionKindEnum = registerEnum<CorrectionKind>(
  'CorrectionKind',
  CORRECTION_KINDS,
  'What became of an entry.',
  {
    RETRACTED: 'It was taken back and is no longer on the timeline.',
    AMENDED: 'It was changed and lies on the timeline as it is now.',
  },
);

/** An action or an adjustment as it was, or as it became. */
@ObjectType('CorrectedEntry', { description: 'An action or an adjustment as it was, or as it became.' })
export class CorrectedEntryType {
  @Field(() => DateTimeScalar, { simple: true, description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => String, { nullable: true, simple: true, description: 'Action: what was done.' })
  type!: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    simple: true,
    description: 'Action: its properties, a JSON object.',
  })
  properties!: JsonObject | null;

  @Field(() => Float, { nullable: true, simple: true, description: 'Adjustment: its points.' })
  points!: number | null;

  @Field(() => String, { nullable: true, simple: true, description: 'Adjustment: why it was made.' })
  reason!: string | null;
}

/** A correction of what was recorded. */
@ObjectType('Correction', { description: 'A correction of what was recorded about a contact.' })
export class CorrectionType {
  @Field(() => ID, { simple: true, description: 'Id of the correction.' })
  id!: string;

  @Field(() => ID, { simple: true, description: 'Id of the entry of the timeline.' })
  entryId!: string;

  @Field(() => CorrectionKindEnum, { simple: true, description: 'What became of the entry.' })
  kind!: CorrectionKind;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was corrected.' })
  at!: Date;

  @Field(() => String, {
    simple: true,
    description: 'Who corrected it: name of the key, or subject of the token.',
  })
  by!: string;

  @Field(() => String, { nullable: true, simple: true, description: 'Why.' })
  reason!: string | null;

  @Field(() => CorrectedEntryType, { simple: true, description: 'What the entry was.' })
  before!: CorrectedEntryType;

  @Field(() => CorrectedEntryType, {
    nullable: true,
    simple: true,
    description: 'What it became; null for one that was taken back.',
  })
  after!: CorrectedEntryType | null;
}

@ObjectType('CorrectionConnection', { description: "A page of a contact's corrections, the newest first." })
export class CorrectionConnection extends createConnectionClass('Correction', () => CorrectionType) {}

/** The correction as the API shows it. */
export function correctionTypeOf({ atMs, before, after, ...row }: CorrectionRow): CorrectionType {
  return {
    ...row,
    at: new Date(atMs),
    before: correctedEntryOf(before),
    after: after === null ? null : correctedEntryOf(after),
  };
}

function correctedEntryOf(entry: TimelineEntry): CorrectedEntryType {
  const isAction = entry.kind === 'action';
  const isAdjustment = entry.kind === 'adjustment';
  return {
    occurredAt: new Date(entry.atMs),
    type: isAction ? entry.type : null,
    properties: isAction ? entry.properties : null,
    points: isAdjustment ? entry.points : null,
    reason: isAdjustment ? entry.reason : null,
  };
}

const CONTACT = 'Whose entry it is. NOT_FOUND when there is no such contact.';
const REASON = 'Why; kept with the correction. At most 2,048 characters.';

@InputType({ description: 'An action or an adjustment that should not have been recorded.' })
export class RetractActionInput {
  @Field(() => ContactKey, { description: CONTACT })
  contact!: ContactKey;

  @Field(() => ID, {
    description: 'Id of the action or the adjustment, from recordAction or Contact.timeline.',
  })
  actionId!: string;

  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType({
  description: 'An action that was recorded wrongly. Give at least one of type, occurredAt and properties.',
})
export class AmendActionInput {
  @Field(() => ContactKey, { description: CONTACT })
  contact!: ContactKey;

  @Field(() => ID, { description: 'Id of the action, from recordAction or Contact.timeline.' })
  actionId!: string;

  @Field(() => String, { nullable: true, description: 'What was really done; stays when absent.' })
  type?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was really done; stays when absent.' })
  occurredAt?: Date | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'Its properties in place of the present ones, a JSON object; they stay when absent.',
  })
  properties?: unknown;

  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The contact after a correction.' })
export class CorrectionPayload extends ContactPayload {
  @Field(() => CorrectionType, { simple: true, description: 'The correction.' })
  correction!: CorrectionType;
}
