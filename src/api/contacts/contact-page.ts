import { encodeCursor } from '../../feed/cursor.js';
import type { ContactFilter } from '../../store/contact-filter.js';
import type { ApiContext } from '../context.js';
import { checkPage, connectionOf, type PageArgs } from '../pagination.js';
import { ContactConnection } from './contact-connection.js';
import type { ContactOrderInput } from './contact-filter-input.js';
import { contactOfRow } from './contact-type.js';

/**
 * A page of the contacts that a filter holds for. Asked only below fields that have checked the role.
 * @param orderBy the highest score first, when absent.
 */
export async function contactPage(
  { services, viewer, loaders }: ApiContext,
  args: PageArgs,
  filter: ContactFilter,
  orderBy: ContactOrderInput | null | undefined,
): Promise<ContactConnection> {
  const { tenantId } = viewer;
  const request = checkPage(args);
  const order = orderBy && { ...orderBy, direction: orderBy.direction ?? 'DESC' };
  const page = await services.contacts.page(tenantId, { ...request, filter, order });
  for (const { row } of page.entries) loaders.contactRowById.prime(row.id, row);
  const edges = page.entries.map(({ cursor, row }) => ({ cursor, node: contactOfRow(row) }));
  const scope = { installationId: services.db.installationId, tenantId };
  return Object.assign(new ContactConnection(), connectionOf(edges, request, page.hasMore), {
    feedCursor: encodeCursor(scope, page.feedPosition),
    count: once(() => services.contacts.count(tenantId, filter)),
  });
}

/** Two fields of one answer share the counting. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
