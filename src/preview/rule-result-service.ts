import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { uuidv7 } from 'uuidv7';
import type { Log } from '../log.js';
import { compileModel } from '../scoring/compile-model.js';
import type { ModelDefinition } from '../scoring/model-definition.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { FIRST_UUID } from '../uuid.js';
import { planRanges, readContactStock } from './contact-plan.js';
import { readModelStanding } from './model-standing.js';
import {
  claimRuleCount,
  dropRuleClaim,
  keepRuleClaim,
  RULE_RESULTS_AGE_MS_MAX,
  selectRuleTally,
  storeRuleTally,
} from './rule-result-rows.js';
import { type RuleResults, ruleResultsOf } from './rule-results.js';
import { emptyRuleTally, mergeRuleTallies, type RuleTally } from './rule-tally.js';
import type { ThreadPool } from './thread-pool.js';

/** Up to so many contacts are counted while the caller waits; of more the last count is shown. */
export const RULE_RESULTS_AT_ONCE_MAX = 20_000;
/** Counts that wait in this process. */
const COUNTS_WAITING_MAX = 100;
/** Rest after a count that failed. */
const RETRY_MS = 30_000;
/** While counting, the claim is renewed so often; see `LEASE_MS`. */
const KEEP_CLAIM_EVERY_MS = 10_000;

/** A model at its published version. */
export interface CountedModel {
  id: string;
  version: number;
  definition: ModelDefinition;
}

export interface RuleResultServiceOptions {
  db: Database;
  registry: ModelRegistry;
  pool: ThreadPool;
  log: Log;
}

/** What each rule of a model gives at present: counted at once for few contacts, kept and renewed in the background for many. */
export class RuleResultService {
  readonly #options: RuleResultServiceOptions;
  /** Counts in the background by tenant and model, one after another. */
  readonly #waiting = new Map<string, () => Promise<void>>();
  readonly #abort = new AbortController();
  #working: Promise<void> | null = null;

  constructor(options: RuleResultServiceOptions) {
    this.#options = options;
  }

  /**
   * @returns null when there are more than `RULE_RESULTS_AT_ONCE_MAX` contacts and the first count is not over.
   * @throws LeadpulseError UNAVAILABLE when too much is under way.
   */
  async results(tenantId: string, model: CountedModel): Promise<RuleResults | null> {
    const { db, registry } = this.#options;
    const { stored, contacts } = await tenantRead(db, tenantId, async (client) => {
      const [last, stock] = await Promise.all([
        selectRuleTally(client, tenantId, model.id),
        readContactStock(client, tenantId),
      ]);
      return { stored: last, contacts: stock.contacts };
    });
    if (contacts <= RULE_RESULTS_AT_ONCE_MAX) {
      const { asOfMs, tally } = await this.#count(tenantId, model);
      return ruleResultsOf(model.definition, model.version, asOfMs, tally);
    }
    const isFresh = stored?.version === model.version && stored.ageMs <= RULE_RESULTS_AGE_MS_MAX;
    if (!isFresh) this.#countLater(tenantId, model);
    if (!stored) return null;
    const { version, asOfMs, tally } = stored;
    const { definition } = await registry.version(tenantId, model.id, version);
    return ruleResultsOf(definition, version, asOfMs, tally);
  }

  /** Gives up what is counted in the background; resolves when it has ended. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#waiting.clear();
    await this.#working;
  }

  #countLater(tenantId: string, model: CountedModel): void {
    const key = `${tenantId}/${model.id}`;
    if (this.#abort.signal.aborted || this.#waiting.size >= COUNTS_WAITING_MAX) return;
    this.#waiting.set(key, () => this.#countAndStore(tenantId, model));
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (!next) {
        this.#working = null;
        return;
      }
      const [key, count] = next;
      await count().catch((error: unknown) => {
        if (!this.#abort.signal.aborted)
          this.#options.log.warn({ err: error }, 'the results of rules could not be counted');
      });
      this.#waiting.delete(key);
    }
  }

  /** Counts a model unless another process does; a claim keeps others away meanwhile. */
  async #countAndStore(tenantId: string, model: CountedModel): Promise<void> {
    const claim = randomUUID();
    const scoped = <T>(work: (client: pg.PoolClient) => Promise<T>) =>
      tenantRead(this.#options.db, tenantId, work);
    if (!(await scoped((client) => claimRuleCount(client, tenantId, model.id, model.version, claim)))) return;
    const keeping = setInterval(() => {
      scoped((client) => keepRuleClaim(client, tenantId, model.id, claim)).catch(() => undefined);
    }, KEEP_CLAIM_EVERY_MS);
    try {
      const { asOfMs, tally } = await this.#count(tenantId, model, this.#abort.signal);
      const count = { version: model.version, asOfMs, tally };
      await scoped((client) => storeRuleTally(client, tenantId, model.id, claim, count));
    } catch (error) {
      const restMs = this.#abort.signal.aborted ? 0 : RETRY_MS;
      await scoped((client) => dropRuleClaim(client, tenantId, model.id, claim, restMs)).catch(
        () => undefined,
      );
      throw error;
    } finally {
      clearInterval(keeping);
    }
  }

  /** Counts all contacts at one instant: now. */
  async #count(
    tenantId: string,
    { id: modelId, version, definition }: CountedModel,
    signal?: AbortSignal,
  ): Promise<{ asOfMs: number; tally: RuleTally }> {
    const { db, pool } = this.#options;
    const { standing, ranges } = await tenantRead(db, tenantId, async (client) => {
      const stock = await readContactStock(client, tenantId);
      return {
        standing: await readModelStanding(client, tenantId, modelId),
        ranges: await planRanges(client, tenantId, stock, null, FIRST_UUID),
      };
    });
    const { nowMs: atMs, ...kept } = standing;
    const before = JSON.stringify(definition);
    const scope = { id: uuidv7(), tenantId, modelId, version, ...kept, atMs, before, after: null };
    let tally = emptyRuleTally(compileModel(definition));
    const asks = ranges.map((range) => ({ scope, range }));
    await pool.run(
      'rules',
      asks,
      (part) => {
        tally = mergeRuleTallies(tally, part);
      },
      signal,
    );
    return { asOfMs: atMs, tally };
  }
}
