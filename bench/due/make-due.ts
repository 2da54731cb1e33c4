import { openDatabase } from '../../src/store/database.js';
import { ModelRegistry } from '../../src/store/model-registry.js';
import { tenantTransaction } from '../../src/store/tenant-scope.js';
import type { BenchTenant } from '../ingest/bench-tenants.js';
import { type MadeHistory, makeHistory } from '../ingest/make-history.js';
import { contactIdSql, insertScores } from '../ingest/preload-statements.js';

/** From the writing until the instant at which they fall due: longer than it takes to write, vacuum and checkpoint. */
const LEAD_MS_MIN = 10_000;
const CONTACTS_PER_LEAD_MS = 20;

/** Contacts that fall due together. */
export interface DueGroup {
  /** The instant at which they do. */
  dueAtMs: number;
  /** How many do: those whose score is above 0. */
  due: number;
}

/**
 * Moves the history of some contacts back in time, so far that their first decay comes in a few seconds; timelines and scores
 * stay those of one another.
 * @param every the group is made of each contact whose number is `first` modulo this.
 */
export async function makeDue(
  url: string,
  { tenantId, contacts, history }: BenchTenant,
  first: number,
  every: number,
): Promise<DueGroup> {
  const db = await openDatabase({ url, readsMax: 1, writesMax: 1, applicationName: 'leadpulse-bench' });
  try {
    const [model] = (await new ModelRegistry(db).current(tenantId)).models;
    if (!model) throw new Error('the tenant has no active model');
    const nowMs = Date.now();
    const idleMs = earliestDueMs(makeHistory(model, history, nowMs)) - nowMs;
    const leadMs = LEAD_MS_MIN + contacts / CONTACTS_PER_LEAD_MS;
    const made = makeHistory(model, history, nowMs + leadMs - idleMs);
    const dueAtMs = earliestDueMs(made);
    const ids = `SELECT ${contactIdSql('i')} FROM generate_series($2::int, $3::int - 1, $4::int) AS i`;
    const group = [tenantId, first, contacts, every];
    const due = await tenantTransaction(db, tenantId, async (manager) => {
      await manager.query('SET LOCAL statement_timeout = 0');
      await manager.query(
        `UPDATE timeline SET occurred_at = to_timestamp(($5::float8 + seq * $6::float8) / 1000)
         WHERE tenant_id = $1 AND contact_id IN (${ids})`,
        [...group, made.firstAtMs, made.stepMs],
      );
      await manager.query(
        `DELETE FROM contact_scores WHERE tenant_id = $1 AND contact_id IN (${ids})`,
        group,
      );
      const { text, values } = insertScores(tenantId, { first, contacts, every }, made.rows);
      await manager.query(text, values);
      // The first pass over what was noted is none of what is measured.
      await manager.query('DELETE FROM segment_touches WHERE tenant_id = $1', [tenantId]);
      await manager.query('DELETE FROM fact_touches WHERE tenant_id = $1', [tenantId]);
      await manager.query('UPDATE tenant_feeds SET due_at = least(due_at, $2) WHERE tenant_id = $1', [
        tenantId,
        new Date(dueAtMs),
      ]);
      const rows: { count: string }[] = await manager.query(
        'SELECT count(*) FROM contact_scores WHERE tenant_id = $1 AND due_at <= $2',
        [tenantId, new Date(dueAtMs)],
      );
      return Number(rows[0]?.count);
    });
    return { dueAtMs, due };
  } finally {
    await db.close();
  }
}

function earliestDueMs({ rows }: MadeHistory): number {
  return Math.min(...rows.map(({ dueAtMs }) => dueAtMs ?? Number.POSITIVE_INFINITY));
}
