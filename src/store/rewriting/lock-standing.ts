import { LeadpulseError } from '../../errors.js';
import { Flight } from '../flight.js';
import { readStandingIds, type StandingRow } from '../standing-contacts.js';
import { type Rewrite, RewriteOutpaced } from './rewrite.js';

/**
 * Who stands for each contact now.
 * @throws LeadpulseError NOT_FOUND.
 */
export async function standingIds(
  { client, tenantId }: Rewrite,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const flight = new Flight();
  const read = flight.add<StandingRow>(readStandingIds(tenantId, ids));
  await flight.send(client);
  const standing = new Map(read().rows.map((row) => [row.asked, row.id]));
  const missing = ids.find((id) => !standing.has(id));
  if (missing !== undefined) throw new LeadpulseError('NOT_FOUND', `There is no contact with id ${missing}.`);
  return standing;
}

/**
 * Locks the contact that stands for one that may have been merged.
 * @returns its id.
 * @throws LeadpulseError NOT_FOUND. RewriteOutpaced when another one stands for it once the lock is there.
 */
export async function lockStanding(rewrite: Rewrite, contactId: string): Promise<string> {
  const rootId = (await standingIds(rewrite, [contactId])).get(contactId) ?? contactId;
  await rewrite.lock([rootId]);
  const standing = await standingIds(rewrite, [contactId]);
  if (standing.get(contactId) !== rootId) throw new RewriteOutpaced('a merge was undone meanwhile');
  return rootId;
}
