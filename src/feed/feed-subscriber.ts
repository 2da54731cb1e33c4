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
  /** Another subscriber of the same tail. */
  fork(position: bigint): FeedSubscriber;
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

  /** True when this process knows of nothing further. */
  get isCaughtUp(): boolean {
    return this.#position >= this.#options.tail.position;
  }

  /** True when what follows is in memory. */
  get isNear(): boolean {
    return this.#options.tail.after(this.#position, 0) !== null;
  }

  /** Goes on after another position that the feed had while this subscriber was open. */
  seek(position: bigint): void {
    this.#position = position;
  }

  /** Another subscriber at the same position; whoever asked closes it. */
  fork(): FeedSubscriber {
    return this.#options.fork(this.#position);
  }

  /** True when both read the same tail; the tail of a tenant is another once the database was set back. */
  sharesTailWith(other: FeedSubscriber): boolean {
    return this.#options.tail === other.#options.tail;
  }

  /**
   * Waits until there is something that was not pulled yet, or `signal` is aborted.
   * @throws LeadpulseError CURSOR_EXPIRED when the feed was set back.
   */
  async news(signal: AbortSignal): Promise<void> {
    const { tail } = this.#options;
    while (!signal.aborted && tail.after(this.#position, 1)?.length === 0)
      await tail.moved(signal, Number.POSITIVE_INFINITY);
  }

  /** Passes over everything that is known, without reading it. */
  seekEnd(): void {
    this.#position = this.#options.tail.position;
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
    return { records, position: this.#position, caughtUp: this.isCaughtUp };
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
