import type pg from 'pg';
import { badInput } from '../errors.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import { decodeEntry } from '../store/timeline-codec.js';
import { isUuid } from '../uuid.js';

/** An entry with what its recording added. */
export interface RecordedEntry {
  id: string;
  /** The order of recording among entries of the same instant. */
  seq: string;
  recordedAtMs: number;
  /** When it was last amended; null for one that is as it was recorded. */
  amendedAtMs: number | null;
  entry: TimelineEntry;
}

/** A stretch of a contact's timeline, read backwards from a place or from the end. */
export interface TimelineStretch {
  contactId: string;
  before: TimelinePlace | null;
  /** Entries at most. */
  limit: number;
}

/** A place in a timeline. */
export interface TimelinePlace {
  atMs: number;
  seq: string;
}

interface StretchDbRow {
  place: string;
  occurred_at: number;
  seq: string;
  id: string;
  kind: number;
  type: string;
  body: string | null;
  recorded_at: number;
  amended_at: number | null;
}

/** Stretches of timelines, newest entry first, in the order asked. One statement. */
export async function readTimelineStretches(
  client: pg.ClientBase,
  tenantId: string,
  stretches: readonly TimelineStretch[],
): Promise<RecordedEntry[][]> {
  const { rows } = await client.query<StretchDbRow>({
    name: 'contacts_timeline',
    text: `SELECT k.place, t.occurred_at, t.seq, t.id, t.kind, t.type, t.body, t.recorded_at, t.amended_at
      FROM unnest($2::uuid[], $3::timestamptz[], $4::bigint[], $5::integer[]) WITH ORDINALITY
        AS k(contact_id, before_at, before_seq, rows_max, place)
      CROSS JOIN LATERAL (SELECT * FROM timeline t WHERE t.tenant_id = $1 AND t.contact_id = k.contact_id
        AND (t.occurred_at, t.seq) < (k.before_at, k.before_seq)
        ORDER BY t.occurred_at DESC, t.seq DESC LIMIT k.rows_max) t
      ORDER BY k.place, t.occurred_at DESC, t.seq DESC`,
    values: [
      tenantId,
      stretches.map((stretch) => stretch.contactId),
      stretches.map(({ before }) => (before ? new Date(before.atMs).toISOString() : 'infinity')),
      stretches.map(({ before }) => before?.seq ?? '0'),
      stretches.map((stretch) => stretch.limit),
    ],
  });
  const found = stretches.map((): RecordedEntry[] => []);
  for (const row of rows) {
    const entry = decodeEntry(row.occurred_at, row);
    const { id, seq, recorded_at: recordedAtMs, amended_at: amendedAtMs } = row;
    found[Number(row.place) - 1]?.push({ id, seq, recordedAtMs, amendedAtMs, entry });
  }
  return found;
}

/** The cursor of an entry in a contact's timeline; opaque to callers. */
export function encodeTimelineCursor(contactId: string, { entry, seq }: RecordedEntry): string {
  return Buffer.from(JSON.stringify([contactId, entry.atMs, seq])).toString('base64url');
}

/** @throws LeadpulseError BAD_USER_INPUT when it is no cursor of this contact's timeline. */
export function decodeTimelineCursor(contactId: string, cursor: string): TimelinePlace {
  const [id, atMs, seq] = parseParts(cursor);
  const readable = typeof id === 'string' && isUuid(id) && typeof seq === 'string' && /^\d{1,18}$/.test(seq);
  if (
    readable &&
    id === contactId &&
    Number.isSafeInteger(atMs) &&
    !Number.isNaN(new Date(Number(atMs)).getTime())
  ) {
    return { atMs: Number(atMs), seq };
  }
  throw badInput([{ path: 'after', message: "This is not a cursor of this contact's timeline." }]);
}

function parseParts(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
