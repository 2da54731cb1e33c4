import type pg from 'pg';
import { matchContacts } from '../contacts/match-contacts.js';
import type { SavedFilters } from '../contacts/saved-filter.js';
import type { ActiveModels } from '../store/model-registry.js';
import type { SegmentRow } from './segment-row.js';

/** What members are gathered with: a transaction that holds the tenant's row of `segment_feeds`. */
export interface GatherScope {
  client: pg.ClientBase;
  tenantId: string;
  active: ActiveModels;
  collation: string;
  /** All segments of the tenant. */
  saved: SavedFilters;
}

/** Somebody came or went. */
export interface MemberMove {
  segmentId: string;
  contactId: string;
  entered: boolean;
  /** Whether it makes an event: not while a segment is filled for the first time, nor when it was deleted. */
  told: boolean;
}

/**
 * Compares who belongs to segments with who is noted as a member, for some contacts, and notes the difference. A contact
 * that is gone or was merged into another belongs to none.
 * @param segments those to judge by; members of others stay as they are, those of deleted ones are removed.
 */
export async function gatherMembers(
  scope: GatherScope,
  segments: readonly SegmentRow[],
  contactIds: readonly string[],
): Promise<MemberMove[]> {
  const { client, tenantId, active, collation, saved } = scope;
  const filters = segments.map((segment) => segment.filter);
  const [matches, stored] = await Promise.all([
    matchContacts(client, tenantId, filters, { active, collation, segments: saved }, contactIds),
    readMembers(client, tenantId, contactIds),
  ]);
  const moves = contactIds.flatMap((contactId) => {
    const flags = matches.get(contactId);
    const members = stored.get(contactId) ?? new Set<string>();
    const judged = segments.flatMap((segment, index): MemberMove[] => {
      const entered = flags?.[index] === true;
      if (entered === members.has(segment.id)) return [];
      return [{ segmentId: segment.id, contactId, entered, told: segment.filled }];
    });
    const deleted = [...members].filter((segmentId) => !saved.has(segmentId));
    return [
      ...judged,
      ...deleted.map((segmentId) => ({ segmentId, contactId, entered: false, told: false })),
    ];
  });
  await writeMembers(client, tenantId, moves);
  return moves;
}

async function readMembers(
  client: pg.ClientBase,
  tenantId: string,
  contactIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const { rows } = await client.query<{ contact_id: string; segment_ids: string[] }>({
    name: 'segment_members',
    text: `SELECT contact_id, array_agg(segment_id::text) AS segment_ids FROM segment_members
      WHERE tenant_id = $1 AND contact_id = ANY($2::uuid[]) GROUP BY contact_id`,
    values: [tenantId, contactIds],
  });
  return new Map(rows.map((row) => [row.contact_id, new Set(row.segment_ids)]));
}

async function writeMembers(
  client: pg.ClientBase,
  tenantId: string,
  moves: readonly MemberMove[],
): Promise<void> {
  const columns = (part: MemberMove[]) => [
    tenantId,
    part.map((move) => move.contactId),
    part.map((move) => move.segmentId),
  ];
  const entered = moves.filter((move) => move.entered);
  const left = moves.filter((move) => !move.entered);
  if (entered.length > 0) {
    await client.query({
      name: 'insert_segment_members',
      text: `INSERT INTO segment_members (tenant_id, contact_id, segment_id)
        SELECT $1, m.contact_id, m.segment_id FROM unnest($2::uuid[], $3::uuid[]) AS m(contact_id, segment_id)
        ON CONFLICT DO NOTHING`,
      values: columns(entered),
    });
  }
  if (left.length > 0) {
    await client.query({
      name: 'delete_segment_members',
      text: `DELETE FROM segment_members s USING unnest($2::uuid[], $3::uuid[]) AS m(contact_id, segment_id)
        WHERE s.tenant_id = $1 AND s.contact_id = m.contact_id AND s.segment_id = m.segment_id`,
      values: columns(left),
    });
  }
}
