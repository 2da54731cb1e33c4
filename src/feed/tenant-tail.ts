import type { Log } from '../log.js';
import type { ChangeRecord } from './change-record.js';
import { ChangeRing, type RingBounds } from './change-ring.js';
import { SignalWait } from './signal-wait.js';

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

export interface TenantTailOptions {
  tenantId: string;
  /** The tail holds what comes after this position. */
  position: bigint;
  bounds: RingBounds;
  /** Rows of one read. */
  readRowsMax: number;
  read(afterPosition: bigint, limit: number): Promise<ChangeRecord[]>;
  log: Log;
}

/**
 * The newest part of one tenant's feed in one process: reads on when it is woken, keeps a bounded ring, and tells those
 * who wait. Subscribers share it, so that a change is read from the database once per process.
 */
export class TenantTail {
  readonly #options: TenantTailOptions;
  readonly #ring: ChangeRing;
  readonly #moved = new SignalWait();
  readonly #work = new SignalWait();
  readonly #stop = new AbortController();
  #dirty = false;
  #error: Error | null = null;

  constructor(options: TenantTailOptions) {
    this.#options = options;
    this.#ring = new ChangeRing(options.position, options.bounds);
    void this.#run();
  }

  /** The last position that was read. */
  get position(): bigint {
    return this.#ring.position;
  }

  /** How many records are held. */
  get size(): number {
    return this.#ring.size;
  }

  /** Says that there may be something new. */
  wake(): void {
    this.#dirty = true;
    this.#work.wake();
  }

  /**
   * Records after a position; see `ChangeRing.after`.
   * @throws Error what `fail` was told.
   */
  after(position: bigint, max: number): ChangeRecord[] | null {
    if (this.#error) throw this.#error;
    return this.#ring.after(position, max);
  }

  /** Waits until the tail has moved or failed, the time is over, or `signal` is aborted. */
  async moved(signal: AbortSignal, timeoutMs: number): Promise<void> {
    await this.#moved.wait(signal, timeoutMs);
  }

  /** Ends every subscription of the tenant with an error: the feed is no longer the one that was read. */
  fail(error: Error): void {
    this.#error = error;
    this.stop();
  }

  /** Reads no more. */
  stop(): void {
    this.#stop.abort();
    this.#moved.wake();
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!this.#stop.signal.aborted) {
      if (!this.#dirty) {
        await this.#work.wait(this.#stop.signal, Number.POSITIVE_INFINITY);
        continue;
      }
      this.#dirty = false;
      try {
        await this.#readOn();
        retryMs = RETRY_FIRST_MS;
      } catch (error) {
        this.#options.log.warn(
          { err: error, tenantId: this.#options.tenantId, retryMs },
          'could not read the feed',
        );
        this.#dirty = true;
        // Woken by nothing but the stop: a wake-up does not make a database answer.
        await new SignalWait().wait(this.#stop.signal, retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
  }

  async #readOn(): Promise<void> {
    const { read, readRowsMax } = this.#options;
    const records = await read(this.#ring.position, readRowsMax);
    if (this.#stop.signal.aborted) return;
    for (const record of records) this.#ring.push(record);
    if (records.length === readRowsMax) this.#dirty = true;
    if (records.length > 0) this.#moved.wake();
  }
}
