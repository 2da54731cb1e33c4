import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { TenantRests } from '../tenant-rests.js';
import { WorkerLoop } from '../worker-loop.js';
import { cutSegmentChanges } from './segment-changes.js';
import { runSegmentTurn } from './segment-turn.js';

/** How long contacts that were written to wait at most before they are looked at, on a server that is not overloaded. */
const IDLE_DELAY_MS = 500;
const ERROR_DELAY_MS = 1_000;
/** Tenants of one turn, and transactions of one tenant before the others get theirs. */
const TENANTS_PER_TURN_MAX = 200;
const STEPS_PER_TURN_MAX = 20;
const CUT_EVERY_MS = 10 * 60_000;
const DAY_MS = 86_400_000;

export interface SegmentWorkerOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
  /** See FEED_RETENTION_DAYS; 0 keeps everything. */
  feedRetentionDays: number;
  /** Called after a commit that put changes into the segments' feed. */
  announce(tenantId: string): void;
}

/**
 * Keeps the members of segments and tells who came and went. Any number of processes may run one: a tenant is served by
 * one of them at a time.
 */
export class SegmentWorker {
  readonly #options: SegmentWorkerOptions;
  readonly #loop: WorkerLoop;
  #cutAtMs = 0;
  readonly #rests = new TenantRests();

  constructor(options: SegmentWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'segments',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: async (signal) => ((await this.runOnce(signal)) ? 0 : IDLE_DELAY_MS),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Serves the tenants that have something to do once. @returns whether there is more to do at once. */
  async runOnce(signal?: AbortSignal): Promise<boolean> {
    // Keys and counters only, over all tenants; in random order, so that nobody is always last.
    const { rows } = await this.#options.db.reads.query<{ tenant_id: string }>({
      name: 'segment_tenants',
      text: `SELECT f.tenant_id FROM tenant_feeds f LEFT JOIN segment_feeds s ON s.tenant_id = f.tenant_id
        WHERE s.tenant_id IS NULL OR s.epoch IS DISTINCT FROM f.epoch OR s.sweep_cursor IS NOT NULL
          OR s.sweep_at <= clock_timestamp()
          OR EXISTS (SELECT FROM segment_touches t WHERE t.tenant_id = f.tenant_id)
        ORDER BY random() LIMIT ${TENANTS_PER_TURN_MAX}`,
    });
    let more = false;
    for (const { tenant_id } of rows) {
      if (signal?.aborted) return false;
      if (await this.#serve(tenant_id, signal)) more = true;
    }
    await this.#cut(signal);
    return more;
  }

  /** @returns whether the tenant has more to do at once. */
  async #serve(tenantId: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { db, registry, announce, log } = this.#options;
    if (this.#rests.isResting(tenantId)) return false;
    try {
      for (let step = 0; step < STEPS_PER_TURN_MAX && !signal?.aborted; step++) {
        const turn = await runSegmentTurn(db, tenantId, await registry.current(tenantId));
        if (turn.changes > 0) announce(tenantId);
        this.#rests.served(tenantId);
        if (!turn.more) return false;
      }
      return true;
    } catch (error) {
      // What was taken is back.
      this.#rests.failed(tenantId);
      log.warn({ err: error, tenantId }, 'the segments of a tenant could not be kept');
      return false;
    }
  }

  async #cut(signal: AbortSignal | undefined): Promise<void> {
    const { db, feedRetentionDays } = this.#options;
    const nowMs = Date.now();
    if (feedRetentionDays === 0 || nowMs - this.#cutAtMs < CUT_EVERY_MS) return;
    this.#cutAtMs = nowMs;
    const { rows } = await db.reads.query<{ tenant_id: string }>(
      'SELECT tenant_id FROM segment_feeds WHERE position > floor',
    );
    const before = new Date(nowMs - feedRetentionDays * DAY_MS);
    for (const { tenant_id } of rows) {
      while (!signal?.aborted && (await cutSegmentChanges(db, tenant_id, before)));
    }
  }
}
