import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Info, Query, Resolver } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { badInput } from '../../errors.js';
import type { ContactFilter as ContactFilterParts } from '../../store/contact-filter.js';
import { asksFor } from '../asks-for.js';
import type { ApiContext } from '../context.js';
import { ContactKey } from '../ingest/ingest-inputs.js';
import { contactKeyOf } from '../ingest/ingest-items.js';
import { PageArgs } from '../pagination.js';
import { RawArg } from '../raw-arg.js';
import { ContactConnection } from './contact-connection.js';
import { ContactFilter, ContactOrderInput } from './contact-filter-input.js';
import { contactPage } from './contact-page.js';
import { ContactType } from './contact-type.js';

/** Keys of one contactsByKey at most. */
const KEYS_MAX = 200;
const ROLES = 'Roles: ADMIN, MARKETER, SALES, VIEWER.';

/** Contacts: one, some by key, and lists of them. */
@Resolver()
export class ContactResolver {
  @Query(() => ContactType, {
    nullable: true,
    description: `The contact that a key leads to; null when there is none. A key of a contact that was merged leads to the one it became part of. ${ROLES}`,
  })
  async contact(
    @Ctx() context: ApiContext,
    @RawArg('key', () => ContactKey, 'Exactly one key.') key: ContactKey,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ContactType | null> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readContacts);
    const { loaders } = context;
    const id = await loaders.contactIdByKey.load(contactKeyOf(key));
    if (id === null) return null;
    if (asksFor(info, 'scores') && !(await loaders.contactWithScores.load(id))) return null;
    return loaders.contactById.load(id);
  }

  @Query(() => [ContactType], {
    nullable: 'items',
    description: `The contacts that keys lead to, in the order of the keys; null where there is none. ${ROLES}`,
  })
  async contactsByKey(
    @Ctx() context: ApiContext,
    @RawArg('keys', () => [ContactKey], `The keys, at most ${KEYS_MAX}.`) keys: ContactKey[],
  ): Promise<(ContactType | null)[]> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readContacts);
    if (keys.length > KEYS_MAX) throw badInput([{ path: 'keys', message: `Give at most ${KEYS_MAX} keys.` }]);
    return Promise.all(keys.map((key) => findByKey(context, key)));
  }

  @Query(() => ContactConnection, {
    description: `Contacts in pages that stay stable while scores move: a contact whose score stands still appears exactly once. BAD_USER_INPUT names the path of each fault. ${ROLES}`,
  })
  async contacts(
    @Ctx() context: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @RawArg('filter', () => ContactFilter, 'Which contacts; all, when absent.', { nullable: true })
    filter: ContactFilterParts | null | undefined,
    @RawArg('orderBy', () => ContactOrderInput, 'In which order; the highest score first, when absent.', {
      nullable: true,
    })
    order: ContactOrderInput | null | undefined,
  ): Promise<ContactConnection> {
    requireRole(context.viewer, ...ROLES_THAT_MAY.readContacts);
    return contactPage(context, args, filter ?? {}, order);
  }
}

async function findByKey({ loaders }: ApiContext, key: ContactKey): Promise<ContactType | null> {
  const id = await loaders.contactIdByKey.load(contactKeyOf(key));
  return id === null ? null : loaders.contactById.load(id);
}
