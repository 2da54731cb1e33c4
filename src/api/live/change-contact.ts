import { followMerges } from '../../contacts/contact-lookup.js';
import { type ContactType, contactOfRow } from '../contacts/contact-type.js';
import type { ApiContext } from '../context.js';

/** The contact that a change is about as it stands now, or the one it was merged into; null once it was erased. */
export async function contactOfChange(
  { loaders }: ApiContext,
  contactId: string,
): Promise<ContactType | null> {
  const row = await followMerges(contactId, (id) => loaders.contactRowById.load(id));
  return row && contactOfRow(row);
}
