import { Field, Int, ObjectType } from 'type-graphql';
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

  /** Counts when asked. */
  count!: () => Promise<number>;

  @Field(() => Int, {
    nullable: true,
    description:
      'How many contacts the filter holds for, on all pages. Counted only when asked for, which takes longer than a page does.',
  })
  totalCount(): Promise<number> {
    return this.count();
  }
}
