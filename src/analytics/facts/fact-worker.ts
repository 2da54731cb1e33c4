import type { Log } from '../../log.js';
import type { Database } from '../../store/database.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import { TenantRests } from '../../tenant-rests.js';
import { WorkerLoop } from '../../worker-loop.js';
import { FACTS_ARE_OLD, runFactTurn } from './fact-turn.js';

/** How long touched contacts gather: whoever is touched again meanwhile is derived once. */
const IDLE_DELAY_MS = 2_000;
const ERROR_DELAY_MS = 5_000;
const TENANTS_PER_ROUND_MAX = 200;
/**
 * Pause after a turn, in times of what the turn took. Reports can wait, callers cannot: a contact costs 0.2 ms here and 0.15 ms in the
 * database, about what recording an action costs. Without pauses a server that records on two cores lost 20 to 35 % of its rate, and
 * with them only after turns that left something to do half of it, where callers kept to a few contacts of 10,000 entries.
 */
const PAUSE_TIMES_ALONE = 0.1;
const PAUSE_TIMES_WITH_CALLERS = 9;
/** The same when there has been more to do for longer than `PATIENCE_MS`. */
const PAUSE_TIMES_LATE = 4;
const PATIENCE_MS = 5 * 60_000;
const PAUSE_MS_MAX = 60_000;
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
  /** Tenants that are still to be served in this round, and whether one that was has more to do. */
  #round: string[] = [];
  #roundLeftSome = false;
  /** Since when there has always been more to do; null when there is not. */
  #backlogSinceMs: number | null = null;

  constructor(options: FactWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'facts',
      log: options.log,
      errorDelayMs: ERROR_DELAY_MS,
      turn: () => this.#turn(),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** @returns ms to pause before the next turn. */
  async #turn(): Promise<number> {
    const hasCallers = this.#itemsPerSecond() >= CALLERS_ITEMS_PER_SECOND;
    const startedAtMs = performance.now();
    const more = await this.serveNext();
    const endedAtMs = performance.now();
    this.#pause = { beganAtMs: endedAtMs, itemsTaken: this.#itemsTaken() };
    this.#backlogSinceMs = more ? (this.#backlogSinceMs ?? startedAtMs) : null;
    const times = pauseTimes(hasCallers, endedAtMs - (this.#backlogSinceMs ?? endedAtMs));
    const pauseMs = Math.min(PAUSE_MS_MAX, times * (endedAtMs - startedAtMs));
    return more ? pauseMs : Math.max(IDLE_DELAY_MS, pauseMs);
  }

  #itemsTaken(): number {
    return this.#options.itemsTaken?.() ?? 0;
  }

  /** What callers recorded since the turn before. */
  #itemsPerSecond(): number {
    const seconds = Math.max(1, performance.now() - this.#pause.beganAtMs) / MS_PER_SECOND;
    return (this.#itemsTaken() - this.#pause.itemsTaken) / seconds;
  }

  /**
   * One transaction for one tenant: each that has something to do is served once in a round.
   * @returns whether there is more to do at once, for this tenant or another one.
   */
  async serveNext(): Promise<boolean> {
    if (this.#round.length === 0) {
      this.#round = await this.#tenantsToServe();
      this.#roundLeftSome = false;
    }
    const tenantId = this.#round.pop();
    if (tenantId === undefined) return false;
    if (await this.#serve(tenantId)) this.#roundLeftSome = true;
    return this.#roundLeftSome || this.#round.length > 0;
  }

  /** In random order, so that nobody is always last. */
  async #tenantsToServe(): Promise<string[]> {
    const { rows } = await this.#options.db.reads.query<{ tenant_id: string }>({
      name: 'fact_tenants',
      text: `SELECT f.tenant_id FROM tenant_feeds f LEFT JOIN fact_feeds a ON a.tenant_id = f.tenant_id
        WHERE a.epoch IS DISTINCT FROM f.epoch OR a.building IS NOT NULL OR a.again OR ${FACTS_ARE_OLD}
          OR EXISTS (SELECT FROM fact_touches t WHERE t.tenant_id = f.tenant_id)
        ORDER BY random() LIMIT ${TENANTS_PER_ROUND_MAX}`,
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
