import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import { ReplayTooLong } from '../store/advance-contact.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { type MergeWish, mergeContacts } from '../store/rewriting/merge-contacts.js';
import { runRewrite } from '../store/rewriting/run-rewrite.js';
import { isConnectionLoss, sqlStateOf } from '../store/sql-state.js';
import { isEpochMoved } from '../store/write-scores.js';
import { type ItemResult, rejected } from './batch.js';
import type { IngestItem } from './ingest-item.js';
import { KeyCache } from './key-cache.js';
import { PropertyMemory } from './property-memory.js';
import { BatchOutpaced } from './resolve-contacts.js';
import { type BatchReport, BatchRolledBack, type PreparedBatch, runBatch } from './run-batch.js';
import { findCommitted } from './transaction-fate.js';

/** Tries of a batch that met another transaction, or a server that is away, before its callers are told. */
const TRIES_MAX = 8;
/** Publications that one batch may meet on top of that. */
const RELOADS_MAX = 50;
const RETRY_DELAY_MS = 5;
const RECONNECT_DELAY_MS = 250;
/** Entries that a replay may read inside a shared batch; a longer timeline gets a transaction of its own. */
const SHARED_REPLAY_ENTRIES_MAX = 1_000;

/** Merges for one item that others may undo before it is written. */
const MERGE_ROUNDS_MAX = 3;
/** In whose name contacts are merged because an item says so: items do not tell who sent them. */
const MERGED_BY = 'upsertContact';

export interface BatchRunnerOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
  /** Called after a merge that changed scores. */
  announce(tenantId: string): void;
}

/** Runs batches to their end: again when another transaction was in the way, in halves when one item is bad. */
export class BatchRunner {
  readonly #options: BatchRunnerOptions;
  readonly #keys = new KeyCache();
  readonly #properties = new PropertyMemory();

  constructor(options: BatchRunnerOptions) {
    this.#options = options;
  }

  /**
   * @param alone wait for busy contacts instead of answering BUSY.
   * @param mergeRounds how often contacts are merged for its items before they are answered MERGE.
   * @returns a result for every item. Faults of single items are results; the promise rejects only for bugs.
   */
  async run(
    tenantId: string,
    items: readonly IngestItem[],
    alone: boolean,
    mergeRounds = MERGE_ROUNDS_MAX,
  ): Promise<BatchReport> {
    let lastError: unknown;
    let reloads = 0;
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const attempt = await this.#attempt(tenantId, items, alone);
      if ('results' in attempt) {
        if (mergeRounds === 0 || !attempt.results.some((result) => result.status === 'MERGE')) return attempt;
        return this.#mergeForItems(tenantId, items, attempt, (again) =>
          this.run(tenantId, again, alone, mergeRounds - 1),
        );
      }
      lastError = attempt.error;
      const next = verdictOn(attempt.error, items.length);
      if (next === 'SPLIT') return this.#runHalves(tenantId, items, alone);
      if (next === 'ALONE') return this.#runLongOnes(tenantId, items);
      if (next === 'REFUSE') return this.#refuse(items, attempt.error);
      if (next === 'RELOAD') {
        await this.#options.registry.reload(tenantId);
        // Somebody published: no sign of a busy database, so it does not count as a try until it happens too often.
        if (++reloads <= RELOADS_MAX) tries--;
      }
      if (next === 'RECONNECT') await delay(RECONNECT_DELAY_MS * tries);
      if (next === 'AGAIN') await delay(RETRY_DELAY_MS * tries * Math.random());
    }
    this.#options.log.warn({ err: lastError, items: items.length }, 'a batch was given up');
    const error = new LeadpulseError(
      'UNAVAILABLE',
      'The database was too busy or away. Send the request again.',
    );
    return { results: items.map(() => rejected(error)), changes: 0 };
  }

  async #attempt(
    tenantId: string,
    items: readonly IngestItem[],
    alone: boolean,
  ): Promise<BatchReport | { error: unknown }> {
    const { db, registry } = this.#options;
    let client: pg.PoolClient | null = null;
    let prepared: PreparedBatch | null = null;
    try {
      const active = await registry.cached(tenantId);
      client = await db.writes.connect();
      const report = await runBatch(
        {
          client,
          tenantId,
          active,
          registry,
          keys: this.#keys,
          properties: this.#properties,
          installationId: db.installationId,
          waitForLocks: alone,
          replayEntriesMax: alone ? Number.POSITIVE_INFINITY : SHARED_REPLAY_ENTRIES_MAX,
          onPrepared(batch) {
            prepared = batch;
          },
        },
        items,
      );
      client.release();
      return report;
    } catch (error) {
      if (client) await abandon(client, error);
      if (prepared && isConnectionLoss(error)) {
        const committed = await findCommitted(db, tenantId, prepared);
        if (committed) return committed;
      }
      return { error };
    }
  }

  /**
   * Merges the contacts that items ask to be merged, each pair in a transaction of its own, and runs these items again, with
   * those of the same people behind them: what the batch made is committed by then. Their keys stay busy meanwhile, so that nothing of the same person overtakes them.
   */
  async #mergeForItems(
    tenantId: string,
    items: readonly IngestItem[],
    report: BatchReport,
    runAgain: (items: readonly IngestItem[]) => Promise<BatchReport>,
  ): Promise<BatchReport> {
    const again: number[] = [];
    for (const [index, result] of report.results.entries()) {
      if (result.status !== 'MERGE' && result.status !== 'BEHIND_MERGE') continue;
      const error = result.status === 'MERGE' ? await this.#merge(tenantId, result.wish) : null;
      if (error) report.results[index] = rejected(error);
      else again.push(index);
    }
    if (again.length === 0) return report;
    const rerun = await runAgain(again.flatMap((index) => items[index] ?? []));
    rerun.results.forEach((result, nth) => {
      report.results[again[nth] ?? -1] = result;
    });
    return { results: report.results, changes: report.changes + rerun.changes };
  }

  /** @returns why it cannot be done; null when it is. */
  async #merge(tenantId: string, wish: MergeWish): Promise<LeadpulseError | null> {
    try {
      await runRewrite(this.#options, { tenantId, by: MERGED_BY }, async (rewrite) => {
        const { mergeId, contactId } = await mergeContacts(rewrite, wish);
        return { id: mergeId ?? '', contactId };
      });
      return null;
    } catch (error) {
      if (error instanceof LeadpulseError) return error;
      this.#options.log.error({ err: error }, 'contacts could not be merged');
      return new LeadpulseError('UNAVAILABLE', 'The contacts could not be merged. Send the request again.');
    }
  }

  /** One of the items makes the statement fail: halves, until it stands alone. */
  async #runHalves(tenantId: string, items: readonly IngestItem[], alone: boolean): Promise<BatchReport> {
    const middle = Math.ceil(items.length / 2);
    const first = await this.run(tenantId, items.slice(0, middle), alone);
    const second = await this.run(tenantId, items.slice(middle), alone);
    return { results: [...first.results, ...second.results], changes: first.changes + second.changes };
  }

  /** A timeline is too long to be replayed beside others: every item by itself, in order. */
  async #runLongOnes(tenantId: string, items: readonly IngestItem[]): Promise<BatchReport> {
    const report: BatchReport = { results: [], changes: 0 };
    for (const item of items) {
      const single = await this.run(tenantId, [item], true);
      report.results.push(...single.results);
      report.changes += single.changes;
    }
    return report;
  }

  #refuse(items: readonly IngestItem[], error: unknown): BatchReport {
    this.#options.log.error({ err: error }, 'an item could not be written');
    const refusal: ItemResult = rejected(
      new LeadpulseError(
        'BAD_USER_INPUT',
        'The item cannot be stored. Check its values; the server log says more.',
      ),
    );
    return { results: items.map(() => refusal), changes: 0 };
  }
}

type Verdict = 'AGAIN' | 'RELOAD' | 'RECONNECT' | 'SPLIT' | 'ALONE' | 'REFUSE';

/** What to do about a batch that failed. */
function verdictOn(error: unknown, items: number): Verdict {
  if (error instanceof ReplayTooLong) return items > 1 ? 'SPLIT' : 'ALONE';
  if (error instanceof BatchOutpaced || error instanceof BatchRolledBack) return 'AGAIN';
  if (isConnectionLoss(error)) return 'RECONNECT';
  const state = sqlStateOf(error);
  if (isEpochMoved(error)) return 'RELOAD';
  // 23505: the same idempotency key in two batches at once. 40: deadlock, serialisation. 55P03: lock timeout.
  if (state === '23505' || state === '55P03' || state === '57014' || state?.startsWith('40')) return 'AGAIN';
  return items > 1 ? 'SPLIT' : 'REFUSE';
}

/** Gives the connection back, clean or closed. */
async function abandon(client: pg.PoolClient, error: unknown): Promise<void> {
  if (isConnectionLoss(error)) {
    client.release(true);
    return;
  }
  const clean = await client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
  client.release(!clean);
}
