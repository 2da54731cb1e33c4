import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { TombstoneRow } from '../../identity/identity-reading.js';
import { ERASED_IDENTITIES_DAYS } from '../../store/erased-identities.js';
import { ContactKey } from '../ingest/ingest-inputs.js';
import { DateTimeScalar } from '../scalars.js';
import { CURSOR, IDEMPOTENCY_KEY } from './contact-payload.js';

@InputType({ description: 'A person who is to be erased for good.' })
export class DeleteContactInput {
  @Field(() => ContactKey, { description: 'Who. NOT_FOUND when there is no such contact.' })
  contact!: ContactKey;

  @Field(() => String, {
    nullable: true,
    description:
      'Why, such as the number of a request. It is kept: BAD_USER_INPUT when it names the person. At most 2,048 characters.',
  })
  reason?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: `Refuse everything that names the person by one of their keys for ${ERASED_IDENTITIES_DAYS} days (CONFLICT), so that a retry or an import does not bring them back. Keyed hashes are kept for that, no keys.`,
  })
  refuseReturn?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: `${IDEMPOTENCY_KEY} It is kept and must not name the person.`,
  })
  idempotencyKey?: string | null;
}

/** What remains of a person who was erased. */
@ObjectType('ErasedContact', { description: 'What remains of a person who was erased: nothing personal.' })
export class ErasedContactType {
  @Field(() => ID, { simple: true, description: 'The id that the contact had; it stays in the change feed.' })
  id!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was erased.' })
  at!: Date;

  @Field(() => String, {
    simple: true,
    description: 'Who erased it: name of the key, or subject of the token.',
  })
  by!: string;

  @Field(() => String, { nullable: true, simple: true, description: 'Why.' })
  reason!: string | null;
}

@ObjectType({ description: 'What remains after an erasure.' })
export class DeleteContactPayload {
  @Field(() => ErasedContactType, { simple: true, description: 'The tombstone.' })
  erased!: ErasedContactType;

  @Field(() => String, { nullable: true, simple: true, description: CURSOR })
  cursor!: string | null;
}

/** The tombstone as the API shows it. */
export function erasedContactOf({ atMs, ...row }: TombstoneRow): ErasedContactType {
  return { ...row, at: new Date(atMs) };
}
