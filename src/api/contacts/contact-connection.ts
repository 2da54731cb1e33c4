import { Field, Int, ObjectType } from 'type-graphql';
import type { ContactCount } from '../../contacts/count-contacts.js';
import { createConnectionClass } from '../pagination.js';
import { ContactType } from './contact-type.js';

/** A page of contacts. */
@ObjectType('ContactConnection', { description: 'A page of contacts.' })
export class ContactConnection extends createConnectionClass('Contact', () => ContactType) {
  @Field(() => String, {
    simple: true,
    description:
      'Where the change feed stood before the page was read: subscribe with it as `after`, and no change falls between the page and the subscription.',
  })
  feedCursor!: string;

  /** Counts when asked, once. */
  count!: () => Promise<ContactCount>;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many contacts the filter holds for, on all pages. Counted only when asked for, for 2 seconds at most; from then on it is an estimate, and totalCountIsExact says so.',
  })
  async totalCount(): Promise<number> {
    return (await this.count()).count;
  }

  @Field(() => Boolean, {
    description: 'False when counting would have taken too long, so that totalCount is an estimate.',
  })
  async totalCountIsExact(): Promise<boolean> {
    return (await this.count()).exact;
  }
}
