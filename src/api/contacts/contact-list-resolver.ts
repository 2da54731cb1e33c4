import { Arg, Args, Ctx, FieldResolver, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { requireRole } from '../../access/require-role.js';
import { ROLES_THAT_MAY } from '../../access/roles.js';
import { readContactList, readContactLists } from '../../contacts/contact-lists.js';
import { tenantRead } from '../../store/tenant-scope.js';
import type { ApiContext } from '../context.js';
import { checkTexts } from '../input-check.js';
import { checkPage, connectionOf, createConnectionClass, ForwardPageArgs, PageArgs } from '../pagination.js';
import { RawArg } from '../raw-arg.js';
import { ContactConnection } from './contact-connection.js';
import { ContactOrderInput } from './contact-filter-input.js';
import { ContactListType, contactListOf } from './contact-list-type.js';
import { contactPage } from './contact-page.js';

const KEY_CHARS_MAX = 256;
const ROLES = 'Roles: ADMIN, MARKETER, SALES, VIEWER.';

/** A page of lists. */
@ObjectType('ContactListConnection', { description: 'A page of lists.' })
export class ContactListConnection extends createConnectionClass('ContactList', () => ContactListType) {}

/** Static lists: which there are, and who is on them. */
@Resolver(() => ContactListType)
export class ContactListResolver {
  @Query(() => ContactListConnection, { description: `Lists by key. ${ROLES}` })
  async contactLists(
    @Ctx() { viewer, services }: ApiContext,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('text', () => String, { nullable: true, description: 'What the key contains, whatever the case.' })
    text?: string | null,
  ): Promise<ContactListConnection> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    checkTexts({ text }, KEY_CHARS_MAX);
    const request = checkPage(args);
    const afterKey = request.after === null ? null : keyOf(request.after);
    const rows = await tenantRead(services.db, viewer.tenantId, (client) =>
      readContactLists(client, viewer.tenantId, afterKey, text ?? null, request.count + 1),
    );
    const edges = rows
      .slice(0, request.count)
      .map((row) => ({ cursor: Buffer.from(row.key).toString('base64url'), node: contactListOf(row) }));
    return connectionOf(edges, request, rows.length > request.count);
  }

  @Query(() => ContactListType, {
    nullable: true,
    description: `The list of a key; null when there is none. ${ROLES}`,
  })
  async contactList(
    @Ctx() { viewer, services }: ApiContext,
    @Arg('key', () => String, { description: 'Its key.' }) key: string,
  ): Promise<ContactListType | null> {
    requireRole(viewer, ...ROLES_THAT_MAY.readContacts);
    checkTexts({ key }, KEY_CHARS_MAX);
    const row = await tenantRead(services.db, viewer.tenantId, (client) =>
      readContactList(client, viewer.tenantId, key.trim()),
    );
    return row && contactListOf(row);
  }

  @FieldResolver(() => ContactConnection, {
    description: 'The contacts that are on it now, in pages like those of `contacts`.',
  })
  contacts(
    @Root() { key }: ContactListType,
    @Ctx() context: ApiContext,
    @Args(() => PageArgs) args: PageArgs,
    @RawArg('orderBy', () => ContactOrderInput, 'In which order; the highest score first, when absent.', {
      nullable: true,
    })
    order: ContactOrderInput | null | undefined,
  ): Promise<ContactConnection> {
    return contactPage(context, args, { list: key }, order);
  }
}

/** A cursor is the key that it stands for: any text is some place in the order. */
function keyOf(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '');
}
