import type { ScoreRow } from '../../src/store/score-row.js';
import { ACTION_CYCLE, ACTION_PROPERTIES } from './bench-actions.js';
import type { MadeHistory } from './make-history.js';

/** A statement with its parameters. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** The id of the contact of a number, as SQL over `number`: ascending like the ids that the product draws. */
export function contactIdSql(number: string): string {
  return `('01930000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
}

/** Contacts 0 to `contacts` - 1 with the one identity that leads to each. */
export function insertContacts(tenantId: string, contacts: number): Statement[] {
  const email = `'lead-' || i || '@bench.example'`;
  return [
    {
      text: `INSERT INTO contacts (tenant_id, id, email, first_name, last_name, company, country, sort_name, search_text)
        SELECT $1, ${contactIdSql('i')}, ${email}, 'Robin', 'Lead ' || i, 'Company ' || i % 1000, 'DE',
          'lead ' || i || ' robin', 'robin lead ' || i || ' ' || ${email} || ' company ' || i % 1000
        FROM generate_series(0, $2::int - 1) AS i`,
      values: [tenantId, contacts],
    },
    {
      text: `INSERT INTO contact_identities (tenant_id, kind, value, contact_id)
        SELECT $1, 1, ${email}, ${contactIdSql('i')} FROM generate_series(0, $2::int - 1) AS i`,
      values: [tenantId, contacts],
    },
  ];
}

/** What `insertHistory` writes. */
export interface HistoryRows {
  tenantId: string;
  modelId: string;
  contacts: number;
  history: number;
  made: MadeHistory;
  /** Whether the changes that the history made are written as well; the feed is empty otherwise. */
  events: boolean;
}

/** Timelines and events in the order of time, scores, and the feed's counter behind the events. */
export function insertHistory(rows: HistoryRows): Statement[] {
  const { tenantId, contacts, history, made, events } = rows;
  const entries = contacts * history;
  const cycle = ACTION_CYCLE.length;
  const at = `to_timestamp(($3::float8 + (n / $5::int) * $4::float8) / 1000)`;
  const seqOfEntry = `FROM generate_series(0, $2::bigint - 1) AS n`;
  const scale = [entries, made.firstAtMs, made.stepMs, contacts];
  return [
    {
      text: `INSERT INTO timeline (tenant_id, contact_id, occurred_at, seq, id, kind, type, body, recorded_at)
        SELECT $1, ${contactIdSql('n % $5::int')}, ${at}, n / $5::int, gen_random_uuid(), 1,
          ($6::text[])[((n % $5::int + n / $5::int) % ${cycle})::int + 1], $7, ${at} ${seqOfEntry}`,
      values: [tenantId, ...scale, ACTION_CYCLE, JSON.stringify(ACTION_PROPERTIES)],
    },
    ...(events ? [insertEvents(rows, scale, at, seqOfEntry)] : []),
    insertScores(tenantId, { first: 0, contacts, every: 1 }, made.rows),
    {
      text: `UPDATE tenant_feeds SET position = $2,
        due_at = (SELECT min(due_at) FROM contact_scores WHERE tenant_id = $1) WHERE tenant_id = $1`,
      values: [tenantId, events ? entries : 0],
    },
  ];
}

function insertEvents(
  { tenantId, modelId, made }: HistoryRows,
  scale: readonly number[],
  at: string,
  seqOfEntry: string,
): Statement {
  return {
    text: `INSERT INTO score_events (tenant_id, position, contact_id, model_id, version, at, recorded_at, cause,
        action_at, action_seq, points, total_before, total_after, stage_before, stage_after, reasons)
      SELECT $1, n + 1, ${contactIdSql('n % $5::int')}, $6, 1, ${at}, ${at}, 'ACTION', ${at}, n / $5::int,
        c.points, c."totalBefore", c."totalAfter", c."stageBefore", c."stageAfter", c.reasons
      ${seqOfEntry}
      JOIN jsonb_to_recordset($7::jsonb) AS c(place int, points float8, "totalBefore" int, "totalAfter" int,
        "stageBefore" text, "stageAfter" text, reasons text) ON c.place = (n % $5::int + n / $5::int) % ${ACTION_CYCLE.length}`,
    values: [tenantId, ...scale, modelId, placed(made.changes)],
  };
}

/** Every so-manieth contact. */
export interface ContactRange {
  first: number;
  /** Contacts altogether. */
  contacts: number;
  every: number;
}

/** Scores of contacts by their place in the cycle. */
export function insertScores(
  tenantId: string,
  { first, contacts, every }: ContactRange,
  rows: readonly ScoreRow[],
): Statement {
  return {
    text: `INSERT INTO contact_scores (tenant_id, contact_id, model_id, version, revision, total, previous_total, stage,
        dimensions, as_of, folded_at, last_activity_at, due_at, state)
      SELECT $1, ${contactIdSql('i')}, r."modelId", r.version, r.revision, r.total, r."previousTotal", r.stage,
        r.dimensions, to_timestamp(r."asOfMs" / 1000), to_timestamp(r."foldedAtMs" / 1000),
        coalesce(to_timestamp(r."lastActivityAtMs" / 1000), '-infinity'), to_timestamp(r."dueAtMs" / 1000), r.state
      FROM generate_series($2::int, $3::int - 1, $4::int) AS i
      JOIN jsonb_to_recordset($5::jsonb) AS r(place int, "modelId" uuid, version int, revision int, total int,
        "previousTotal" int, stage text, dimensions float8[], "asOfMs" float8, "foldedAtMs" float8,
        "lastActivityAtMs" float8, "dueAtMs" float8, state text) ON r.place = i % ${ACTION_CYCLE.length}`,
    values: [tenantId, first, contacts, every, placed(rows)],
  };
}

/** Rows as JSON, each with its index as `place`. */
function placed(rows: readonly object[]): string {
  return JSON.stringify(rows.map((row, place) => ({ ...row, place })));
}
