import type pg from 'pg';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import { LAST_UUID } from '../uuid.js';
import type { CorrectionKind } from './correct-entry.js';

/** Merges of one contact that are shown at most, the newest first. */
export const MERGES_SHOWN_MAX = 200;

/** A merge, in force or undone. */
export interface MergeRow {
  id: string;
  /** What was merged into, and what became part of it. */
  intoId: string;
  fromId: string;
  by: string;
  atMs: number;
  /** Entries that were moved. */
  entries: number;
  undoneBy: string | null;
  undoneAtMs: number | null;
}

interface MergeDbRow {
  place?: string;
  id: string;
  into_id: string;
  from_id: string;
  merged_by: string;
  merged_at: number;
  entries: number;
  undone_by: string | null;
  undone_at: number | null;
}

const MERGE_COLUMNS =
  'm.id, m.into_id, m.from_id, m.merged_by, m.merged_at, m.entries, m.undone_by, m.undone_at';

function mergeOf(row: MergeDbRow): MergeRow {
  return {
    id: row.id,
    intoId: row.into_id,
    fromId: row.from_id,
    by: row.merged_by,
    atMs: row.merged_at,
    entries: row.entries,
    undoneBy: row.undone_by,
    undoneAtMs: row.undone_at,
  };
}

/** One merge; null when there is none. */
export async function readMerge(
  client: pg.ClientBase,
  tenantId: string,
  id: string,
): Promise<MergeRow | null> {
  const { rows } = await client.query<MergeDbRow>({
    name: 'identity_merge',
    text: `SELECT ${MERGE_COLUMNS} FROM contact_merges m WHERE m.tenant_id = $1 AND m.id = $2`,
    values: [tenantId, id],
  });
  return rows[0] ? mergeOf(rows[0]) : null;
}

/** The merges into each contact, and into those that are part of it now, in the order asked; one statement. */
export async function readMergesOfContacts(
  client: pg.ClientBase,
  tenantId: string,
  contactIds: readonly string[],
): Promise<MergeRow[][]> {
  const { rows } = await client.query<MergeDbRow>({
    name: 'identity_merges',
    text: `SELECT k.place, m.* FROM unnest($2::uuid[]) WITH ORDINALITY AS k(contact_id, place)
      CROSS JOIN LATERAL (SELECT ${MERGE_COLUMNS} FROM contact_merges m WHERE m.tenant_id = $1
        AND m.into_id = ANY (ARRAY(SELECT k.contact_id UNION ALL
          SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND c.merged_into = k.contact_id))
        ORDER BY m.id DESC LIMIT ${MERGES_SHOWN_MAX}) m
      ORDER BY k.place, m.id DESC`,
    values: [tenantId, contactIds],
  });
  const found = contactIds.map((): MergeRow[] => []);
  for (const row of rows) found[Number(row.place) - 1]?.push(mergeOf(row));
  return found;
}

/** A correction of an entry. */
export interface CorrectionRow {
  id: string;
  entryId: string;
  kind: CorrectionKind;
  reason: string | null;
  by: string;
  atMs: number;
  before: TimelineEntry;
  /** Null for an entry that was taken back. */
  after: TimelineEntry | null;
}

interface CorrectionDbRow {
  place?: string;
  id: string;
  entry_id: string;
  kind: CorrectionKind;
  reason: string | null;
  corrected_by: string;
  corrected_at: number;
  before: string;
  after: string | null;
}

const CORRECTION_COLUMNS =
  'x.id, x.entry_id, x.kind, x.reason, x.corrected_by, x.corrected_at, x.before, x.after';

function correctionOf(row: CorrectionDbRow): CorrectionRow {
  return {
    id: row.id,
    entryId: row.entry_id,
    kind: row.kind,
    reason: row.reason,
    by: row.corrected_by,
    atMs: row.corrected_at,
    before: JSON.parse(row.before) as TimelineEntry,
    after: row.after === null ? null : (JSON.parse(row.after) as TimelineEntry),
  };
}

/** One correction; null when there is none. */
export async function readCorrection(
  client: pg.ClientBase,
  tenantId: string,
  id: string,
): Promise<CorrectionRow | null> {
  const { rows } = await client.query<CorrectionDbRow>({
    name: 'identity_correction',
    text: `SELECT ${CORRECTION_COLUMNS} FROM timeline_corrections x WHERE x.tenant_id = $1 AND x.id = $2`,
    values: [tenantId, id],
  });
  return rows[0] ? correctionOf(rows[0]) : null;
}

/** A stretch of a contact's corrections, read backwards from an id or from the end. */
export interface CorrectionStretch {
  contactId: string;
  beforeId: string | null;
  /** Corrections at most. */
  limit: number;
}

/** Stretches of corrections, the newest first, in the order asked; one statement. */
export async function readCorrectionStretches(
  client: pg.ClientBase,
  tenantId: string,
  stretches: readonly CorrectionStretch[],
): Promise<CorrectionRow[][]> {
  const { rows } = await client.query<CorrectionDbRow>({
    name: 'identity_corrections',
    text: `SELECT k.place, x.* FROM unnest($2::uuid[], $3::uuid[], $4::int[]) WITH ORDINALITY
        AS k(contact_id, before_id, rows_max, place)
      CROSS JOIN LATERAL (SELECT ${CORRECTION_COLUMNS} FROM timeline_corrections x
        WHERE x.tenant_id = $1 AND x.contact_id = k.contact_id AND x.id < k.before_id
        ORDER BY x.id DESC LIMIT k.rows_max) x
      ORDER BY k.place, x.id DESC`,
    values: [
      tenantId,
      stretches.map((stretch) => stretch.contactId),
      stretches.map((stretch) => stretch.beforeId ?? LAST_UUID),
      stretches.map((stretch) => stretch.limit),
    ],
  });
  const found = stretches.map((): CorrectionRow[] => []);
  for (const row of rows) found[Number(row.place) - 1]?.push(correctionOf(row));
  return found;
}

/** What remains of a person who was erased. */
export interface TombstoneRow {
  id: string;
  atMs: number;
  by: string;
  reason: string | null;
}

/** The tombstone of a contact; null when no contact of this id was erased. */
export async function readTombstone(
  client: pg.ClientBase,
  tenantId: string,
  id: string,
): Promise<TombstoneRow | null> {
  const { rows } = await client.query<{
    id: string;
    erased_at: number;
    erased_by: string;
    reason: string | null;
  }>({
    name: 'identity_tombstone',
    text: 'SELECT id, erased_at, erased_by, reason FROM erased_contacts WHERE tenant_id = $1 AND id = $2',
    values: [tenantId, id],
  });
  const row = rows[0];
  return row ? { id: row.id, atMs: row.erased_at, by: row.erased_by, reason: row.reason } : null;
}
