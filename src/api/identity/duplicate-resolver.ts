import { Args, Ctx, Field, Float, ObjectType, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { decodeDuplicateCursor, encodeDuplicateCursor } from '../../identity/find-duplicates.js';
import type { DuplicateReason } from '../../store/duplicate-keys.js';
import { ContactType, contactOf } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';
import { checkPage, createConnectionClass, ForwardPageArgs } from '../pagination.js';
import { DuplicateReasonEnum } from './duplicate-reason-enum.js';

/** Contacts that are likely the same person. */
@ObjectType('DuplicateContacts', { description: 'Contacts that are likely the same person.' })
export class DuplicateContactsType {
  @Field(() => DuplicateReasonEnum, { simple: true, description: 'Why.' })
  reason!: DuplicateReason;

  @Field(() => Float, { simple: true, description: 'How likely it is, from 0 to 1.' })
  confidence!: number;

  @Field(() => [ContactType], {
    simple: true,
    description: 'The contacts, the oldest first; 2 to 10 of them.',
  })
  contacts!: ContactType[];
}

@ObjectType('DuplicateContactsConnection', {
  description:
    'A page of likely duplicates. A page may end before it is full; `hasNextPage` says whether there may be more.',
})
export class DuplicateContactsConnection extends createConnectionClass(
  'DuplicateContacts',
  () => DuplicateContactsType,
) {}

/** Suggests what to merge. */
@Resolver()
export class DuplicateResolver {
  @Query(() => DuplicateContactsConnection, {
    description:
      'Contacts that are likely the same person, to be looked at and merged with mergeContacts. Each page looks at 100,000 contacts at most. Roles: ADMIN, MARKETER.',
  })
  async duplicateContacts(
    @Ctx() { viewer, services }: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
  ): Promise<DuplicateContactsConnection> {
    requireRole(viewer, ...ROLES_THAT_MAY.correctContacts);
    const { count, after } = checkPage(args);
    const place = after === null ? null : decodeDuplicateCursor(after);
    const { groups, next } = await services.identity.duplicates(viewer.tenantId, count, place);
    const edges = groups.map(({ reason, confidence, contactIds, place: at }) => ({
      cursor: encodeDuplicateCursor(at),
      node: { reason, confidence, contacts: contactIds.map(contactOf) },
    }));
    return {
      nodes: edges.map(({ node }) => node),
      edges,
      pageInfo: {
        hasNextPage: next !== null,
        hasPreviousPage: after !== null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: next === null ? (edges.at(-1)?.cursor ?? null) : encodeDuplicateCursor(next),
      },
    };
  }
}
