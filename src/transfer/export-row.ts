import type pg from 'pg';
import {
  CONTACT_COLUMNS,
  type ContactDbRow,
  type ContactRow,
  contactRowOf,
} from '../contacts/contact-row.js';

/** A contact with its published score on one model. */
export interface ExportRow {
  contact: ContactRow;
  /** Email address of the sales representative who owns it. */
  owner: string | null;
  /** Null when the model does not score the contact. */
  score: ExportScore | null;
}

/** A published score. */
export interface ExportScore {
  version: number;
  total: number;
  stage: string;
  label: string | null;
  /** In the order of the version's dimensions. */
  dimensions: number[];
  lastActivityAtMs: number | null;
  asOfMs: number;
}

interface ExportDbRow extends ContactDbRow {
  owner: string | null;
  version: number | null;
  total: number;
  stage: string;
  label: string | null;
  dimensions: number[];
  last_activity_at: number | null;
  as_of: number;
}

/** Contacts in the order of their ids, those that are still there. */
export async function readExportRows(
  client: pg.ClientBase,
  tenantId: string,
  contactIds: readonly string[],
  modelId: string | null,
): Promise<ExportRow[]> {
  const { rows } = await client.query<ExportDbRow>({
    name: 'read_export_rows',
    text: `SELECT ${CONTACT_COLUMNS}, r.email AS owner, s.version, s.total, s.stage, s.label, s.dimensions,
        s.last_activity_at, s.as_of
      FROM contacts c
      LEFT JOIN contact_scores s ON s.tenant_id = $1 AND s.contact_id = c.id AND s.model_id = $3
      LEFT JOIN sales_reps r ON r.tenant_id = $1 AND r.id = c.owner_id
      WHERE c.tenant_id = $1 AND c.id = ANY($2::uuid[]) AND c.merged_into IS NULL ORDER BY c.id`,
    values: [tenantId, contactIds, modelId],
  });
  return rows.map(exportRowOf);
}

function exportRowOf(row: ExportDbRow): ExportRow {
  const { version, total, stage, label, dimensions, last_activity_at, as_of } = row;
  const score =
    version === null
      ? null
      : { version, total, stage, label, dimensions, lastActivityAtMs: last_activity_at, asOfMs: as_of };
  return { contact: contactRowOf(row), owner: row.owner, score };
}
