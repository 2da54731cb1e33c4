import type pg from 'pg';
import { uuidv7 } from 'uuidv7';
import type { ModelDiff } from '../scoring/diff-model.js';
import type { LoggedDiff, ModelChangeKind, ModelChangeRow } from './model-change-row.js';
import type { ModelTransaction } from './model-transaction.js';

/** A page of the log is read at once, so that a diff has to stay far below a definition. */
const DIFF_BYTES_MAX = 128 * 1024;

/** What is written about a change. */
export interface LogEntry {
  modelId: string;
  kind: ModelChangeKind;
  /** The version that it published; null when it published none. */
  version: number | null;
  message: string | null;
  /** Null when the definition stayed as it was, or is new. */
  diff: ModelDiff | null;
}

/** Writes a change into the log, in the transaction of the change itself. */
export async function logChange(
  { manager, tenantId, by }: ModelTransaction,
  { modelId, kind, version, message, diff }: LogEntry,
): Promise<void> {
  const kept = diff && keepable(diff);
  await manager.query(
    `INSERT INTO model_changes (tenant_id, id, model_id, kind, version, changed_by, changed_at, message, diff, diff_complete)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), $7, $8, $9)`,
    [tenantId, uuidv7(), modelId, kind, version, by, message, kept?.diff ?? null, kept?.complete ?? true],
  );
}

/** The diff as JSON; what is larger than `DIFF_BYTES_MAX` loses its fields. */
function keepable(diff: ModelDiff): { diff: string; complete: boolean } {
  const whole = JSON.stringify(diff);
  if (Buffer.byteLength(whole) <= DIFF_BYTES_MAX) return { diff: whole, complete: true };
  const settings = diff.settings.map(({ path }) => ({ path, before: null, after: null }));
  const scoreSets = diff.scoreSets.map((set) => ({ ...set, fields: [] }));
  const rules = diff.rules.map((rule) => ({ ...rule, fields: [] }));
  const outline: ModelDiff = { settings, scoreSets, rules };
  return { diff: JSON.stringify(outline), complete: false };
}

/** Which entries of the log are wanted. */
export interface LogPage {
  /** All models', when null. */
  modelId: string | null;
  /** Entries older than this one; from the newest on, when null. */
  beforeId: string | null;
  limit: number;
}

/** A page of the log, the newest first. */
export async function selectChanges(
  client: pg.ClientBase,
  tenantId: string,
  { modelId, beforeId, limit }: LogPage,
): Promise<ModelChangeRow[]> {
  const ofModel = modelId === null ? '' : 'AND model_id = $4';
  const { rows } = await client.query<ModelChangeRow>({
    name: modelId === null ? 'model_changes' : 'model_changes_of_model',
    text: `SELECT id, model_id AS "modelId", kind, version, changed_by AS "changedBy", message,
        (extract(epoch FROM changed_at) * 1000)::float8 AS "changedAtMs"
      FROM model_changes WHERE tenant_id = $1 AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) ${ofModel}
      ORDER BY id DESC LIMIT $3`,
    values: modelId === null ? [tenantId, beforeId, limit] : [tenantId, beforeId, limit, modelId],
  });
  return rows;
}

/** The diffs of these entries by id; entries without one are left out. */
export async function selectChangeDiffs(
  client: pg.ClientBase,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, LoggedDiff>> {
  const { rows } = await client.query<{ id: string; diff: ModelDiff; complete: boolean }>({
    name: 'model_change_diffs',
    text: `SELECT id, diff, diff_complete AS complete FROM model_changes
      WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND diff IS NOT NULL`,
    values: [tenantId, ids],
  });
  return new Map(rows.map(({ id, diff, complete }) => [id, { diff, complete }]));
}
