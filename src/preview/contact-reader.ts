import type pg from 'pg';
import {
  type PackedTimeline,
  readPackedTimelines,
  TIMELINES_MAX,
  type TimelinesWanted,
} from '../store/read-timelines.js';
import { readTimeline } from '../store/replay-timeline.js';
import type { SequencedEntry } from '../store/score-cursor.js';
import { scopeTransaction } from '../store/tenant-scope.js';
import type { ContactRange, ScoreScope } from './score-scope.js';

/** A contact with what of its score is stored. */
export interface StoredScore {
  id: string;
  /** The stored state, when it answers for the scope's instant under the published version; else null. */
  state: string | null;
}

/** A contact with its timeline up to the scope's instant. */
export interface ContactTimeline extends StoredScore {
  /** Null for a long one, which is read page by page. */
  packed: PackedTimeline | null;
  /** The timeline in pages. */
  pages(): AsyncIterable<SequencedEntry[]>;
}

interface StoredScoreDbRow {
  id: string;
  state: string | null;
}

// A state answers when it was made under the published version and revision, nothing after the instant is folded into it and
// nothing up to it is missing.
const STATE = `CASE WHEN $7 AND s.version = $5 AND s.revision = $6
    AND (s.folded_at IS NULL OR s.folded_at <= $4) AND (s.pending_at IS NULL OR s.pending_at > $4) THEN s.state END AS state`;
const JOIN_SCORE =
  'LEFT JOIN contact_scores s ON s.tenant_id = $1 AND s.contact_id = c.id AND s.model_id = $3';

/**
 * Work in a transaction that sees one state of the database and cannot write.
 * @param client a pipelined connection of its own.
 */
export async function readSnapshot<T>(
  client: pg.ClientBase,
  tenantId: string,
  work: () => Promise<T>,
): Promise<T> {
  const begun = Promise.all([
    client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'),
    client.query(scopeTransaction(tenantId)),
  ]);
  try {
    const [, result] = await Promise.all([begun, work()]);
    return result;
  } finally {
    // A connection that is lost has said so already.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** The contacts of a range, those of its sample. Merged ones are left out: their timelines are part of another's. */
export async function readRange(
  client: pg.ClientBase,
  scope: ScoreScope,
  range: ContactRange,
): Promise<StoredScore[]> {
  const { contacts, of } = range.sample ?? { contacts: 1, of: 1 };
  const { rows } = await client.query<StoredScoreDbRow>({
    name: 'preview_range',
    text: `SELECT c.id, ${STATE}
      FROM (SELECT id, row_number() OVER (ORDER BY id) + $9::bigint AS place FROM contacts
        WHERE tenant_id = $1 AND id > $2 AND id <= $8 AND merged_into IS NULL) AS c
      ${JOIN_SCORE}
      WHERE c.place * $10::bigint / $11::bigint > (c.place - 1) * $10::bigint / $11::bigint
      ORDER BY c.id`,
    values: [
      scope.tenantId,
      range.after,
      ...scoreValues(scope),
      range.until,
      range.contactsBefore,
      contacts,
      of,
    ],
  });
  return rows;
}

/** The contacts of these ids, in no particular order; those that are not there, or merged, are left out. */
export async function readContacts(
  client: pg.ClientBase,
  scope: ScoreScope,
  ids: readonly string[],
): Promise<StoredScore[]> {
  const { rows } = await client.query<StoredScoreDbRow>({
    name: 'preview_contacts',
    text: `SELECT c.id, ${STATE} FROM contacts c ${JOIN_SCORE}
      WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[]) AND c.merged_into IS NULL`,
    values: [scope.tenantId, ids, ...scoreValues(scope)],
  });
  return rows;
}

function scoreValues({ modelId, atMs, version, revision, active }: ScoreScope): unknown[] {
  return [modelId, new Date(atMs), version, revision, active];
}

/** The timelines of contacts, in their order; while one chunk is looked at the next is on its way. */
export async function* readTimelinesOf(
  client: pg.ClientBase,
  tenantId: string,
  contacts: readonly StoredScore[],
  wanted: TimelinesWanted,
): AsyncGenerator<ContactTimeline[]> {
  const read = (from: number) => {
    const chunk = contacts.slice(from, from + TIMELINES_MAX);
    return chunk.length === 0 ? null : readChunk(client, tenantId, chunk, wanted);
  };
  let next = read(0);
  for (let from = TIMELINES_MAX; next !== null; from += TIMELINES_MAX) {
    const chunk: ContactTimeline[] = await next;
    next = read(from);
    // Its failure shows when it is awaited; by then nobody may be left to do so.
    next?.catch(() => undefined);
    yield chunk;
  }
}

async function readChunk(
  client: pg.ClientBase,
  tenantId: string,
  contacts: readonly StoredScore[],
  wanted: TimelinesWanted,
): Promise<ContactTimeline[]> {
  const ids = contacts.map(({ id }) => id);
  const timelines = await readPackedTimelines(client, tenantId, ids, wanted);
  return contacts.map((contact) => ({
    ...contact,
    packed: timelines.get(contact.id) ?? null,
    pages: () => readTimeline(client, tenantId, contact.id, wanted.untilMs),
  }));
}
