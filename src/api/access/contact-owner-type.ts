import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { ContactType } from '../contacts/contact-type.js';
import { ContactKey } from '../ingest/ingest-inputs.js';

@InputType({ description: 'Who owns a contact.' })
export class SetContactOwnerInput {
  @Field(() => ContactKey, { description: 'The contact; here one that is unknown is NOT_FOUND.' })
  contact!: ContactKey;

  @Field(() => ID, {
    nullable: true,
    description: 'An active sales representative; nobody, when absent or null.',
  })
  ownerId?: string | null;
}

@ObjectType({ description: 'The contact with its new owner.' })
export class SetContactOwnerPayload {
  @Field(() => ContactType, { simple: true, description: 'The contact.' })
  contact!: ContactType;
}
