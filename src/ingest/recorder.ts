import { LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import type { ModelRegistry } from '../store/model-registry.js';
import { keysOfItem } from './batch-keys.js';
import { BatchRunner } from './batch-runner.js';
import { checkItem } from './check-item.js';
import type { IngestItem, IngestOutcome } from './ingest-item.js';

/** Items in one transaction at most. In bulk, 500 wrote 1.1 to 1.3 times as many actions a second as 200 (docs/performance.md). */
const BATCH_ITEMS_MAX = 500;
/** Items that have to wait before a tenant gets a second batch beside its first. */
const SECOND_BATCH_ITEMS_MIN = 50;
/** For how long fewer of them wait. */
const SECOND_BATCH_AFTER_MS = 30;
/** Score rows that a batch may write: with many active models it takes fewer items. */
const BATCH_ROWS_MAX = 1_000;
/** Items that wait in this process; more are refused. */
const QUEUE_ITEMS_MAX = 50_000;
/**
 * How often an item whose contact is busy is put off before it waits for the contact alone. Waiting is the last resort: who
 * waits for a row can be overtaken again and again by transactions that take it without having to wait.
 */
const PUT_OFF_MAX = 12;
/** The pause grows by this with every time, up to `PUT_OFF_DELAY_MS_MAX`, and is drawn at random below that. */
const PUT_OFF_DELAY_MS = 3;
const PUT_OFF_DELAY_MS_MAX = 30;
/** How often it is tried in all before its caller is told that the contact is too busy. */
const TRIES_MAX = 40;
/** Items looked at when a batch is put together: those of busy contacts are passed over. */
const SCAN_ITEMS_MAX = 10_000;
/** Where a batch ends also for further items of contacts that are in it. */
const BATCH_ITEMS_END = 4_000;

export interface RecorderOptions {
  db: Database;
  registry: ModelRegistry;
  log: Log;
  /** Batches under way at once. */
  batchesMax: number;
  /** Called after a commit that changed scores. */
  announce(tenantId: string): void;
}

interface QueuedItem {
  item: IngestItem;
  /** Every key that the item names: its contact's, and the identities that it brings. */
  keys: string[];
  putOff: number;
  answer(outcome: IngestOutcome): void;
}

interface TenantQueue {
  tenantId: string;
  waiting: QueuedItem[];
  /** Keys of the items under way: a contact is in one batch of this process at a time. */
  busy: Set<string>;
  /** When the last batch was started, on the process's clock. */
  startedAtMs: number;
}

/**
 * Takes items from any number of callers and writes them in shared batches: those that arrive while others are being
 * written go together. An item is answered after its commit, never before.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #runner: BatchRunner;
  readonly #queues = new Map<string, TenantQueue>();
  #queued = 0;
  #itemsTaken = 0;
  #running = 0;
  #scheduled = false;
  #later: NodeJS.Timeout | undefined;
  #closed = false;
  #idle: (() => void) | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#runner = new BatchRunner(options);
  }

  /**
   * Writes items to the timelines of their contacts. Never rejects for the fault of one item: each has its outcome, in
   * the order given. Over `QUEUE_ITEMS_MAX` waiting items, new ones are refused with UNAVAILABLE.
   */
  record(tenantId: string, items: readonly IngestItem[]): Promise<IngestOutcome[]> {
    this.#itemsTaken += items.length;
    return Promise.all(items.map((item) => this.#enqueue(tenantId, item)));
  }

  /** Items that were handed in so far: what else there is to do can tell by it how busy callers are. */
  get itemsTaken(): number {
    return this.#itemsTaken;
  }

  /** Stops taking items and waits until those taken are answered. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#queued === 0 && this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #enqueue(tenantId: string, item: IngestItem): IngestOutcome | Promise<IngestOutcome> {
    if (this.#closed) return refused('The server is shutting down. Send the request again.');
    if (this.#queued >= QUEUE_ITEMS_MAX) {
      return refused('Too many items are waiting to be written. Send it again later, more slowly.');
    }
    try {
      checkItem(item);
    } catch (error) {
      if (error instanceof LeadpulseError) return { status: 'REJECTED', error };
      throw error;
    }
    return new Promise((answer) => {
      this.#queueOf(tenantId).waiting.push({ item, keys: keysOfItem(item), putOff: 0, answer });
      this.#queued++;
      this.#schedule();
    });
  }

  #queueOf(tenantId: string): TenantQueue {
    let queue = this.#queues.get(tenantId);
    if (!queue) {
      queue = { tenantId, waiting: [], busy: new Set(), startedAtMs: 0 };
      this.#queues.set(tenantId, queue);
    }
    return queue;
  }

  /** Batches start once everything that has arrived by now is in the queue. */
  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#options.batchesMax) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  /** Starts batches while there is room and something to take, tenants in turn. */
  #dispatch(): void {
    for (let started = true; started; ) {
      started = false;
      for (const queue of [...this.#queues.values()]) {
        if (this.#running >= this.#options.batchesMax) return;
        // To the end of the line, so that one busy tenant does not keep the others waiting.
        this.#queues.delete(queue.tenantId);
        this.#queues.set(queue.tenantId, queue);
        if (!isWorthABatch(queue, performance.now())) {
          this.#lookAgainLater();
          continue;
        }
        const batch = takeBatch(queue, this.#itemsMax(queue.tenantId));
        if (batch.length === 0) continue;
        started = true;
        void this.#run(queue, batch);
      }
    }
  }

  /** For items that wait for a batch to end: in case it takes long. */
  #lookAgainLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#schedule();
    }, SECOND_BATCH_AFTER_MS);
  }

  #itemsMax(tenantId: string): number {
    const perItem = this.#options.registry.activeCount(tenantId);
    return Math.max(1, Math.min(BATCH_ITEMS_MAX, Math.floor(BATCH_ROWS_MAX / perItem)));
  }

  async #run(queue: TenantQueue, batch: QueuedItem[]): Promise<void> {
    this.#running++;
    queue.startedAtMs = performance.now();
    for (const key of batch.flatMap((queued) => queued.keys)) queue.busy.add(key);
    const alone = batch.some((queued) => queued.putOff >= PUT_OFF_MAX);
    try {
      const items = batch.map((queued) => queued.item);
      const report = await this.#runner.run(queue.tenantId, items, alone);
      batch.forEach((queued, index) => {
        const result = report.results[index] ?? refused('The item was not processed. Send it again.');
        if (result.status === 'RECORDED' || result.status === 'DUPLICATE' || result.status === 'REJECTED') {
          this.#answer(queued, result);
        } else this.#putOff(queue, queued);
      });
      if (report.changes > 0) this.#options.announce(queue.tenantId);
    } catch (error) {
      this.#options.log.error({ err: error, items: batch.length }, 'a batch could not be written');
      for (const queued of batch)
        this.#answer(queued, refused('The items could not be written. Send them again.'));
    } finally {
      for (const key of batch.flatMap((queued) => queued.keys)) queue.busy.delete(key);
      this.#running--;
      // Only a queue that nobody uses may go: a second one beside it would know nothing of what is busy.
      if (queue.waiting.length === 0 && queue.busy.size === 0) this.#queues.delete(queue.tenantId);
      if (this.#queued > 0) this.#schedule();
      else if (this.#running === 0) this.#idle?.();
    }
  }

  #answer(queued: QueuedItem, outcome: IngestOutcome): void {
    this.#queued--;
    queued.answer(outcome);
  }

  /** Another process holds the contact: a little later again. */
  #putOff(queue: TenantQueue, queued: QueuedItem): void {
    queued.putOff++;
    if (queued.putOff >= TRIES_MAX) {
      this.#answer(queued, refused('The contact is being written to too often. Send the request again.'));
      return;
    }
    setTimeout(
      () => {
        this.#queueOf(queue.tenantId).waiting.unshift(queued);
        this.#schedule();
      },
      Math.random() * Math.min(PUT_OFF_DELAY_MS_MAX, PUT_OFF_DELAY_MS * queued.putOff),
    );
  }
}

/**
 * Whether to start a batch beside those of the tenant that are under way: small ones cost the database twice as much an
 * action as one that waits for the other to end. Nobody waits for a slow one, though: a long replay, or a busy contact.
 */
function isWorthABatch({ busy, waiting, startedAtMs }: TenantQueue, nowMs: number): boolean {
  if (busy.size === 0 || waiting.length >= SECOND_BATCH_ITEMS_MIN) return true;
  return waiting.length > 0 && nowMs - startedAtMs >= SECOND_BATCH_AFTER_MS;
}

/**
 * The next items of a tenant that can go together; one that was put off too often goes alone. Further items of a contact
 * that is in the batch come along: a history that is sent at once is folded in its own order, whatever order it is sent in.
 * What is passed over holds back everything behind it that shares a key, so that items of one person keep their order.
 */
function takeBatch(queue: TenantQueue, itemsMax: number): QueuedItem[] {
  const batch: QueuedItem[] = [];
  const passed: QueuedItem[] = [];
  const taken = new Set<string>();
  const held = new Set<string>(queue.busy);
  let scanned = 0;
  for (const queued of queue.waiting) {
    if (scanned >= SCAN_ITEMS_MAX || batch.length >= BATCH_ITEMS_END) break;
    scanned++;
    const alone = queued.putOff >= PUT_OFF_MAX;
    const { keys } = queued;
    const hasRoom = batch.length < itemsMax || keys.some((key) => taken.has(key));
    if (!hasRoom || keys.some((key) => held.has(key)) || (alone && batch.length > 0)) {
      for (const key of keys) held.add(key);
      passed.push(queued);
      continue;
    }
    batch.push(queued);
    for (const key of keys) taken.add(key);
    if (alone) break;
  }
  queue.waiting = [...passed, ...queue.waiting.slice(scanned)];
  return batch;
}

function refused(message: string): { status: 'REJECTED'; error: LeadpulseError } {
  return { status: 'REJECTED', error: new LeadpulseError('UNAVAILABLE', message) };
}
