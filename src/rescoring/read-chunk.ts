import type { TimelineNeeds } from '../scoring/timeline-needs.js';
import { AHEAD_MS_MAX, needsTimeline } from '../store/advance-contact.js';
import { arrayLiteral } from '../store/column-arrays.js';
import { Flight, type FlightStatement } from '../store/flight.js';
import { type PackedTimeline, readPackedTimelines } from '../store/read-timelines.js';
import { SCORE_COLUMNS, type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { CHUNK_CLOCK, type ClockDbRow, type ScoringScope } from './advance-chunk.js';

/** A contact as it was read, without a lock. */
export interface ReadContact {
  contactId: string;
  rows: ScoreRow[];
  /** Names the rows as they were read: whoever writes to the contact changes it. */
  stamp: string;
  /** Undefined where no replay needs it. */
  timeline: PackedTimeline | undefined;
}

/** Contacts that follow each other, as of one instant. */
export interface ReadChunk {
  contacts: ReadContact[];
  /** Contacts to be replayed whose timelines are too long to be held; they are not among `contacts`. */
  longContactIds: string[];
  /** Every contact of the chunk, ascending. */
  contactIds: string[];
  /** The last one, after which the next chunk begins. */
  lastId: string;
  nowMs: number;
  /** Entries read, and characters of their bodies. */
  entries: number;
  bodyChars: number;
}

type StampedDbRow = ScoreDbRow & StampDbRow;

/**
 * Reads the next contacts after an id, their scores, and the timelines of those that have to be replayed. Takes no locks;
 * the stamps tell whoever locks them later whether this still holds.
 * @param needs what the active models look at.
 * @returns null when there is none.
 */
export async function readChunk(
  { client, tenantId, active }: ScoringScope,
  needs: TimelineNeeds,
  afterId: string,
  contactsMax: number,
): Promise<ReadChunk | null> {
  const { rows: found } = await client.query<{ id: string }>({
    name: 'rescore_ids',
    text: `SELECT id FROM contacts WHERE tenant_id = $1 AND id > $2 AND merged_into IS NULL ORDER BY id LIMIT $3`,
    values: [tenantId, afterId, contactsMax],
  });
  const contactIds = found.map((row) => row.id);
  const lastId = contactIds.at(-1);
  if (lastId === undefined) return null;
  // The scores before the timelines: what is recorded in between changes a stamp, and is not missed.
  const flight = new Flight();
  const clock = flight.add<ClockDbRow>(CHUNK_CLOCK);
  const stored = flight.add<StampedDbRow>(readStampedScores(tenantId, contactIds));
  await flight.send(client);
  const nowMs = clock().rows[0]?.now ?? 0;
  const rowsOf = Map.groupBy(stored().rows, (row) => row.contact_id);
  const contacts = contactIds.map((contactId) => readContact(contactId, rowsOf.get(contactId) ?? []));
  const replayed = contacts.filter(({ rows }) => needsTimeline(active, rows, nowMs));
  const timelines =
    replayed.length === 0
      ? new Map<string, PackedTimeline | null>()
      : await readPackedTimelines(
          client,
          tenantId,
          replayed.map(({ contactId }) => contactId),
          {
            untilMs: nowMs + AHEAD_MS_MAX,
            readsProperties: needs.readsNoProperties ? null : needs.readsProperties,
          },
        );
  let entries = 0;
  let bodyChars = 0;
  const longContactIds: string[] = [];
  for (const contact of replayed) {
    contact.timeline = timelines.get(contact.contactId) ?? undefined;
    if (contact.timeline === undefined) longContactIds.push(contact.contactId);
    entries += contact.timeline?.length ?? 0;
    bodyChars += contact.timeline?.bodyChars ?? 0;
  }
  const isLong = new Set(longContactIds);
  return {
    contacts: contacts.filter(({ contactId }) => !isLong.has(contactId)),
    longContactIds,
    contactIds,
    lastId,
    nowMs,
    entries,
    bodyChars,
  };
}

function readContact(contactId: string, rows: readonly StampedDbRow[]): ReadContact {
  return { contactId, rows: rows.map(scoreRowOf), stamp: stampOf(rows), timeline: undefined };
}

/** The transactions that wrote the rows: an update changes one, a further row adds one. */
function stampOf(rows: readonly { stamp: string }[]): string {
  const [first] = rows;
  if (!first) return '';
  return rows.length === 1
    ? first.stamp
    : rows
        .map((row) => row.stamp)
        .sort()
        .join(' ');
}

function readStampedScores(tenantId: string, contactIds: readonly string[]): FlightStatement {
  return {
    name: 'read_stamped_scores',
    text: `SELECT ${SCORE_COLUMNS}, s.xmin::text AS stamp FROM contact_scores s
      WHERE s.tenant_id = $1 AND s.contact_id = ANY ($2::uuid[])`,
    values: [tenantId, arrayLiteral(contactIds)],
  };
}

/** A score's stamp; a contact has one a model. */
export interface StampDbRow {
  contact_id: string;
  stamp: string;
}

/** The stamps of contacts as they are now. Sent behind their lock. */
export function readStamps(tenantId: string, contactIds: readonly string[]): FlightStatement {
  return {
    name: 'read_stamps',
    text: `SELECT s.contact_id, s.xmin::text AS stamp FROM contact_scores s
      WHERE s.tenant_id = $1 AND s.contact_id = ANY ($2::uuid[])`,
    values: [tenantId, arrayLiteral(contactIds)],
  };
}

/** One stamp a contact, to be compared with `ReadContact.stamp`; a contact without a score is left out. */
export function stampsOf(rows: readonly StampDbRow[]): Map<string, string> {
  const stamps = new Map<string, string>();
  for (const [contactId, own] of Map.groupBy(rows, (row) => row.contact_id))
    stamps.set(contactId, stampOf(own));
  return stamps;
}
