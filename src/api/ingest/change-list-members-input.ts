import { Field, InputType } from 'type-graphql';
import type { ContactFilter as ContactFilterParts } from '../../store/contact-filter.js';
import { ContactFilter } from '../contacts/contact-filter-input.js';
import { DateTimeScalar } from '../scalars.js';
import { ContactKey } from './ingest-inputs.js';

@InputType({ description: 'Who joins and who leaves a list. Lists are named by key and made on first use.' })
export class ChangeListMembersInput {
  @Field(() => String, { description: 'Key of the list, at most 256 bytes.' })
  list!: string;

  @Field(() => [ContactKey], {
    nullable: true,
    description:
      'Contacts that join; with `remove` at most 10,000. Those unknown by email, externalId or anonymousId are created.',
  })
  add?: ContactKey[] | null;

  @Field(() => [ContactKey], { nullable: true, description: 'Contacts that leave.' })
  remove?: ContactKey[] | null;

  @Field(() => ContactFilter, {
    nullable: true,
    description:
      'All contacts that it holds for join as well; TOO_COMPLEX for more than 50,000, for which there is bulkUpdateContacts.',
  })
  filter?: ContactFilterParts | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'When they joined or left: now when absent, any instant from 1970 on; more than 5 minutes ahead is refused.',
  })
  occurredAt?: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'At most 256 bytes. The same key and content again is answered as before and changes nothing; with other content it is IDEMPOTENCY_MISMATCH.',
  })
  idempotencyKey?: string | null;
}
