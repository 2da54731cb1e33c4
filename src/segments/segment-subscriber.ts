import { SignalWait } from '../feed/signal-wait.js';
import type { SegmentChangeRow } from './segment-changes.js';

/** How long a subscriber waits for a wake-up before it looks by itself. */
const POLL_MS = 500;
/** Between two reads of a subscriber that found nothing: wake-ups of a busy tenant come more often. */
const READ_GAP_MS = 100;

export interface SegmentSubscriberOptions {
  /** The last position that the subscriber has seen. */
  position: bigint;
  /** The last one that there is, as far as is known. */
  head: bigint;
  /** The changes after a position, in order. @throws LeadpulseError CURSOR_EXPIRED, UNAVAILABLE. */
  read(after: bigint, rowsMax: number): Promise<SegmentChangeRow[]>;
  /** Calls `fn` whenever there may be changes. @returns what ends it. */
  onWake(fn: () => void): () => void;
}

/** One reader of a tenant's segment changes with a position of its own. Nothing runs for it while it does not pull. */
export class SegmentSubscriber {
  readonly #options: SegmentSubscriberOptions;
  #position: bigint;
  #head: bigint;

  constructor(options: SegmentSubscriberOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#head = options.head;
  }

  /** The last position that was pulled. */
  get position(): bigint {
    return this.#position;
  }

  /** True when it knows of nothing further. */
  get isCaughtUp(): boolean {
    return this.#position >= this.#head;
  }

  /** Goes on after another position that the changes had while this subscriber was open. */
  seek(position: bigint): void {
    this.#position = position;
  }

  /** Another subscriber at the same position. */
  fork(): SegmentSubscriber {
    return new SegmentSubscriber({ ...this.#options, position: this.#position, head: this.#head });
  }

  /**
   * The next changes.
   * @param rowsMax changes at most.
   * @param wait whether to wait for the first one; else there may be none.
   * @param signal ends the wait.
   * @throws LeadpulseError CURSOR_EXPIRED, UNAVAILABLE.
   */
  async pull(rowsMax: number, wait: boolean, signal: AbortSignal): Promise<SegmentChangeRow[]> {
    if (!wait || !this.isCaughtUp) {
      const rows = await this.#read(rowsMax);
      if (!wait || rows.length > 0) return rows;
    }
    return this.#next(rowsMax, signal);
  }

  async #next(rowsMax: number, signal: AbortSignal): Promise<SegmentChangeRow[]> {
    const woken = new SignalWait();
    const pause = new SignalWait();
    const unlisten = this.#options.onWake(() => woken.wake());
    try {
      for (;;) {
        // Listening before the read: what is committed meanwhile wakes the wait after it.
        const news = woken.wait(signal, POLL_MS);
        const rows = await this.#read(rowsMax);
        if (rows.length > 0 || signal.aborted) return rows;
        await news;
        await pause.wait(signal, READ_GAP_MS);
      }
    } finally {
      unlisten();
    }
  }

  async #read(rowsMax: number): Promise<SegmentChangeRow[]> {
    const rows = await this.#options.read(this.#position, rowsMax);
    this.#position = rows.at(-1)?.position ?? this.#position;
    // A full read says nothing about what follows.
    const known = rows.length < rowsMax ? this.#position : this.#position + 1n;
    if (known > this.#head) this.#head = known;
    return rows;
  }
}
