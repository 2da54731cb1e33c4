import type { Log } from '../../log.js';
import type { Database } from '../../store/database.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import { TenantRests } from '../../tenant-rests.js';
import { WorkerLoop } from '../../worker-loop.js';
import { FACTS_ARE_OLD, runFactTurn } from './fact-turn.js';

/** How long touched contacts gather: whoever is touched again meanwhile is derived once. */
const IDLE_DELAY_MS = 2_000;
const ERROR_DELAY_MS = 5_000;
/** Tenants of one turn, and transactions of one tenant before the others get theirs. */
const TENANTS_PER_TURN_MAX = 200;
const STEPS_PER_TURN_MAX = 20;

export interface FactWorkerOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
}

/**
 * Keeps the facts that reports are counted from as timelines, models and settings change. Any number of processes may run
 * one: a tenant is served by one of them at a time.
 */
export class FactWorker {
  readonly #options: FactWorkerOptions;
  readonly #loop: WorkerLoop;
  readonly #rests = new TenantRests();

  constructor(options: FactWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'facts',
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
    let more = false;
    for (const tenantId of await this.#tenantsToServe()) {
      if (signal?.aborted) return false;
      if (await this.#serve(tenantId, signal)) more = true;
    }
    return more;
  }

  /** In random order, so that nobody is always last. */
  async #tenantsToServe(): Promise<string[]> {
    const { rows } = await this.#options.db.reads.query<{ tenant_id: string }>({
      name: 'fact_tenants',
      text: `SELECT f.tenant_id FROM tenant_feeds f LEFT JOIN fact_feeds a ON a.tenant_id = f.tenant_id
        WHERE a.epoch IS DISTINCT FROM f.epoch OR a.building IS NOT NULL OR a.again OR ${FACTS_ARE_OLD}
          OR EXISTS (SELECT FROM fact_touches t WHERE t.tenant_id = f.tenant_id)
        ORDER BY random() LIMIT ${TENANTS_PER_TURN_MAX}`,
    });
    return rows.map(({ tenant_id }) => tenant_id);
  }

  /** @returns whether the tenant has more to do at once. */
  async #serve(tenantId: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { db, registry, log } = this.#options;
    if (this.#rests.isResting(tenantId)) return false;
    try {
      for (let step = 0; step < STEPS_PER_TURN_MAX && !signal?.aborted; step++) {
        const more = await runFactTurn(db, tenantId, await registry.current(tenantId));
        this.#rests.served(tenantId);
        if (!more) return false;
      }
      return true;
    } catch (error) {
      // What was taken is back.
      this.#rests.failed(tenantId);
      log.warn({ err: error, tenantId }, 'the facts of a tenant could not be kept');
      return false;
    }
  }
}
