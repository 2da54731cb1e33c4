import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { BULK_FAULTS_MAX, BULK_IDS_MAX } from '../../bulk/bulk-action.js';
import type { JsonValue } from '../../scoring/json-value.js';
import type { ContactFilter as ContactFilterParts } from '../../store/contact-filter.js';
import { ContactFilter } from '../contacts/contact-filter-input.js';
import { JobType } from '../models/job-type.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';

@InputType({ description: 'Who owns the contacts.' })
export class BulkSetOwnerInput {
  @Field(() => ID, {
    nullable: true,
    description: 'An active sales representative; nobody, when absent or null.',
  })
  ownerId?: string | null;
}

@InputType({ description: 'Points given to or taken from each contact.' })
export class BulkAdjustScoreInput {
  @Field(() => Float, { description: 'Points on every model; may be negative.' })
  points!: number;

  @Field(() => String, { description: 'Why; shown in the timelines.' })
  reason!: string;

  @Field(() => Float, { nullable: true, description: 'For how many days of 24 h; for ever, when absent.' })
  expiresAfterDays?: number | null;
}

@InputType({
  description: 'What is done to each contact. Give exactly one field. For a file, see GET /export/contacts.',
})
export class BulkActionInput {
  @Field(() => String, { nullable: true, description: 'They join the list of this key, made on first use.' })
  addToList?: string | null;

  @Field(() => String, { nullable: true, description: 'They leave the list of this key.' })
  removeFromList?: string | null;

  @Field(() => BulkSetOwnerInput, { nullable: true, description: 'They get this owner.' })
  setOwner?: BulkSetOwnerInput | null;

  @Field(() => BulkAdjustScoreInput, { nullable: true, description: 'Their scores are adjusted by hand.' })
  adjustScore?: BulkAdjustScoreInput | null;
}

@InputType({ description: 'Whom to do something to, and what. Give either filter or contactIds.' })
export class BulkUpdateContactsInput {
  @Field(() => ContactFilter, {
    nullable: true,
    description: 'Every contact that it holds for at the instant fixedAt; an empty filter holds for all.',
  })
  filter?: ContactFilterParts | null;

  @Field(() => [ID], { nullable: true, description: `These contacts, at most ${BULK_IDS_MAX}.` })
  contactIds?: string[] | null;

  @Field(() => BulkActionInput, { description: 'What is done to each.' })
  action!: BulkActionInput;

  @Field(() => String, {
    nullable: true,
    description:
      'At most 256 bytes. The same key and content again answers with the same job and starts nothing, also when that has failed (see resumeBulkAction); with other content it is IDEMPOTENCY_MISMATCH.',
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The job that does it.' })
export class BulkUpdateContactsPayload {
  @Field(() => JobType, {
    simple: true,
    description: 'Follow it with jobProgress, and end it with cancelJob: what is done by then stays.',
  })
  job!: JobType;
}

@InputType({ description: 'Which bulk action to go on with.' })
export class ResumeBulkActionInput {
  @Field(() => ID, { description: 'Id of its job.' })
  id!: string;
}

@ObjectType({ description: 'The job that goes on.' })
export class ResumeBulkActionPayload {
  @Field(() => JobType, {
    simple: true,
    description: 'The job, with the counts it had: done, changed and failed.',
  })
  job!: JobType;
}

@ObjectType({ description: 'A contact to which it could not be done.' })
export class BulkFaultType {
  @Field(() => ID, { simple: true, description: 'Id of the contact.' })
  contactId!: string;

  @Field(() => String, { simple: true, description: 'The code of the fault, as in errors.' })
  code!: string;

  @Field(() => String, { simple: true, description: 'What is wrong.' })
  message!: string;
}

@ObjectType('BulkActionResult', { description: 'How far a bulk action has come.' })
export class BulkActionResultType {
  @Field(() => JsonScalar, { simple: true, description: 'What is done: `kind` and what goes with it.' })
  action!: JsonValue;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description:
      'The instant at which it was settled who is meant: later changes neither add nor remove anybody. Null before.',
  })
  fixedAt!: Date | null;

  @Field(() => Int, {
    simple: true,
    description:
      'Contacts that are not as they were. One that was on the list already, for instance, is done but not changed.',
  })
  changed!: number;

  @Field(() => Int, { simple: true, description: 'Contacts to which it could not be done.' })
  failed!: number;

  @Field(() => [BulkFaultType], {
    simple: true,
    description: `The faults of the first ${BULK_FAULTS_MAX} of them.`,
  })
  faults!: BulkFaultType[];
}
