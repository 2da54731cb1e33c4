import type { ContactPage, PageEntry } from '../../contacts/contact-pages.js';
import { encodeCursor } from '../../feed/cursor.js';
import type { ContactFilter } from '../../store/contact-filter.js';
import type { ApiContext } from '../context.js';
import type { Loaders } from '../loaders.js';
import { once } from '../once.js';
import { checkPage, connectionOf, type PageArgs } from '../pagination.js';
import { ContactConnection } from './contact-connection.js';
import type { ContactOrderInput } from './contact-filter-input.js';
import { type ContactType, contactOfRow } from './contact-type.js';

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
  loaders.knowActiveModels(page.active);
  const edges = page.entries.map((entry) => ({ cursor: entry.cursor, node: nodeOf(entry, page, loaders) }));
  const scope = { installationId: services.db.installationId, tenantId };
  return Object.assign(new ContactConnection(), connectionOf(edges, request, page.hasMore), {
    feedCursor: encodeCursor(scope, page.feedPosition),
    count: once(() => services.contacts.count(tenantId, filter)),
  });
}

/** A contact of the page; what was read of it is not read again below it. */
function nodeOf({ row, score }: PageEntry, { model }: ContactPage, loaders: Loaders): ContactType {
  if (model && score && model.primary) return contactOfRow(row, { row: score, model });
  if (model && score !== undefined)
    loaders.scoreRow.prime({ contactId: row.id, modelId: model.modelId }, score);
  return contactOfRow(row);
}
