import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import type { ClaimedJob } from '../store/jobs/job-claims.js';
import type { ContactStock } from './contact-plan.js';
import type { PreviewTally } from './preview-tally.js';

/** What a preview job is to compare. */
export interface PreviewRequestRow {
  modelId: string;
  /** The published version that is compared with. */
  version: number;
  /** The definition that would be published, as JSON. */
  definition: string;
  /** Contacts asked for; null for all. */
  sample: number | null;
}

/** A preview job with how far it is. */
export interface PreviewRow extends PreviewRequestRow {
  /** Null before the job begins. */
  begun: (ContactStock & { atMs: number }) | null;
  /** The last contact that is counted; null before the first. */
  countedTo: string | null;
  /** Null before the first contact is counted. */
  tally: PreviewTally | null;
}

interface PreviewDbRow {
  model_id: string;
  version: number;
  definition: string;
  sample: number | null;
  as_of: number | null;
  contacts: number | null;
  until_id: string | null;
  counted_to: string | null;
  tally: string | null;
}

/** Stores what a job is to do, in the transaction that queues it. */
export async function insertPreview(
  manager: EntityManager,
  tenantId: string,
  jobId: string,
  { modelId, version, definition, sample }: PreviewRequestRow,
): Promise<void> {
  await manager.query(
    `INSERT INTO model_previews (tenant_id, job_id, model_id, version, definition, sample)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [tenantId, jobId, modelId, version, definition, sample],
  );
}

/** Preview jobs of the tenant that are not over. */
export async function countOpenPreviews(manager: EntityManager, tenantId: string): Promise<number> {
  const rows = await manager.query<{ open: number }[]>(
    `SELECT count(*)::int AS open FROM jobs WHERE tenant_id = $1 AND kind = 'PREVIEW' AND finished_at IS NULL`,
    [tenantId],
  );
  return rows[0]?.open ?? 0;
}

/** A preview by its job; null when there is none, or its time is over. @param client scoped to the tenant. */
export async function selectPreview(
  client: pg.ClientBase,
  tenantId: string,
  jobId: string,
): Promise<PreviewRow | null> {
  const { rows } = await client.query<PreviewDbRow>({
    name: 'select_preview',
    text: `SELECT model_id, version, definition, sample, as_of, contacts, until_id, counted_to, tally
      FROM model_previews WHERE tenant_id = $1 AND job_id = $2`,
    values: [tenantId, jobId],
  });
  const row = rows[0];
  return row ? previewRowOf(row) : null;
}

function previewRowOf(row: PreviewDbRow): PreviewRow {
  const { version, definition, sample, as_of: atMs, contacts, until_id: untilId } = row;
  return {
    modelId: row.model_id,
    version,
    definition,
    sample,
    begun: atMs === null || contacts === null ? null : { atMs, contacts, untilId },
    countedTo: row.counted_to,
    // Nobody but this program writes it.
    tally: row.tally === null ? null : (JSON.parse(row.tally) as PreviewTally),
  };
}

const MINE = `tenant_id = $1 AND job_id = $2 AND EXISTS (SELECT 1 FROM jobs j
  WHERE j.tenant_id = $1 AND j.id = $2 AND j.leased_by = $3 AND j.finished_at IS NULL)`;

/** Notes of what the preview is made; once for a job, whoever works on it later. */
export async function beginPreview(
  client: pg.ClientBase,
  job: ClaimedJob,
  atMs: number,
  stock: ContactStock,
): Promise<void> {
  await client.query({
    name: 'begin_preview',
    text: `UPDATE model_previews SET as_of = $4, contacts = $5, until_id = $6 WHERE ${MINE} AND as_of IS NULL`,
    values: [job.tenantId, job.id, job.claim, new Date(atMs), stock.contacts, stock.untilId],
  });
}

/** Stores what is counted so far, unless the job is no longer this process's. */
export async function storeTally(
  client: pg.ClientBase,
  job: ClaimedJob,
  tally: PreviewTally,
  countedTo: string,
): Promise<void> {
  await client.query({
    name: 'store_tally',
    text: `UPDATE model_previews SET tally = $4, counted_to = $5 WHERE ${MINE}`,
    values: [job.tenantId, job.id, job.claim, JSON.stringify(tally), countedTo],
  });
}
