import { AHEAD_MS_MAX } from '../advance-contact.js';
import type { ChangeCause } from '../change-causes.js';
import { arrayLiteral, joinedTexts } from '../column-arrays.js';
import { columnsOf } from '../contact-profile.js';
import { updateContacts } from '../contact-writes.js';
import { Flight, type FlightStatement } from '../flight.js';
import { readScores } from '../read-scores.js';
import type { SequencedEntry } from '../score-cursor.js';
import { type ScoreDbRow, scoreRowOf } from '../score-row.js';
import { decodeEntry } from '../timeline-codec.js';
import { scoreWrites } from '../write-scores.js';
import { type DerivedContact, deriveEntry, emptyContact } from './derive-contact.js';
import { rescoreContact } from './rescore-contact.js';
import type { Rewrite } from './rewrite.js';

/** Profile and list entries read at a time. */
const PAGE_ROWS_MAX = 2_000;

/**
 * Makes profile, lists and scores of a locked contact anew from its timeline, as this transaction has left it.
 * @param cause of the net change of each score.
 */
export async function rewriteContact(rewrite: Rewrite, contactId: string, cause: ChangeCause): Promise<void> {
  const derived = await deriveContact(rewrite, contactId);
  const flight = new Flight();
  for (const write of derivedWrites(rewrite.tenantId, contactId, derived)) flight.add(write);
  await flight.send(rewrite.client);
  await rewriteScores(rewrite, contactId, cause, null);
}

/**
 * Makes the scores of a locked contact anew from its timeline, as this transaction has left it.
 * @param entry the entry behind the change, if there is one.
 */
export async function rewriteScores(
  rewrite: Rewrite,
  contactId: string,
  cause: ChangeCause,
  entry: SequencedEntry | null,
): Promise<void> {
  const { client, tenantId, active, registry, nowMs } = rewrite;
  const reading = new Flight();
  const read = reading.add<ScoreDbRow>(readScores(tenantId, [contactId]));
  await reading.send(client);
  const stored = read().rows.map(scoreRowOf);
  const scope = { client, tenantId, active, registry, nowMs, replayEntriesMax: Number.POSITIVE_INFINITY };
  const rescored = await rescoreContact(scope, { contactId, rows: stored }, cause, entry);
  const writing = new Flight();
  for (const write of scoreWrites(rewrite, stored, rescored.rows)) writing.add(write);
  if (rescored.rows.length > 0) await writing.send(client);
  rewrite.note(rescored);
}

/** What the stored timeline says; entries ahead of the clock count, as they do when they are recorded. */
async function deriveContact(
  { client, tenantId, nowMs }: Rewrite,
  contactId: string,
): Promise<DerivedContact> {
  const derived = emptyContact();
  let after: [Date, string] = [new Date(0), '-1'];
  for (;;) {
    const { rows } = await client.query<{
      occurred_at: number;
      seq: string;
      kind: number;
      type: string;
      body: string | null;
    }>({
      name: 'rewrite_profile_entries',
      text: `SELECT occurred_at, seq, kind, type, body FROM timeline
        WHERE tenant_id = $1 AND contact_id = $2 AND (occurred_at, seq) > ($3, $4) AND occurred_at <= $5
          AND kind IN (2, 3)
        ORDER BY occurred_at, seq LIMIT ${PAGE_ROWS_MAX}`,
      values: [tenantId, contactId, ...after, new Date(nowMs + AHEAD_MS_MAX)],
    });
    for (const row of rows) deriveEntry(derived, decodeEntry(row.occurred_at, row));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_ROWS_MAX) return derived;
    after = [new Date(last.occurred_at), last.seq];
  }
}

/** The statements that put a profile and memberships in the place of those that are stored. */
export function derivedWrites(
  tenantId: string,
  contactId: string,
  { profile, lists }: DerivedContact,
): FlightStatement[] {
  const writes: FlightStatement[] = [
    updateContacts(tenantId, [columnsOf(contactId, profile)]),
    {
      name: 'rewrite_leave_lists',
      text: 'DELETE FROM list_members WHERE tenant_id = $1 AND contact_id = $2',
      values: [tenantId, contactId],
    },
  ];
  if (lists.size === 0) return writes;
  writes.push({
    name: 'rewrite_join_lists',
    text: `INSERT INTO list_members (tenant_id, list_id, contact_id, joined_at)
      SELECT $1, l.id, $2, to_timestamp(r.joined_at / 1000)
      FROM unnest(string_to_array($3, U&'\\001E'), $4::float8[]) AS r(key, joined_at)
      JOIN contact_lists l ON l.tenant_id = $1 AND l.key = r.key`,
    values: [tenantId, contactId, joinedTexts([...lists.keys()]), arrayLiteral([...lists.values()])],
  });
  return writes;
}
