import { LeadpulseError } from '../errors.js';
import type { ChangeRecord } from './change-record.js';
import { SignalWait } from './signal-wait.js';
import type { TenantTail } from './tenant-tail.js';

/** Attempts to read a page before the subscriber is told UNAVAILABLE; 0.1 + 0.2 + ... s between them. */
const PAGE_ATTEMPTS_MAX = 6;
const PAGE_RETRY_FIRST_MS = 100;

export interface FeedSubscriberOptions {
  /** The last position that the subscriber has seen. */
  position: bigint;
  tail: TenantTail;
  readPage(after: bigint, limit: number): Promise<ChangeRecord[]>;
  pageRowsMax: number;
  onClose(): void;
}

/** What one pull brought. */
export interface Pulled {
  /** In the order of the feed, without a gap; empty when the time was over or the pull was aborted. */
  records: ChangeRecord[];
  /** Where the feed goes on: the position of the last record. */
  position: bigint;
  /** True when this process knows of nothing further. */
  caughtUp: boolean;
}

/**
 * One reader of a tenant's feed with a position of its own. It takes records from the tail that the tenant's subscribers
 * share, or from the table when it is further back; nothing is kept for it while it does not pull.
 */
export class FeedSubscriber {
  readonly #options: FeedSubscriberOptions;
  #position: bigint;

  constructor(options: FeedSubscriberOptions) {
    this.#options = options;
    this.#position = options.position;
  }

  /** The last position that was pulled. */
  get position(): bigint {
    return this.#position;
  }

  /**
   * The next records; waits for them when there are none yet.
   * @param max records at most; a page is the upper bound.
   * @param waitMsMax how long to wait; Infinity waits for the first record.
   * @param signal ends the wait.
   * @throws LeadpulseError CURSOR_EXPIRED when the next change is no longer kept, UNAVAILABLE when the database does not answer.
   */
  async pull(max: number, waitMsMax: number, signal: AbortSignal): Promise<Pulled> {
    const { tail, pageRowsMax } = this.#options;
    const deadlineMs = performance.now() + waitMsMax;
    for (;;) {
      if (signal.aborted) return this.#pulled([]);
      const records =
        tail.after(this.#position, Math.min(max, pageRowsMax)) ?? (await this.#page(max, signal));
      if (records.length > 0) return this.#pulled(records);
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return this.#pulled([]);
      await tail.moved(signal, leftMs);
    }
  }

  /** Lets go of the tail; to be called once the subscriber is done, however it ended. */
  close(): void {
    this.#options.onClose();
  }

  #pulled(records: ChangeRecord[]): Pulled {
    this.#position = records.at(-1)?.position ?? this.#position;
    return { records, position: this.#position, caughtUp: this.#position >= this.#options.tail.position };
  }

  async #page(max: number, signal: AbortSignal): Promise<ChangeRecord[]> {
    const pause = new SignalWait();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#options.readPage(this.#position, max);
      } catch (error) {
        if (error instanceof LeadpulseError) throw error;
        if (attempt >= PAGE_ATTEMPTS_MAX || signal.aborted) {
          const message =
            'The feed cannot be read at the moment; subscribe again after the last cursor you have.';
          throw new LeadpulseError('UNAVAILABLE', message);
        }
        await pause.wait(signal, PAGE_RETRY_FIRST_MS * 2 ** (attempt - 1));
      }
    }
  }
}
