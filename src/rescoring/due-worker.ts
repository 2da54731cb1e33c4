import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { WorkerLoop } from '../worker-loop.js';
import { advanceChunk } from './advance-chunk.js';
import { againIfEpochMoved, chunkTransaction } from './chunk-transaction.js';

/** Contacts in one transaction. With four of 1,000 beside it, ingest's p99 was 295 ms; with one of 200 it is 12. */
const CHUNK_CONTACTS_MAX = 200;
/** Chunks of one tenant before the others get their turn. */
const CHUNKS_PER_TURN_MAX = 50;
const TENANTS_PER_TURN_MAX = 100;
/** How long it may sleep: what falls due sooner through another process waits this long at most. */
const SLEEP_MS_MAX = 500;
const SLEEP_MS_MIN = 5;
/** Pause when all that is due is held by others. */
const BUSY_DELAY_MS = 20;
const ERROR_DELAY_MS = 1_000;

export interface DueWorkerOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
  /** Called after a commit that changed scores. */
  announce(tenantId: string): void;
}

/** Where a pass over a tenant's due rows stands: behind it lie rows already done, some of them dead and slow to skip. */
interface Watermark {
  dueAt: Date;
  contactId: string;
}

const PASS_START: Watermark = { dueAt: new Date(0), contactId: '00000000-0000-0000-0000-000000000000' };

/**
 * Lets time pass: claims scores whose `due_at` has come, steps through every boundary up to now and publishes each
 * with its own instant. Any number of processes may run one; they share the work by skipping what others hold.
 */
export class DueWorker {
  readonly #options: DueWorkerOptions;
  readonly #loop: WorkerLoop;

  constructor(options: DueWorkerOptions) {
    this.#options = options;
    this.#loop = new WorkerLoop({
      name: 'due',
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

  async #turn(signal: AbortSignal): Promise<number> {
    const { rows } = await this.#options.db.reads.query<{ tenant_id: string; wait_ms: number }>({
      name: 'due_tenants',
      text: `SELECT tenant_id, extract(epoch FROM due_at - clock_timestamp())::float8 * 1000 AS wait_ms
        FROM tenant_feeds WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ${TENANTS_PER_TURN_MAX}`,
    });
    let busy = false;
    for (const row of rows) {
      if (row.wait_ms > 0 || signal.aborted) break;
      if (await this.#passTenant(row.tenant_id, signal)) busy = true;
    }
    if (busy) return BUSY_DELAY_MS;
    const next = rows.find((row) => row.wait_ms > 0);
    return Math.max(SLEEP_MS_MIN, Math.min(SLEEP_MS_MAX, next?.wait_ms ?? SLEEP_MS_MAX));
  }

  /** One pass over what is due. @returns whether something due was left to others or to the next turn. */
  async #passTenant(tenantId: string, signal: AbortSignal): Promise<boolean> {
    let mark: Watermark | null = PASS_START;
    for (let chunk = 0; chunk < CHUNKS_PER_TURN_MAX && mark && !signal.aborted; chunk++) {
      const from: Watermark = mark;
      mark = await this.#runChunk(tenantId, from).catch((error: unknown) => againIfEpochMoved(error, from));
    }
    return this.#noteNextDue(tenantId);
  }

  /** @returns where to go on; null when the pass is over. */
  async #runChunk(tenantId: string, mark: Watermark): Promise<Watermark | null> {
    const { db, registry, announce } = this.#options;
    const active = await registry.current(tenantId);
    let changes = 0;
    const next = await chunkTransaction(db, tenantId, async ({ client, closing }) => {
      const { rows: due } = await client.query<{ due_at: number; contact_id: string }>({
        name: 'claim_due',
        text: `SELECT due_at, contact_id FROM contact_scores
          WHERE tenant_id = $1 AND due_at <= clock_timestamp() AND (due_at, contact_id) > ($2, $3)
          ORDER BY due_at, contact_id LIMIT ${CHUNK_CONTACTS_MAX}`,
        values: [tenantId, mark.dueAt, mark.contactId],
      });
      const last = due.at(-1);
      if (!last) return null;
      const { rows: locked } = await client.query<{ id: string }>({
        name: 'lock_due',
        text: `SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND c.id = ANY ($2)
          ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED`,
        values: [tenantId, [...new Set(due.map((row) => row.contact_id))]],
      });
      const ids = locked.map((row) => row.id);
      if (ids.length > 0) changes = await advanceChunk({ client, closing, tenantId, active, registry }, ids);
      return due.length < CHUNK_CONTACTS_MAX
        ? null
        : { dueAt: new Date(last.due_at), contactId: last.contact_id };
    });
    if (changes > 0) announce(tenantId);
    return next;
  }

  /**
   * Sets the tenant's next due instant from its rows. The feed row is locked first and read in a statement of its own,
   * so that no batch committed in between is missed.
   * @returns whether something is due already.
   */
  #noteNextDue(tenantId: string): Promise<boolean> {
    return chunkTransaction(this.#options.db, tenantId, async ({ client }) => {
      await client.query({
        name: 'lock_feed',
        text: 'SELECT 1 FROM tenant_feeds WHERE tenant_id = $1 FOR NO KEY UPDATE',
        values: [tenantId],
      });
      const { rows } = await client.query<{ due: boolean | null }>({
        name: 'note_next_due',
        text: `UPDATE tenant_feeds SET due_at = (SELECT due_at FROM contact_scores
            WHERE tenant_id = $1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1)
          WHERE tenant_id = $1 RETURNING due_at <= clock_timestamp() AS due`,
        values: [tenantId],
      });
      return rows[0]?.due === true;
    });
  }
}
