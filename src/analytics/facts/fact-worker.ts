import type { Log } from '../../log.js';
import type { Database } from '../../store/database.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import { TenantRests } from '../../tenant-rests.js';
import { WorkerLoop } from '../../worker-loop.js';
import { FACTS_ARE_OLD, runFactTurn } from './fact-turn.js';

/** How long touched contacts gather: whoever is touched again meanwhile is derived once. */
const IDLE_DELAY_MS = 2_000;
const ERROR_DELAY_MS = 5_000;
const TENANTS_PER_TURN_MAX = 200;
/**
 * Pause after a turn that left something to do, in times of what the turn took. Reports can wait, callers cannot: a contact
 * costs 0.2 ms here and 0.15 ms in the database, which a server whose event loop is busy needs for them.
 */
const PAUSE_PER_TURN = 0.5;
const PAUSE_PER_TURN_BUSY = 9;
/** Share of the time in which an event loop works, from which on it counts as busy. The worker alone makes it 0.4. */
const BUSY_UTILIZATION = 0.7;

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
  /** Of the process, at the end of the turn before. */
  #utilization = performance.eventLoopUtilization();

  constructor(options: FactWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'facts',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: (signal) => this.#turn(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** @returns ms to pause before the next turn. */
  async #turn(signal: AbortSignal): Promise<number> {
    const startedAtMs = performance.now();
    const more = await this.runOnce(signal);
    const present = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(present, this.#utilization);
    this.#utilization = present;
    if (!more) return IDLE_DELAY_MS;
    const times = utilization < BUSY_UTILIZATION ? PAUSE_PER_TURN : PAUSE_PER_TURN_BUSY;
    return times * (performance.now() - startedAtMs);
  }

  /** One transaction for each tenant that has something to do. @returns whether there is more to do at once. */
  async runOnce(signal?: AbortSignal): Promise<boolean> {
    let more = false;
    for (const tenantId of await this.#tenantsToServe()) {
      if (signal?.aborted) return false;
      if (await this.#serve(tenantId)) more = true;
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
  async #serve(tenantId: string): Promise<boolean> {
    const { db, registry, log } = this.#options;
    if (this.#rests.isResting(tenantId)) return false;
    try {
      const more = await runFactTurn(db, tenantId, await registry.current(tenantId));
      this.#rests.served(tenantId);
      return more;
    } catch (error) {
      // What was taken is back.
      this.#rests.failed(tenantId);
      log.warn({ err: error, tenantId }, 'the facts of a tenant could not be kept');
      return false;
    }
  }
}
