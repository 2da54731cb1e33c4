import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { MergeRow } from '../../identity/identity-reading.js';
import { ContactType } from '../contacts/contact-type.js';
import { ContactScoreType } from '../contacts/score-type.js';
import { ContactKey } from '../ingest/ingest-inputs.js';
import { DateTimeScalar, JsonScalar } from '../scalars.js';
import { ContactPayload, IDEMPOTENCY_KEY } from './contact-payload.js';

/** A merge of two contacts. */
@ObjectType('ContactMerge', { description: 'Two contacts that became one, in force or undone.' })
export class ContactMergeType {
  @Field(() => ID, { simple: true, description: 'Id of the merge, for unmergeContact.' })
  id!: string;

  @Field(() => ID, {
    simple: true,
    description: 'Id of the contact that stayed; it may be merged away since.',
  })
  intoId!: string;

  @Field(() => ID, {
    simple: true,
    description: 'Id of the contact that became part of it; it still leads there.',
  })
  fromId!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When they became one.' })
  at!: Date;

  @Field(() => String, {
    simple: true,
    description:
      'Who merged them: name of the key or subject of the token; `upsertContact` when an item with `onIdentityConflict: MERGE` or identifyContact did.',
  })
  by!: string;

  @Field(() => Int, { simple: true, description: 'Entries of the timeline that were moved.' })
  entries!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: 'When it was undone; null while it is in force.',
  })
  undoneAt!: Date | null;

  @Field(() => String, { nullable: true, simple: true, description: 'Who undid it.' })
  undoneBy!: string | null;
}

/** The merge as the API shows it. */
export function mergeTypeOf({ atMs, undoneAtMs, ...row }: MergeRow): ContactMergeType {
  return { ...row, at: new Date(atMs), undoneAt: undoneAtMs === null ? null : new Date(undoneAtMs) };
}

@InputType({ description: 'Two contacts that are one person.' })
export class MergeContactsInput {
  @Field(() => ContactKey, { description: 'The contact that stays. NOT_FOUND when there is none.' })
  into!: ContactKey;

  @Field(() => ContactKey, {
    description:
      'The contact that becomes part of it, with its timeline and all its keys. NOT_FOUND when there is none.',
  })
  from!: ContactKey;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which merge is to be undone: give exactly one of the first two fields.' })
export class UnmergeContactInput {
  @Field(() => ID, { nullable: true, description: 'Id of the merge, from Contact.merges.' })
  mergeId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of the contact that became part of the other one.' })
  contactId?: string | null;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A visitor who has told who they are.' })
export class IdentifyContactInput {
  @Field(() => String, {
    description: 'The id under which the visitor was recorded so far, such as that of a browser.',
  })
  anonymousId!: string;

  @Field(() => ContactKey, { description: 'Who it is; one unknown by email or externalId is created.' })
  contact!: ContactKey;

  @Field(() => String, { nullable: true, description: IDEMPOTENCY_KEY })
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The contact that two have become.' })
export class MergeContactsPayload extends ContactPayload {
  @Field(() => ContactMergeType, { simple: true, description: 'The merge, also when it was there before.' })
  merge!: ContactMergeType;
}

@ObjectType({ description: 'The contact that stands by itself again.' })
export class UnmergeContactPayload extends ContactPayload {
  @Field(() => ContactMergeType, { simple: true, description: 'The merge that was undone.' })
  merge!: ContactMergeType;
}

@ObjectType({ description: 'The contact that the visitor is.' })
export class IdentifyContactPayload extends ContactPayload {
  @Field(() => Boolean, {
    simple: true,
    description: 'True when the anonymousId was new to the contact; false when it led there already.',
  })
  identified!: boolean;
}

/** What a merge would lead to. */
@ObjectType('MergePreview', { description: 'What a merge would lead to; nothing was written.' })
export class MergePreviewType {
  @Field(() => ContactType, { simple: true, description: 'The contact that would stay, as it is.' })
  into!: ContactType;

  @Field(() => ContactType, {
    simple: true,
    description: 'The contact that would become part of it, as it is.',
  })
  from!: ContactType;

  @Field(() => Int, { simple: true, description: 'Entries of the united timeline.' })
  entries!: number;

  @Field(() => JsonScalar, {
    simple: true,
    description:
      'The attributes that the contact would have, standard and custom, as a JSON object: of each the latest value.',
  })
  profile!: Record<string, unknown>;

  @Field(() => [String], { simple: true, description: 'Keys of the lists that the contact would be on.' })
  lists!: string[];

  @Field(() => [ContactScoreType], {
    simple: true,
    description:
      'The scores that the contact would have on every active model, the primary one first. Ask them for total, stage, dimensions and explanation; `history` and `at` are about the contact as it is.',
  })
  scores!: ContactScoreType[];
}
