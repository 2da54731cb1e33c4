import type pg from 'pg';
import { badInput } from '../errors.js';
import { DUPLICATE_KEYS, DUPLICATE_REASONS, type DuplicateReason } from '../store/duplicate-keys.js';

/** Contacts that one step of the search looks at along an index; a page takes a few steps. */
const SCAN_ROWS_MAX = 20_000;
/** Steps of one page: what it may cost. A page may end before it is full, and the next one goes on. */
const SCANS_MAX = 5;
/** Contacts of one group that are shown. */
export const GROUP_CONTACTS_MAX = 10;

/** Contacts that are likely the same person. */
export interface DuplicateGroup {
  reason: DuplicateReason;
  /** 0 to 1. */
  confidence: number;
  /** At least two, the oldest first; `GROUP_CONTACTS_MAX` at most. */
  contactIds: string[];
  place: DuplicatePlace;
}

/** How far the search is: behind the contacts with this key, or behind those of them that share `also` as well. */
export interface DuplicatePlace {
  reason: DuplicateReason;
  key: string;
  also: string | null;
}

/** Some of the groups, and where to go on. */
export interface DuplicatePage {
  groups: DuplicateGroup[];
  /** Where to go on; null at the end. */
  next: DuplicatePlace | null;
}

interface GroupDbRow {
  /** Null in the one row of a step that found nothing. */
  key: string | null;
  also: string;
  ids: string[];
  emails: (string | null)[];
  /** Where the step ended; null when nothing was left to look at. */
  resume: string | null;
  seen: number;
}

/**
 * Groups of contacts that are likely one person: along an index on what they would share, so that a page costs the same
 * at any number of contacts.
 * @param client a connection, scoped to the tenant.
 * @param after where the page before ended; null for the first one.
 */
export async function findDuplicates(
  client: pg.ClientBase,
  tenantId: string,
  groupsMax: number,
  after: DuplicatePlace | null,
): Promise<DuplicatePage> {
  const groups: DuplicateGroup[] = [];
  let place: DuplicatePlace | null = after ?? { reason: DUPLICATE_REASONS[0], key: '', also: null };
  for (let scans = 0; scans < SCANS_MAX && place && groups.length < groupsMax; scans++) {
    const scanned: Scanned = await scan(client, tenantId, place);
    for (const group of scanned.groups) {
      groups.push(group);
      if (groups.length === groupsMax) return { groups, next: group.place };
    }
    place = scanned.next;
  }
  return { groups, next: place };
}

interface Scanned {
  groups: DuplicateGroup[];
  next: DuplicatePlace | null;
}

/** Looks at the next `SCAN_ROWS_MAX` contacts; the last key among them may have more, so it is left to the next step. */
async function scan(client: pg.ClientBase, tenantId: string, place: DuplicatePlace): Promise<Scanned> {
  const { reason } = place;
  const { key, also, where } = DUPLICATE_KEYS[reason];
  const isInside = place.also !== null;
  const { rows } = await client.query<GroupDbRow>({
    name: `identity_duplicates_${reason}_${isInside}`,
    text: `WITH page AS MATERIALIZED (
        SELECT id, email, company, first_name, last_name, merged_into, ${key} AS key FROM contacts
        WHERE tenant_id = $1 AND ${key} ${isInside ? '>=' : '>'} $2 ORDER BY ${key}, id LIMIT ${SCAN_ROWS_MAX}),
      ended AS (SELECT min(key) AS first, max(key) AS last, count(*)::int AS seen FROM page),
      resumed AS (SELECT CASE WHEN e.first = e.last THEN e.last ELSE
          (SELECT max(p.key) FROM page p WHERE p.key < e.last) END AS resume FROM ended e),
      -- Which keys come twice first, unsorted: gathering the contacts of all 20,000 keys took ten times as long.
      shared AS (SELECT p.key, ${also} AS also FROM page p CROSS JOIN ended e
        WHERE p.merged_into IS NULL AND ${where} AND (p.key > $2 OR ${also} > $3::text)
          AND (e.seen < ${SCAN_ROWS_MAX} OR p.key < e.last OR e.first = e.last)
        GROUP BY 1, 2 HAVING count(*) > 1),
      found AS (SELECT s.key, s.also, (array_agg(p.id ORDER BY p.id))[1:${GROUP_CONTACTS_MAX}] AS ids,
          (array_agg(p.email ORDER BY p.id))[1:${GROUP_CONTACTS_MAX}] AS emails
        FROM shared s JOIN page p ON p.key = s.key AND ${also} = s.also
        WHERE p.merged_into IS NULL AND ${where} GROUP BY 1, 2)
      SELECT f.key, f.also, f.ids, f.emails, e.seen, r.resume
      FROM ended e CROSS JOIN resumed r LEFT JOIN found f ON TRUE ORDER BY f.key, f.also`,
    values: [tenantId, place.key, place.also],
  });
  const groups = rows.flatMap((row) => groupOf(reason, row));
  const [first] = rows;
  return { groups, next: nextPlace(reason, first?.seen ?? 0, first?.resume ?? '') };
}

function groupOf(reason: DuplicateReason, { key, also, ids, emails }: GroupDbRow): DuplicateGroup[] {
  if (key === null) return [];
  const known = emails.filter((email) => email !== null);
  return [{ reason, confidence: confidenceOf(reason, known), contactIds: ids, place: { reason, key, also } }];
}

function nextPlace(reason: DuplicateReason, seen: number, resume: string): DuplicatePlace | null {
  if (seen === SCAN_ROWS_MAX) return { reason, key: resume, also: null };
  const next = DUPLICATE_REASONS[DUPLICATE_REASONS.indexOf(reason) + 1];
  return next ? { reason: next, key: '', also: null } : null;
}

/** Mail to `a.b@` and `ab@` arrives in one mailbox at Google; elsewhere it mostly does, and a tag behind a plus sign is sure. */
function confidenceOf(reason: DuplicateReason, emails: readonly string[]): number {
  if (reason === 'SAME_NAME_AND_COMPANY') return 0.7;
  const isGoogle = emails.every((email) => /@(gmail|googlemail)\.com$/i.test(email));
  const withoutTags = new Set(emails.map((email) => email.toLowerCase().replace(/\+[^@]*@/, '@')));
  return isGoogle || withoutTags.size === 1 ? 0.95 : 0.8;
}

/** The cursor of a place in the search; opaque to callers. */
export function encodeDuplicateCursor({ reason, key, also }: DuplicatePlace): string {
  return Buffer.from(JSON.stringify([reason, key, also])).toString('base64url');
}

/** @throws LeadpulseError BAD_USER_INPUT for what is no such cursor. */
export function decodeDuplicateCursor(cursor: string): DuplicatePlace {
  const [given, key, also] = partsOf(cursor);
  const reason = DUPLICATE_REASONS.find((known) => known === given);
  if (reason && isText(key) && (also === null || isText(also))) return { reason, key, also };
  throw badInput([{ path: 'after', message: 'This is not a cursor of this list.' }]);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

function partsOf(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
