import type pg from 'pg';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { ERASED_IDENTITIES_DAYS } from '../store/erased-identities.js';
import { BULK_KEY_PREFIX } from '../store/idempotency-keys.js';
import { tenantRead } from '../store/tenant-scope.js';
import { WorkerLoop } from '../worker-loop.js';

/** Rows deleted by one statement: small enough that nobody waits for it. */
const DELETED_ROWS_MAX = 2_000;
const TENANTS_PER_PAGE = 500;
const TURN_EVERY_MS = 10 * 60_000;
const ERROR_DELAY_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long the answer of a preview that ran as a job can be read; `startModelPreview` says so. */
const PREVIEW_RETENTION_MS = 7 * DAY_MS;
/** How long the refused rows of an import are kept, and an unfinished one waits for the rest of its file. */
const IMPORT_RETENTION_MS = 7 * DAY_MS;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export interface UpkeepOptions {
  db: Database;
  log: Log;
  /** See IDEMPOTENCY_RETENTION_DAYS. */
  idempotencyRetentionDays: number;
  /** See FEED_RETENTION_DAYS; 0 keeps everything. */
  feedRetentionDays: number;
}

/** Removes what is kept for a while only: answers under idempotency keys and of previews, refused rows of
 * imports, and the old end of the feed. */
export class UpkeepWorker {
  readonly #options: UpkeepOptions;
  readonly #loop: WorkerLoop;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'upkeep',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: async (signal) => {
        await this.runOnce(signal);
        return TURN_EVERY_MS;
      },
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Goes through all tenants once. */
  async runOnce(signal?: AbortSignal): Promise<void> {
    let after = FIRST_ID;
    for (;;) {
      const { rows } = await this.#options.db.reads.query<{ tenant_id: string }>(
        `SELECT tenant_id FROM tenant_feeds WHERE tenant_id > $1 ORDER BY tenant_id LIMIT ${TENANTS_PER_PAGE}`,
        [after],
      );
      for (const { tenant_id } of rows) {
        if (signal?.aborted) return;
        await this.#keepUp(tenant_id, signal);
        after = tenant_id;
      }
      if (rows.length < TENANTS_PER_PAGE) return;
    }
  }

  async #keepUp(tenantId: string, signal: AbortSignal | undefined): Promise<void> {
    const { db, idempotencyRetentionDays, feedRetentionDays } = this.#options;
    const keysBefore = new Date(Date.now() - idempotencyRetentionDays * DAY_MS);
    const eventsBefore = new Date(Date.now() - feedRetentionDays * DAY_MS);
    await repeatWhileFull(signal, () =>
      tenantRead(db, tenantId, (client) => deleteKeys(client, tenantId, keysBefore)),
    );
    const previewsBefore = new Date(Date.now() - PREVIEW_RETENTION_MS);
    await repeatWhileFull(signal, () =>
      tenantRead(db, tenantId, (client) => deletePreviews(client, tenantId, previewsBefore)),
    );
    await repeatWhileFull(signal, () =>
      tenantRead(db, tenantId, (client) => deleteErasedIdentities(client, tenantId)),
    );
    const importsBefore = new Date(Date.now() - IMPORT_RETENTION_MS);
    await tenantRead(db, tenantId, (client) => endStaleImports(client, tenantId, importsBefore));
    await repeatWhileFull(signal, () =>
      tenantRead(db, tenantId, (client) => deleteImportFaults(client, tenantId, importsBefore)),
    );
    if (feedRetentionDays === 0) return;
    await repeatWhileFull(signal, () =>
      tenantRead(db, tenantId, (client) => cutFeed(client, tenantId, eventsBefore)),
    );
  }
}

async function repeatWhileFull(signal: AbortSignal | undefined, step: () => Promise<number>): Promise<void> {
  while (!signal?.aborted && (await step()) >= DELETED_ROWS_MAX);
}

/** Nobody goes on with them any more. */
async function endStaleImports(client: pg.ClientBase, tenantId: string, before: Date): Promise<void> {
  await client.query(
    `UPDATE jobs j SET state = 'FAILED', finished_at = clock_timestamp(), leased_until = NULL, leased_by = NULL,
       error = 'Nobody sent the rest of the file. What was recorded stays; import the file again.'
     FROM imports i WHERE i.tenant_id = $1 AND i.touched_at < $2 AND j.tenant_id = $1 AND j.id = i.id
       AND j.finished_at IS NULL`,
    [tenantId, before],
  );
}

async function deleteImportFaults(client: pg.ClientBase, tenantId: string, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM import_faults WHERE tenant_id = $1 AND (import_id, row_number) IN (
       SELECT f.import_id, f.row_number FROM imports i
       JOIN import_faults f ON f.tenant_id = i.tenant_id AND f.import_id = i.id
       WHERE i.tenant_id = $1 AND i.touched_at < $2 LIMIT ${DELETED_ROWS_MAX})`,
    [tenantId, before],
  );
  return rowCount ?? 0;
}

/** Keys of bulk actions that may still go on are kept: they tell who was done already. */
async function deleteKeys(client: pg.ClientBase, tenantId: string, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key IN (SELECT key FROM idempotency_keys
       WHERE tenant_id = $1 AND created_at < $2 AND NOT (key LIKE '${BULK_KEY_PREFIX}%' AND split_part(key, ':', 2) = ANY (
         ARRAY(SELECT DISTINCT job_id::text FROM bulk_action_parts WHERE tenant_id = $1)))
       ORDER BY created_at LIMIT ${DELETED_ROWS_MAX})`,
    [tenantId, before],
  );
  return rowCount ?? 0;
}

async function deleteErasedIdentities(client: pg.ClientBase, tenantId: string): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM erased_identities WHERE tenant_id = $1 AND hash IN (SELECT hash FROM erased_identities
       WHERE tenant_id = $1 AND erased_at < clock_timestamp() - interval '${ERASED_IDENTITIES_DAYS} days'
       LIMIT ${DELETED_ROWS_MAX})`,
    [tenantId],
  );
  return rowCount ?? 0;
}

/** Their jobs stay; one that is not over keeps what it needs. */
async function deletePreviews(client: pg.ClientBase, tenantId: string, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM model_previews WHERE tenant_id = $1 AND job_id IN (SELECT p.job_id FROM model_previews p
       WHERE p.tenant_id = $1 AND p.created_at < $2 AND NOT EXISTS (SELECT 1 FROM jobs j
         WHERE j.tenant_id = $1 AND j.id = p.job_id AND j.finished_at IS NULL)
       ORDER BY p.created_at LIMIT ${DELETED_ROWS_MAX})`,
    [tenantId, before],
  );
  return rowCount ?? 0;
}

/** Raises the floor and deletes what lies below it, in one statement: a cursor is either served or told that it expired. */
async function cutFeed(client: pg.ClientBase, tenantId: string, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `WITH oldest AS (
       SELECT position, recorded_at FROM score_events WHERE tenant_id = $1
       ORDER BY position LIMIT ${DELETED_ROWS_MAX}),
     cut AS (
       SELECT max(position) AS position FROM (
         SELECT position, bool_and(recorded_at < $2) OVER (ORDER BY position) AS is_old FROM oldest) AS judged
       WHERE is_old),
     floor AS (
       UPDATE tenant_feeds SET floor = greatest(floor, cut.position) FROM cut
       WHERE tenant_id = $1 AND cut.position IS NOT NULL)
     DELETE FROM score_events WHERE tenant_id = $1 AND position <= (SELECT position FROM cut)`,
    [tenantId, before],
  );
  return rowCount ?? 0;
}
