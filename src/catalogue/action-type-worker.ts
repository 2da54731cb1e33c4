import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { WorkerLoop } from '../worker-loop.js';
import { foldActionTypes } from './fold-action-types.js';

/** How long rows of batches wait before they are folded: a busy server writes some thousands in that time. */
const FOLD_EVERY_MS = 10_000;
const ERROR_DELAY_MS = 60_000;
/** Transactions of one tenant before the others get their turn. */
const FOLDS_PER_TURN_MAX = 50;
const TENANTS_PER_PAGE = 500;
/** Tenants remembered as having nothing to fold; over it all are looked at again. */
const TENANTS_REMEMBERED_MAX = 100_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export interface ActionTypeWorkerOptions {
  db: Database;
  log: Log;
}

/**
 * Folds what batches appended about action types into the counts, every few seconds, for the tenants in which something
 * was written. Any number of processes may run one.
 */
export class ActionTypeWorker {
  readonly #options: ActionTypeWorkerOptions;
  readonly #loop: WorkerLoop;
  /** The version of a tenant's feed row at which everything was folded: every batch writes that row. */
  readonly #foldedAt = new Map<string, string>();

  constructor(options: ActionTypeWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'action-types',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: async (signal) => {
        await this.runOnce(signal);
        return FOLD_EVERY_MS;
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
      const { rows } = await this.#options.db.reads.query<{ tenant_id: string; row_version: string }>({
        name: 'written_tenants',
        text: `SELECT tenant_id, xmin::text AS row_version FROM tenant_feeds WHERE tenant_id > $1
          ORDER BY tenant_id LIMIT ${TENANTS_PER_PAGE}`,
        values: [after],
      });
      for (const { tenant_id, row_version } of rows) {
        if (signal?.aborted) return;
        await this.#foldTenant(tenant_id, row_version, signal);
        after = tenant_id;
      }
      if (rows.length < TENANTS_PER_PAGE) return;
    }
  }

  async #foldTenant(tenantId: string, rowVersion: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#foldedAt.get(tenantId) === rowVersion) return;
    for (let fold = 0; fold < FOLDS_PER_TURN_MAX && !signal?.aborted; fold++) {
      if (await foldActionTypes(this.#options.db, tenantId)) continue;
      if (this.#foldedAt.size >= TENANTS_REMEMBERED_MAX) this.#foldedAt.clear();
      this.#foldedAt.set(tenantId, rowVersion);
      return;
    }
  }
}
