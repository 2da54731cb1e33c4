import { replayer } from '../scoring/replay.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { readTimeline } from '../store/replay-timeline.js';
import { SCORE_COLUMNS, type ScoreDbRow, type ScoreRow, scoreRowOf } from '../store/score-row.js';
import { tenantRead } from '../store/tenant-scope.js';

const CHUNK_ROWS_MAX = 200;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** A stored score that is not what its timeline says. */
export interface ScoreDifference {
  contactId: string;
  modelId: string;
  /** The published total and label, and those of the replay at the same instant under the same version. */
  stored: { total: number; label: string | null };
  replayed: { total: number; label: string | null };
}

export interface ScoreAudit {
  scores: number;
  differences: ScoreDifference[];
}

/**
 * Compares every published score of a tenant's active models with a replay of its timeline, straight from the definition
 * and without any state, at the instant of its publication. Reads only; a contact that is written to meanwhile is read
 * again. Scores of models that are off rest until these are switched on again, and are then made anew.
 * @param onProgress called after each chunk with the number of scores compared.
 */
export async function auditScores(
  db: Database,
  registry: ModelRegistry,
  tenantId: string,
  onProgress: (scores: number) => void,
): Promise<ScoreAudit> {
  const audit: ScoreAudit = { scores: 0, differences: [] };
  const { models } = await registry.current(tenantId);
  const modelIds = models.map((model) => model.modelId);
  let after = FIRST_ID;
  for (;;) {
    const rows = await readScores(db, tenantId, 's.contact_id > $2 AND s.model_id = ANY ($3::uuid[])', [
      after,
      modelIds,
    ]);
    for (const row of rows) {
      const difference = await compare(db, registry, tenantId, row);
      if (difference) audit.differences.push(difference);
      audit.scores += 1;
    }
    onProgress(audit.scores);
    const last = rows.at(-1);
    if (!last) return audit;
    after = last.contactId;
  }
}

/** Chunks end between contacts: all scores of the last contact belong to it. */
async function readScores(
  db: Database,
  tenantId: string,
  where: string,
  values: unknown[],
): Promise<ScoreRow[]> {
  return tenantRead(db, tenantId, async (client) => {
    const { rows } = await client.query<ScoreDbRow>(
      `SELECT ${SCORE_COLUMNS} FROM contact_scores s WHERE s.tenant_id = $1 AND ${where}
       ORDER BY s.contact_id FETCH FIRST ${CHUNK_ROWS_MAX} ROWS WITH TIES`,
      [tenantId, ...values],
    );
    return rows.map(scoreRowOf);
  });
}

const READS_MAX = 5;

async function compare(
  db: Database,
  registry: ModelRegistry,
  tenantId: string,
  row: ScoreRow,
): Promise<ScoreDifference | null> {
  let current = row;
  for (let read = 1; ; read++) {
    const { definition } = await registry.version(tenantId, current.modelId, current.version);
    const entries = await entriesOf(db, tenantId, current);
    const { total, label } = replayer(definition)(entries, current.asOfMs);
    if (total === current.total && label === current.label) return null;
    const [again] = await readScores(db, tenantId, 's.contact_id = $2 AND s.model_id = $3', [
      row.contactId,
      row.modelId,
    ]);
    const moved = again && (again.asOfMs !== current.asOfMs || again.state !== current.state);
    if (!moved || read === READS_MAX) {
      const { contactId, modelId } = current;
      const stored = { total: current.total, label: current.label };
      return { contactId, modelId, stored, replayed: { total, label } };
    }
    current = again;
  }
}

/** What the score was made of: entries that still lay ahead of the clock are not in it. */
async function entriesOf(db: Database, tenantId: string, row: ScoreRow): Promise<TimelineEntry[]> {
  const entries: TimelineEntry[] = [];
  await tenantRead(db, tenantId, async (client) => {
    for await (const page of readTimeline(client, tenantId, row.contactId, row.asOfMs)) {
      for (const { entry } of page)
        if (row.pendingAtMs === null || entry.atMs < row.pendingAtMs) entries.push(entry);
    }
  });
  return entries;
}
