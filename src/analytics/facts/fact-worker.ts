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
 * costs 0.2 ms here and 0.15 ms in the database, about what recording an action costs. Without pauses a server that records
 * on two cores lost 20 to 35 % of its rate.
 */
const PAUSE_TIMES_ALONE = 0.1;
const PAUSE_TIMES_WITH_CALLERS = 9;
/** The same when there has been something to do for longer than `PATIENCE_MS`. */
const PAUSE_TIMES_LATE = 4;
const PATIENCE_MS = 5 * 60_000;
const PAUSE_MS_MAX = 10_000;
/** Items recorded a second from which on there are callers. */
const CALLERS_ITEMS_PER_SECOND = 20;
const MS_PER_SECOND = 1_000;

export interface FactWorkerOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
  /** Items that callers have handed in to this process so far; none when absent. */
  itemsTaken?: () => number;
}

/**
 * Keeps the facts that reports are counted from as timelines, models and settings change. Any number of processes may run
 * one: a tenant is served by one of them at a time.
 */
export class FactWorker {
  readonly #options: FactWorkerOptions;
  readonly #loop: WorkerLoop;
  readonly #rests = new TenantRests();
  /** When the turn before ended, and the items taken by then. */
  #pause = { beganAtMs: performance.now(), itemsTaken: 0 };
  /** Since when every turn left something to do; null when the last one did not. */
  #backlogSinceMs: number | null = null;

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
    const hasCallers = this.#itemsPerSecond() >= CALLERS_ITEMS_PER_SECOND;
    const startedAtMs = performance.now();
    const more = await this.runOnce(signal);
    const endedAtMs = performance.now();
    this.#pause = { beganAtMs: endedAtMs, itemsTaken: this.#itemsTaken() };
    this.#backlogSinceMs = more ? (this.#backlogSinceMs ?? startedAtMs) : null;
    if (this.#backlogSinceMs === null) return IDLE_DELAY_MS;
    const times = pauseTimes(hasCallers, endedAtMs - this.#backlogSinceMs);
    return Math.min(PAUSE_MS_MAX, times * (endedAtMs - startedAtMs));
  }

  #itemsTaken(): number {
    return this.#options.itemsTaken?.() ?? 0;
  }

  /** What callers recorded since the turn before. */
  #itemsPerSecond(): number {
    const seconds = Math.max(1, performance.now() - this.#pause.beganAtMs) / MS_PER_SECOND;
    return (this.#itemsTaken() - this.#pause.itemsTaken) / seconds;
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

function pauseTimes(hasCallers: boolean, backlogMs: number): number {
  if (!hasCallers) return PAUSE_TIMES_ALONE;
  return backlogMs < PATIENCE_MS ? PAUSE_TIMES_WITH_CALLERS : PAUSE_TIMES_LATE;
}
