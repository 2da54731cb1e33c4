import type pg from 'pg';
import { badInput } from '../errors.js';
import { MODEL_CHANGES_MAX } from '../scoring/apply-changes.js';
import type { ModelChange } from '../scoring/model-change.js';
import type { DraftRow } from './model-draft.js';
import type { ModelTransaction } from './model-transaction.js';

/** All changes of a draft together; they are read whenever the draft is. */
const DRAFT_BYTES_MAX = 1024 * 1024;

const DRAFTS_BY_MODEL = `SELECT d.model_id AS "modelId", d.base_version AS "baseVersion", d.revision, d.changes,
    d.changed_by AS "changedBy", (extract(epoch FROM d.changed_at) * 1000)::float8 AS "changedAtMs", v.definition AS base
  FROM scoring_model_drafts d
  JOIN scoring_model_versions v ON v.tenant_id = d.tenant_id AND v.model_id = d.model_id AND v.version = d.base_version
  WHERE d.tenant_id = $1 AND d.model_id = ANY ($2::uuid[]) AND json_array_length(d.changes) > 0`;

/** The drafts of these models, in no particular order; models without one are left out. */
export async function selectDrafts(
  client: pg.ClientBase,
  tenantId: string,
  modelIds: readonly string[],
): Promise<DraftRow[]> {
  const { rows } = await client.query<DraftRow>({
    name: 'drafts_by_model',
    text: DRAFTS_BY_MODEL,
    values: [tenantId, modelIds],
  });
  return rows;
}

/** The draft of a model as the transaction sees it, or null. */
export async function selectDraft(
  { manager, tenantId }: ModelTransaction,
  modelId: string,
): Promise<DraftRow | null> {
  const [row] = await manager.query<DraftRow[]>(DRAFTS_BY_MODEL, [tenantId, [modelId]]);
  return row ?? null;
}

/**
 * Puts these changes in the place of the model's draft, under the next revision; none ends it.
 * @throws LeadpulseError BAD_USER_INPUT when there are more than `MODEL_CHANGES_MAX` or they take more than `DRAFT_BYTES_MAX`.
 */
export async function storeDraft(
  { manager, tenantId, by }: ModelTransaction,
  modelId: string,
  baseVersion: number,
  changes: readonly ModelChange[],
): Promise<void> {
  const stored = JSON.stringify(changes);
  if (changes.length > MODEL_CHANGES_MAX || Buffer.byteLength(stored) > DRAFT_BYTES_MAX) {
    const bound = `${MODEL_CHANGES_MAX} changes and ${DRAFT_BYTES_MAX} bytes of JSON`;
    throw badInput([
      { path: 'input', message: `A draft holds at most ${bound}; publish it, then begin another.` },
    ]);
  }
  await manager.query(
    `INSERT INTO scoring_model_drafts AS d (tenant_id, model_id, base_version, revision, changes, changed_by, changed_at)
     VALUES ($1, $2, $3, 1, $4, $5, clock_timestamp())
     ON CONFLICT (tenant_id, model_id) DO UPDATE SET base_version = $3, revision = d.revision + 1, changes = $4,
       changed_by = $5, changed_at = clock_timestamp()`,
    [tenantId, modelId, baseVersion, stored, by],
  );
}
