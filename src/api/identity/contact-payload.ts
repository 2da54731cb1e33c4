import { Ctx, Field, ObjectType } from 'type-graphql';
import { ContactType } from '../contacts/contact-type.js';
import { ContactScoreType } from '../contacts/score-type.js';
import type { ApiContext } from '../context.js';

export const IDEMPOTENCY_KEY =
  'At most 256 bytes. The same key and content again is answered as before and changes nothing; with other content it is IDEMPOTENCY_MISMATCH.';
export const CURSOR = 'Position of the changes it made in the change feed; null when no score changed.';

/** What payloads about one contact share. */
@ObjectType()
export abstract class ContactPayload {
  @Field(() => ContactType, { simple: true, description: 'The contact as it stands now.' })
  contact!: ContactType;

  @Field(() => String, { nullable: true, simple: true, description: CURSOR })
  cursor!: string | null;

  @Field(() => [ContactScoreType], {
    description: 'Its scores now on every active model, the primary one first.',
  })
  scores(@Ctx() context: ApiContext): Promise<ContactScoreType[]> {
    return this.contact.scores(context);
  }
}
