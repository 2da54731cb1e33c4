import { uuidv7 } from 'uuidv7';
import { LeadpulseError } from '../../errors.js';
import { Flight, type FlightStatement } from '../flight.js';
import { IDENTITY_KIND_CODES } from '../identity.js';
import { emptyContact } from './derive-contact.js';
import { standingIds } from './lock-standing.js';
import type { Rewrite } from './rewrite.js';
import { derivedWrites, rewriteContact } from './rewrite-contact.js';

/** Entries of a timeline that one merge, or its undoing, moves at most: about two seconds under the contacts' locks. */
export const MERGE_ENTRIES_MAX = 50_000;
/** Contacts that may stand behind one. */
export const MERGED_CONTACTS_MAX = 1_000;

/** Which contacts are to become one. */
export interface MergeWish {
  /** The one that stays. */
  intoId: string;
  /** Those that become part of it. */
  fromIds: readonly string[];
  /** Refuse contacts that anything but an anonymousId leads to: they are people of their own. */
  anonymousOnly?: boolean;
}

/** A merge that was made, or was there before. */
export interface Merged {
  /** Null when both were one contact all along. */
  mergeId: string | null;
  contactId: string;
}

/**
 * Makes contacts one: their timelines are united under the one that stays, each entry keeping the contact it was recorded
 * for, and all their keys lead to it. Contacts that have become one already are left as they are.
 * @returns the last of the merges.
 * @throws LeadpulseError NOT_FOUND; TOO_COMPLEX over `MERGE_ENTRIES_MAX` or `MERGED_CONTACTS_MAX`; CONFLICT by `anonymousOnly`.
 *   RewriteOutpaced.
 */
export async function mergeContacts(rewrite: Rewrite, wish: MergeWish): Promise<Merged> {
  const standing = await standingIds(rewrite, [wish.intoId, ...wish.fromIds]);
  const intoId = standing.get(wish.intoId) ?? wish.intoId;
  const fromIds = [...new Set(wish.fromIds.map((id) => standing.get(id) ?? id))].filter(
    (id) => id !== intoId,
  );
  if (fromIds.length === 0) return { mergeId: await earlierMerge(rewrite, wish), contactId: intoId };
  await rewrite.lock([intoId, ...fromIds]);
  await checkFamily(rewrite, [intoId, ...fromIds]);
  let mergeId: string | null = null;
  for (const fromId of fromIds) {
    if (wish.anonymousOnly) await checkAnonymous(rewrite, fromId);
    mergeId = await mergeOne(rewrite, intoId, fromId);
  }
  await rewriteContact(rewrite, intoId, 'MERGE');
  rewrite.repointsIdentities = true;
  return { mergeId, contactId: intoId };
}

/** The latest merge that made one of the contacts part of another, when they are named by their own ids. */
async function earlierMerge(
  { client, tenantId }: Rewrite,
  { intoId, fromIds }: MergeWish,
): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM contact_merges WHERE tenant_id = $1 AND from_id = ANY ($2::uuid[]) AND undone_at IS NULL
     ORDER BY id DESC LIMIT 1`,
    [tenantId, [intoId, ...fromIds]],
  );
  return rows[0]?.id ?? null;
}

async function checkFamily({ client, tenantId }: Rewrite, ids: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ merged: number }>(
    'SELECT count(*)::int AS merged FROM contacts WHERE tenant_id = $1 AND merged_into = ANY ($2::uuid[])',
    [tenantId, ids],
  );
  if ((rows[0]?.merged ?? 0) + ids.length - 1 <= MERGED_CONTACTS_MAX) return;
  throw new LeadpulseError(
    'TOO_COMPLEX',
    `More than ${MERGED_CONTACTS_MAX} contacts would become one. Something gives many people the same key; find out what before you merge on.`,
  );
}

async function checkAnonymous({ client, tenantId }: Rewrite, contactId: string): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM contact_identities WHERE tenant_id = $1 AND contact_id = $2 AND kind <> $3 LIMIT 1',
    [tenantId, contactId, IDENTITY_KIND_CODES.anonymousId],
  );
  if (rowCount === 0) return;
  throw new LeadpulseError(
    'CONFLICT',
    `The anonymousId belongs to another known contact, ${contactId}. If both are one person, merge them with mergeContacts.`,
  );
}

/** Moves everything of one contact to another, but for profile, lists and scores, which are made anew. */
async function mergeOne(rewrite: Rewrite, intoId: string, fromId: string): Promise<string> {
  const { client, tenantId, by, nowMs } = rewrite;
  const entries = await countEntries(rewrite, fromId);
  const id = uuidv7();
  const flight = new Flight();
  const taken = flight.add<{ taken: boolean }>(takeOwner(tenantId, intoId, fromId));
  for (const table of MOVED_TABLES) flight.add(moveRows(table, tenantId, intoId, fromId));
  flight.add({
    name: 'merge_scores_go',
    text: 'DELETE FROM contact_scores WHERE tenant_id = $1 AND contact_id = $2',
    values: [tenantId, fromId],
  });
  flight.add({
    name: 'merge_stand_for',
    text: `UPDATE contacts SET merged_into = $2 WHERE tenant_id = $1 AND (id = $3 OR merged_into = $3)`,
    values: [tenantId, intoId, fromId],
  });
  // What its timeline no longer says: nobody is found by it, and no copy of it stays.
  for (const write of derivedWrites(tenantId, fromId, emptyContact())) flight.add(write);
  await flight.send(client);
  await client.query(
    `INSERT INTO contact_merges (tenant_id, id, into_id, from_id, merged_by, merged_at, entries, owner_taken)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7, $8)`,
    [tenantId, id, intoId, fromId, by, nowMs, entries, taken().rows.length > 0],
  );
  return id;
}

/** Tables whose rows say to whom they belong, and to whom they did first. */
export const MOVED_TABLES = ['timeline', 'contact_identities', 'timeline_corrections'] as const;

function moveRows(
  table: (typeof MOVED_TABLES)[number],
  tenantId: string,
  intoId: string,
  fromId: string,
): FlightStatement {
  return {
    name: `merge_${table}`,
    text: `UPDATE ${table} SET contact_id = $2, origin_id = coalesce(origin_id, contact_id)
      WHERE tenant_id = $1 AND contact_id = $3`,
    values: [tenantId, intoId, fromId],
  };
}

/** A contact without an owner gets the other one's. */
function takeOwner(tenantId: string, intoId: string, fromId: string): FlightStatement {
  return {
    name: 'merge_owner',
    text: `UPDATE contacts c SET owner_id = f.owner_id FROM contacts f
      WHERE c.tenant_id = $1 AND c.id = $2 AND c.owner_id IS NULL
        AND f.tenant_id = $1 AND f.id = $3 AND f.owner_id IS NOT NULL
      RETURNING true AS taken`,
    values: [tenantId, intoId, fromId],
  };
}

/** @throws LeadpulseError TOO_COMPLEX when there are more than may be moved. */
async function countEntries({ client, tenantId }: Rewrite, contactId: string): Promise<number> {
  const { rows } = await client.query<{ entries: number }>(
    `SELECT count(*)::int AS entries FROM (SELECT 1 FROM timeline WHERE tenant_id = $1 AND contact_id = $2
     LIMIT ${MERGE_ENTRIES_MAX + 1}) AS found`,
    [tenantId, contactId],
  );
  const entries = rows[0]?.entries ?? 0;
  if (entries > MERGE_ENTRIES_MAX) throw tooManyEntries(contactId);
  return entries;
}

/** The fault of a timeline that is too long to be moved. */
export function tooManyEntries(contactId: string): LeadpulseError {
  return new LeadpulseError(
    'TOO_COMPLEX',
    `The timeline of contact ${contactId} has more than ${MERGE_ENTRIES_MAX} entries, the most that are moved at once. Merge the other way round, into the contact with the long timeline.`,
  );
}
