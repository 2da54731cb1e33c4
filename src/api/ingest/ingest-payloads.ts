import { Ctx, Field, ID, Int, ObjectType } from 'type-graphql';
import { LeadpulseError } from '../../errors.js';
import type { RecordedOutcome } from '../../ingest/ingest-item.js';
import { ContactListType } from '../contacts/contact-list-type.js';
import { ContactType, contactOf } from '../contacts/contact-type.js';
import { ContactScoreType } from '../contacts/score-type.js';
import type { ApiContext } from '../context.js';
import { type RecordStatus, RecordStatusEnum } from '../enums.js';
import { scoresOfOutcome } from './outcome-scores.js';
import { RecordedActionType } from './recorded-action-type.js';

const CURSOR = 'Position of the changes it made in the change feed; null when no score changed.';

/** What payloads about one contact share: they are resolved from the outcome of the one item. */
@ObjectType()
export abstract class OutcomePayload {
  protected readonly outcome: RecordedOutcome;

  @Field(() => String, { nullable: true, simple: true, description: CURSOR })
  readonly cursor: string | null;

  constructor(outcome: RecordedOutcome, cursor: string | null) {
    this.outcome = outcome;
    this.cursor = cursor;
  }

  @Field(() => ContactType, {
    description:
      'The contact; of an answer given again the one that stands for it now, if it was merged since.',
  })
  contact(@Ctx() context: ApiContext): ContactType | Promise<ContactType> {
    const { status, contactId } = this.outcome;
    return status === 'RECORDED' ? contactOf(contactId) : standingContact(context, contactId);
  }

  @Field(() => [ContactScoreType], {
    description:
      'Afterwards, on every active model, the primary first: what the caller reads next agrees with it.',
  })
  scores(@Ctx() context: ApiContext): ContactScoreType[] | Promise<ContactScoreType[]> {
    return scoresOfOutcome(context, this.outcome);
  }
}

/** @throws LeadpulseError NOT_FOUND when the person was erased meanwhile. */
async function standingContact({ loaders }: ApiContext, contactId: string): Promise<ContactType> {
  const contact = await loaders.contactById.load(contactId);
  if (contact) return contact;
  throw new LeadpulseError('NOT_FOUND', 'The contact has been erased meanwhile.');
}

@ObjectType({ description: 'What an action led to.' })
export class RecordActionPayload extends OutcomePayload {
  @Field(() => RecordedActionType, { simple: true, description: 'The action as it was recorded.' })
  readonly action: RecordedActionType;

  constructor(outcome: RecordedOutcome, cursor: string | null, action: RecordedActionType) {
    super(outcome, cursor);
    this.action = action;
  }

  @Field(() => Boolean, {
    simple: true,
    description: 'True when the same idempotency key had been answered before: nothing was recorded now.',
  })
  get duplicate(): boolean {
    return this.outcome.status === 'DUPLICATE';
  }
}

@ObjectType({ description: 'The contact after the change.' })
export class UpsertContactPayload extends OutcomePayload {
  @Field(() => Boolean, { simple: true, description: 'True when the contact was created by this call.' })
  get created(): boolean {
    return this.outcome.created;
  }
}

@ObjectType({ description: 'The contact after the adjustment.' })
export class AdjustScorePayload extends OutcomePayload {}

@ObjectType('RejectedItem', {
  description: 'An item of a bulk mutation that was refused; the others are not touched by it.',
})
export class RejectedItemType {
  @Field(() => Int, { simple: true, description: 'Its place in the input, from 0.' })
  index!: number;

  @Field(() => String, {
    simple: true,
    description: 'The code that the single mutation would have failed with.',
  })
  code!: string;

  @Field(() => String, { simple: true, description: 'What is wrong, and what to do about it.' })
  message!: string;
}

@ObjectType('RecordActionResult', { description: 'What became of one action.' })
export class RecordActionResultType {
  @Field(() => Int, { simple: true, description: 'Its place in the input, from 0.' })
  index!: number;

  @Field(() => RecordStatusEnum, { simple: true, description: 'What became of it.' })
  status!: RecordStatus;

  @Field(() => ID, {
    nullable: true,
    simple: true,
    description: 'Id of the entry in the timeline; null when rejected.',
  })
  actionId!: string | null;

  @Field(() => ID, { nullable: true, simple: true, description: 'Id of the contact; null when rejected.' })
  contactId!: string | null;
}

const BULK_CURSOR = 'Position of the last change they made in the change feed; null when no score changed.';
const REJECTED = 'Those that were refused, with the reason.';

@ObjectType({
  description: 'What became of the actions. Valid ones are recorded whatever happens to the others.',
})
export class RecordActionsPayload {
  @Field(() => Int, { simple: true, description: 'How many were recorded now.' })
  recorded!: number;

  @Field(() => Int, {
    simple: true,
    description: 'How many had been recorded before under the same idempotency key.',
  })
  duplicates!: number;

  @Field(() => [RejectedItemType], { simple: true, description: REJECTED })
  rejected!: RejectedItemType[];

  @Field(() => [RecordActionResultType], {
    simple: true,
    description: 'One per action, in the order of the input.',
  })
  results!: RecordActionResultType[];

  @Field(() => String, { nullable: true, simple: true, description: BULK_CURSOR })
  cursor!: string | null;
}

@ObjectType({
  description: 'What became of the contacts. Valid ones are written whatever happens to the others.',
})
export class UpsertContactsPayload {
  @Field(() => Int, { simple: true, description: 'How many contacts were created.' })
  created!: number;

  @Field(() => Int, {
    simple: true,
    description:
      'How many items went to a contact that was there, among them those answered by their idempotency key.',
  })
  updated!: number;

  @Field(() => [RejectedItemType], { simple: true, description: REJECTED })
  rejected!: RejectedItemType[];

  @Field(() => String, { nullable: true, simple: true, description: BULK_CURSOR })
  cursor!: string | null;
}

@ObjectType({ description: 'The list after the change.' })
export class ChangeListMembersPayload {
  @Field(() => ContactListType, { simple: true, description: 'The list.' })
  list!: ContactListType;

  @Field(() => Int, { simple: true, description: 'How many contacts joined that were not on it.' })
  added!: number;

  @Field(() => Int, { simple: true, description: 'How many contacts left that were on it.' })
  removed!: number;

  @Field(() => [RejectedItemType], {
    simple: true,
    description:
      'Contacts that were refused; `index` counts through `add`, then `remove`, then what `filter` found.',
  })
  rejected!: RejectedItemType[];

  @Field(() => String, { nullable: true, simple: true, description: BULK_CURSOR })
  cursor!: string | null;
}
