import type pg from 'pg';
import type { ChangeCause } from '../store/change-causes.js';

/** One committed change of one contact's score on one model: a row of `score_events`. Shared between readers: never change one. */
export interface ChangeRecord {
  /** Gapless per tenant, in the order of commits. */
  readonly position: bigint;
  readonly contactId: string;
  readonly modelId: string;
  readonly version: number;
  /** The instant of the change in the contact's time, ms since 1970. */
  readonly atMs: number;
  /** When it was committed, ms since 1970. */
  readonly recordedAtMs: number;
  readonly cause: ChangeCause;
  /** (actionAtMs, actionSeq) name the timeline entry behind the change; null when it had none. */
  readonly actionAtMs: number | null;
  readonly actionSeq: string | null;
  readonly points: number;
  readonly totalBefore: number;
  readonly totalAfter: number;
  /** Stage keys; null before the first score. */
  readonly stageBefore: string | null;
  readonly stageAfter: string;
  readonly labelBefore: string | null;
  readonly labelAfter: string | null;
  /** See `decodeReasons`. */
  readonly reasons: string;
}

/** A row of `CHANGE_COLUMNS` as it comes from `tenantRead`. */
export interface ChangeRow {
  position: string;
  contact_id: string;
  model_id: string;
  version: number;
  at: number;
  recorded_at: number;
  cause: ChangeCause;
  action_at: number | null;
  action_seq: string | null;
  points: number;
  total_before: number;
  total_after: number;
  stage_before: string | null;
  stage_after: string;
  label_before: string | null;
  label_after: string | null;
  reasons: string;
}

/** What to select from `score_events` for `changeFromRow`. */
export const CHANGE_COLUMNS =
  'position, contact_id, model_id, version, at, recorded_at, cause, action_at, action_seq, points, ' +
  'total_before, total_after, stage_before, stage_after, label_before, label_after, reasons';

/** A row of `CHANGE_COLUMNS` as a record. */
export function changeFromRow(row: ChangeRow): ChangeRecord {
  return {
    position: BigInt(row.position),
    contactId: row.contact_id,
    modelId: row.model_id,
    version: row.version,
    atMs: row.at,
    recordedAtMs: row.recorded_at,
    cause: row.cause,
    actionAtMs: row.action_at,
    actionSeq: row.action_seq,
    points: row.points,
    totalBefore: row.total_before,
    totalAfter: row.total_after,
    stageBefore: row.stage_before,
    stageAfter: row.stage_after,
    labelBefore: row.label_before,
    labelAfter: row.label_after,
    reasons: row.reasons,
  };
}

/**
 * The next changes of a tenant in the order of the feed.
 * @param client a connection scoped to the tenant (`tenantRead`).
 * @param afterPosition the last position that is already known.
 * @param limit rows at most.
 */
export async function readChanges(
  client: pg.ClientBase,
  tenantId: string,
  afterPosition: bigint,
  limit: number,
): Promise<ChangeRecord[]> {
  const { rows } = await client.query<ChangeRow>({
    name: 'feed_changes',
    text: `SELECT ${CHANGE_COLUMNS} FROM score_events
      WHERE tenant_id = $1 AND position > $2 ORDER BY position LIMIT $3`,
    values: [tenantId, String(afterPosition), limit],
  });
  return rows.map(changeFromRow);
}
