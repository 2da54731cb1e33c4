import { LeadpulseError } from '../../errors.js';
import { arrayLiteral } from '../column-arrays.js';
import { Flight, type FlightStatement } from '../flight.js';
import { lockStanding } from './lock-standing.js';
import { MERGE_ENTRIES_MAX, type Merged, MOVED_TABLES, tooManyEntries } from './merge-contacts.js';
import { type Rewrite, RewriteOutpaced } from './rewrite.js';
import { rewriteContact } from './rewrite-contact.js';

interface MergeDbRow {
  id: string;
  into_id: string;
  from_id: string;
  owner_taken: boolean;
  undone_at: number | null;
}

/** Which merge is to be undone: by its own id, or by that of the contact that went. */
export type UnmergeWish = { mergeId: string } | { fromId: string };

/**
 * Undoes a merge. What was recorded for the contact that went, or for one that had become part of it before, goes back to it;
 * what was recorded after the merge stays. It does not matter what was merged since: each entry knows whom it was recorded for.
 * @returns the merge, and the contact that stands by itself again.
 * @throws LeadpulseError NOT_FOUND; CONFLICT when it is undone already; TOO_COMPLEX over `MERGE_ENTRIES_MAX`. RewriteOutpaced.
 */
export async function unmergeContact(rewrite: Rewrite, wish: UnmergeWish): Promise<Merged> {
  const merge = await findMerge(rewrite, wish);
  const fromId = merge.from_id;
  const rootId = await lockStanding(rewrite, merge.into_id);
  const family = await readFamily(rewrite, fromId);
  await markUndone(rewrite, merge.id);
  await checkEntries(rewrite, rootId, family);
  const { client, tenantId } = rewrite;
  const flight = new Flight();
  for (const table of MOVED_TABLES) flight.add(moveBack(table, tenantId, { rootId, fromId, family }));
  flight.add({
    name: 'unmerge_stand',
    text: `UPDATE contacts SET merged_into = nullif($2::uuid, id) WHERE tenant_id = $1 AND id = ANY ($3::uuid[])`,
    values: [tenantId, fromId, arrayLiteral(family)],
  });
  if (merge.owner_taken) flight.add(giveOwnerBack(tenantId, merge.into_id, fromId));
  await flight.send(client);
  await rewriteContact(rewrite, rootId, 'MERGE');
  await rewriteContact(rewrite, fromId, 'MERGE');
  rewrite.repointsIdentities = true;
  return { mergeId: merge.id, contactId: fromId };
}

async function findMerge({ client, tenantId }: Rewrite, wish: UnmergeWish): Promise<MergeDbRow> {
  const isNamed = 'mergeId' in wish;
  const { rows } = await client.query<MergeDbRow>(
    `SELECT id, into_id, from_id, owner_taken, undone_at FROM contact_merges
     WHERE tenant_id = $1 AND ${isNamed ? 'id' : 'from_id'} = $2 ORDER BY id DESC LIMIT 1`,
    [tenantId, isNamed ? wish.mergeId : wish.fromId],
  );
  const merge = rows[0];
  if (!merge) {
    const what = isNamed ? 'merge of this id' : 'merge that made this contact part of another';
    throw new LeadpulseError('NOT_FOUND', `There is no ${what}; Contact.merges lists them.`);
  }
  if (merge.undone_at === null) return merge;
  throw new LeadpulseError(
    'CONFLICT',
    `The merge ${merge.id} was undone at ${new Date(merge.undone_at).toISOString()}; there is nothing left to undo.`,
  );
}

/** The contact and all that had become part of it, by merges that are still in force. */
async function readFamily({ client, tenantId }: Rewrite, contactId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'unmerge_family',
    text: `WITH RECURSIVE family(id) AS (
        SELECT $2::uuid
        UNION SELECT m.from_id FROM family f JOIN contact_merges m
          ON m.tenant_id = $1 AND m.into_id = f.id AND m.undone_at IS NULL)
      SELECT id FROM family`,
    values: [tenantId, contactId],
  });
  return rows.map((row) => row.id);
}

/** @throws RewriteOutpaced when somebody else was quicker. */
async function markUndone({ client, tenantId, by, nowMs }: Rewrite, mergeId: string): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE contact_merges SET undone_by = $3, undone_at = to_timestamp($4::float8 / 1000)
     WHERE tenant_id = $1 AND id = $2 AND undone_at IS NULL`,
    [tenantId, mergeId, by, nowMs],
  );
  if (rowCount !== 1) throw new RewriteOutpaced('the merge was undone meanwhile');
}

async function checkEntries(
  { client, tenantId }: Rewrite,
  rootId: string,
  family: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ entries: number }>(
    `SELECT count(*)::int AS entries FROM (SELECT 1 FROM timeline WHERE tenant_id = $1 AND contact_id = $2
     AND origin_id = ANY ($3::uuid[]) LIMIT ${MERGE_ENTRIES_MAX + 1}) AS found`,
    [tenantId, rootId, family],
  );
  if ((rows[0]?.entries ?? 0) > MERGE_ENTRIES_MAX) throw tooManyEntries(rootId);
}

function moveBack(
  table: (typeof MOVED_TABLES)[number],
  tenantId: string,
  { rootId, fromId, family }: { rootId: string; fromId: string; family: readonly string[] },
): FlightStatement {
  return {
    name: `unmerge_${table}`,
    text: `UPDATE ${table} SET contact_id = $3, origin_id = nullif(origin_id, $3)
      WHERE tenant_id = $1 AND contact_id = $2 AND origin_id = ANY ($4::uuid[])`,
    values: [tenantId, rootId, fromId, arrayLiteral(family)],
  };
}

/** The owner that came with the merge goes with its undoing, unless somebody has set another one since. */
function giveOwnerBack(tenantId: string, intoId: string, fromId: string): FlightStatement {
  return {
    name: 'unmerge_owner',
    text: `UPDATE contacts c SET owner_id = NULL FROM contacts f
      WHERE c.tenant_id = $1 AND c.id = $2 AND f.tenant_id = $1 AND f.id = $3 AND c.owner_id = f.owner_id`,
    values: [tenantId, intoId, fromId],
  };
}
