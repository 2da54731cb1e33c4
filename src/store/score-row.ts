/** A row of `contact_scores`: a contact's published score on one model. Total, stage, label and dimensions are those at `asOfMs`. */
export interface ScoreRow {
  contactId: string;
  modelId: string;
  /** The model version behind the row. */
  version: number;
  /** The model's revision that the row was made under; an older one is made anew. */
  revision: number;
  total: number;
  /** The total before the last published change; null before the first. */
  previousTotal: number | null;
  /** Key of the stage. */
  stage: string;
  label: string | null;
  /** In the order of the version's dimensions. */
  dimensions: number[];
  asOfMs: number;
  /** The instant of the last entry in the state; null for an empty timeline. */
  foldedAtMs: number | null;
  lastActivityAtMs: number | null;
  /** When something may change by itself (or a pending entry falls due); null for never. */
  dueAtMs: number | null;
  /** The earliest recorded entry that lies ahead of the clock and is not in the state yet. */
  pendingAtMs: number | null;
  /** See scoring/score-state.ts. */
  state: string;
}

/** The columns of `contact_scores`, to be read by `scoreRowOf`. */
export const SCORE_COLUMNS =
  's.contact_id, s.model_id, s.version, s.revision, s.total, s.previous_total, s.stage, s.label, s.dimensions, s.as_of, s.folded_at, s.last_activity_at, s.due_at, s.pending_at, s.state';

/** What the pools of `database.ts` return for `SCORE_COLUMNS`. */
export interface ScoreDbRow {
  contact_id: string;
  model_id: string;
  version: number;
  revision: number;
  total: number;
  previous_total: number | null;
  stage: string;
  label: string | null;
  dimensions: number[];
  as_of: number;
  folded_at: number | null;
  last_activity_at: number | null;
  due_at: number | null;
  pending_at: number | null;
  state: string;
}

/** A row as read, with its names in code. */
export function scoreRowOf(row: ScoreDbRow): ScoreRow {
  return {
    contactId: row.contact_id,
    modelId: row.model_id,
    version: row.version,
    revision: row.revision,
    total: row.total,
    previousTotal: row.previous_total,
    stage: row.stage,
    label: row.label,
    dimensions: row.dimensions,
    asOfMs: row.as_of,
    foldedAtMs: row.folded_at,
    lastActivityAtMs: row.last_activity_at,
    dueAtMs: row.due_at,
    pendingAtMs: row.pending_at,
    state: row.state,
  };
}
