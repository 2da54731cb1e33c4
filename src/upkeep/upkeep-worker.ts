import type pg from 'pg';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { tenantRead } from '../store/tenant-scope.js';
import { WorkerLoop } from '../worker-loop.js';

/** Rows deleted by one statement: small enough that nobody waits for it. */
const DELETED_ROWS_MAX = 2_000;
const TENANTS_PER_PAGE = 500;
const TURN_EVERY_MS = 10 * 60_000;
const ERROR_DELAY_MS = 60_000;
const DAY_MS = 86_400_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export interface UpkeepOptions {
  db: Database;
  log: Log;
  /** See IDEMPOTENCY_RETENTION_DAYS. */
  idempotencyRetentionDays: number;
  /** See FEED_RETENTION_DAYS; 0 keeps everything. */
  feedRetentionDays: number;
}

/** Removes what is kept for a while only: answers under idempotency keys, and the old end of the feed. */
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
    if (feedRetentionDays === 0) return;
    await repeatWhileFull(signal, () =>
      tenantRead(db, tenantId, (client) => cutFeed(client, tenantId, eventsBefore)),
    );
  }
}

async function repeatWhileFull(signal: AbortSignal | undefined, step: () => Promise<number>): Promise<void> {
  while (!signal?.aborted && (await step()) >= DELETED_ROWS_MAX);
}

async function deleteKeys(client: pg.ClientBase, tenantId: string, before: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key IN (SELECT key FROM idempotency_keys
       WHERE tenant_id = $1 AND created_at < $2 ORDER BY created_at LIMIT ${DELETED_ROWS_MAX})`,
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
