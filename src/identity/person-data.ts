import type pg from 'pg';
import { LeadpulseError } from '../errors.js';
import type { JsonObject, JsonValue } from '../scoring/json-value.js';
import { decodeEntry } from '../store/timeline-codec.js';

/** Rows about one person that one answer holds at most, all kinds together. */
export const PERSON_ROWS_MAX = 50_000;
/** Bytes of JSON that it holds at most. */
export const PERSON_BYTES_MAX = 32 * 1024 * 1024;

/** A part of what is known: rows of one table, as JSON under the names that a reader understands. */
interface Part {
  name: string;
  /** `$1` is the tenant, `$2` the contact and those merged into it, `$3` how many rows at most. */
  sql: string;
}

const PARTS: readonly Part[] = [
  {
    name: 'profiles',
    sql: `SELECT to_jsonb(c) - '{tenant_id,sort_name,search_text,email_base}'::text[] AS value FROM contacts c
      WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[]) ORDER BY c.merged_into IS NOT NULL, c.id LIMIT $3`,
  },
  {
    name: 'owners',
    sql: `SELECT jsonb_build_object('contactId', c.id, 'name', r.name, 'email', r.email) AS value FROM contacts c
      JOIN sales_reps r ON r.tenant_id = c.tenant_id AND r.id = c.owner_id
      WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[]) ORDER BY c.id LIMIT $3`,
  },
  {
    name: 'identities',
    sql: `SELECT jsonb_build_object('kind', (ARRAY['EMAIL', 'EXTERNAL_ID', 'ANONYMOUS_ID'])[i.kind], 'value', i.value,
        'createdAt', i.created_at, 'recordedFor', coalesce(i.origin_id, i.contact_id)) AS value
      FROM contact_identities i WHERE i.tenant_id = $1 AND i.contact_id = ANY ($2::uuid[])
      ORDER BY i.kind, i.value LIMIT $3`,
  },
  {
    name: 'lists',
    sql: `SELECT jsonb_build_object('list', l.key, 'joinedAt', m.joined_at) AS value FROM list_members m
      JOIN contact_lists l ON l.tenant_id = m.tenant_id AND l.id = m.list_id
      WHERE m.tenant_id = $1 AND m.contact_id = ANY ($2::uuid[]) ORDER BY l.key LIMIT $3`,
  },
  {
    name: 'scores',
    sql: `SELECT jsonb_build_object('model', o.key, 'version', s.version, 'total', s.total, 'stage', s.stage,
        'label', s.label, 'asOf', s.as_of) AS value FROM contact_scores s
      JOIN scoring_models o ON o.tenant_id = s.tenant_id AND o.id = s.model_id
      WHERE s.tenant_id = $1 AND s.contact_id = ANY ($2::uuid[]) ORDER BY o.key LIMIT $3`,
  },
  {
    name: 'scoreHistory',
    sql: `SELECT jsonb_build_object('contactId', e.contact_id, 'model', o.key, 'at', e.at, 'recordedAt', e.recorded_at,
        'cause', e.cause, 'totalBefore', e.total_before, 'totalAfter', e.total_after, 'stageAfter', e.stage_after,
        'labelAfter', e.label_after) AS value FROM score_events e
      LEFT JOIN scoring_models o ON o.tenant_id = e.tenant_id AND o.id = e.model_id
      WHERE e.tenant_id = $1 AND e.contact_id = ANY ($2::uuid[]) ORDER BY e.position LIMIT $3`,
  },
  {
    name: 'merges',
    sql: `SELECT to_jsonb(m) - '{tenant_id,owner_taken}'::text[] AS value FROM contact_merges m
      WHERE m.tenant_id = $1 AND (m.into_id = ANY ($2::uuid[]) OR m.from_id = ANY ($2::uuid[])) ORDER BY m.id LIMIT $3`,
  },
  {
    name: 'corrections',
    sql: `SELECT jsonb_build_object('id', x.id, 'entryId', x.entry_id, 'kind', x.kind, 'reason', x.reason,
        'by', x.corrected_by, 'at', x.corrected_at, 'before', x.before::jsonb, 'after', x.after::jsonb) AS value
      FROM timeline_corrections x WHERE x.tenant_id = $1 AND x.contact_id = ANY ($2::uuid[]) ORDER BY x.id LIMIT $3`,
  },
];

/**
 * Everything that is stored about a person, as one JSON object: profile, owner, identities, lists, scores and what was published
 * of them, merges, corrections and the timeline.
 * @param client a connection, scoped to the tenant.
 * @param contactId of a contact that stands for itself.
 * @throws LeadpulseError NOT_FOUND; TOO_COMPLEX over `PERSON_ROWS_MAX` rows or `PERSON_BYTES_MAX` bytes.
 */
export async function readPersonData(
  client: pg.ClientBase,
  tenantId: string,
  contactId: string,
): Promise<JsonObject> {
  const family = await client.query<{ id: string }>(
    'SELECT id FROM contacts WHERE tenant_id = $1 AND (id = $2 OR merged_into = $2)',
    [tenantId, contactId],
  );
  const ids = family.rows.map((row) => row.id);
  if (ids.length === 0) throw new LeadpulseError('NOT_FOUND', `There is no contact with id ${contactId}.`);
  const size = new DataSize();
  const data: JsonObject = { contactId };
  for (const { name, sql } of PARTS) {
    const { rows } = await client.query<{ value: JsonValue }>(sql, [tenantId, ids, size.rowsLeft + 1]);
    data[name] = rows.map((row) => size.count(row.value));
  }
  data.timeline = await readEntries(client, tenantId, contactId, size);
  return data;
}

async function readEntries(
  client: pg.ClientBase,
  tenantId: string,
  contactId: string,
  size: DataSize,
): Promise<JsonValue> {
  const { rows } = await client.query<{
    id: string;
    occurred_at: number;
    recorded_at: number;
    amended_at: number | null;
    recorded_for: string;
    kind: number;
    type: string;
    body: string | null;
  }>(
    `SELECT id, occurred_at, recorded_at, amended_at, coalesce(origin_id, contact_id) AS recorded_for, kind, type, body
     FROM timeline WHERE tenant_id = $1 AND contact_id = $2 ORDER BY occurred_at, seq LIMIT $3`,
    [tenantId, contactId, size.rowsLeft + 1],
  );
  return rows.map((row) => {
    const { atMs, ...entry } = decodeEntry(row.occurred_at, row);
    return size.count({
      id: row.id,
      occurredAt: instantText(atMs),
      recordedAt: instantText(row.recorded_at),
      amendedAt: row.amended_at === null ? null : instantText(row.amended_at),
      recordedFor: row.recorded_for,
      ...(entry as JsonObject),
    });
  });
}

function instantText(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Counts what an answer holds. */
class DataSize {
  #rows = 0;
  #bytes = 0;

  get rowsLeft(): number {
    return PERSON_ROWS_MAX - this.#rows;
  }

  /** @throws LeadpulseError TOO_COMPLEX when it becomes too much. */
  count(value: JsonValue): JsonValue {
    this.#rows += 1;
    this.#bytes += JSON.stringify(value).length;
    if (this.#rows > PERSON_ROWS_MAX || this.#bytes > PERSON_BYTES_MAX) {
      throw new LeadpulseError(
        'TOO_COMPLEX',
        `More than ${PERSON_ROWS_MAX} rows or ${PERSON_BYTES_MAX} bytes are stored about this person. Read them page by page: Contact.timeline, corrections, identities, lists and the history of each score.`,
      );
    }
    return value;
  }
}
