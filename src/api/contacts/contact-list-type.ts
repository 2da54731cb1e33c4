import { Ctx, Field, ID, Int, ObjectType } from 'type-graphql';
import type { ContactListRow } from '../../contacts/contact-relations.js';
import type { ApiContext } from '../context.js';
import { DateTimeScalar } from '../scalars.js';

/** A list that contacts join and leave. */
@ObjectType('ContactList', { description: 'A list that contacts join and leave; made on first use.' })
export class ContactListType {
  @Field(() => ID, { simple: true, description: 'Id of the list.' })
  id!: string;

  @Field(() => String, {
    simple: true,
    description: 'Its key, by which mutations, filters and rules name it.',
  })
  key!: string;

  @Field(() => DateTimeScalar, { simple: true, description: 'When it was first used.' })
  createdAt!: Date;

  @Field(() => Int, { description: 'How many contacts are on it now; counted when asked for.' })
  memberCount(@Ctx() { loaders }: ApiContext): Promise<number> {
    return loaders.memberCountOfList.load(this.id);
  }
}

/** The list as the API shows it. */
export function contactListOf(row: ContactListRow): ContactListType {
  const { id, key, createdAtMs } = row;
  return Object.assign(new ContactListType(), { id, key, createdAt: new Date(createdAtMs) });
}
