import type { ChangeGroup } from './change-group.js';
import type { EventReader } from './event-reader.js';
import type { FrameBatch, FrameSink, LiveSubscription } from './frame.js';
import type { FrameMaker } from './frame-maker.js';

export interface ChangeMemberOptions {
  group: ChangeGroup;
  /** Its own way through the stream, for when it is not where the group is. */
  reader: EventReader;
  maker: FrameMaker;
}

/**
 * One of several equal subscriptions to changes. Where it stands with its group, it is handed what the group has made. Where it
 * is behind, because it resumed after a cursor or its client is slow, it reads on by itself, and nothing is kept for it.
 */
export class ChangeMember implements LiveSubscription {
  readonly #group: ChangeGroup;
  readonly #reader: EventReader;
  readonly #maker: FrameMaker;
  readonly #stop = new AbortController();
  #sink: FrameSink | null = null;
  /** True from when a client that had caught up could not be written to until it has caught up again. */
  #isSlow = false;

  constructor({ group, reader, maker }: ChangeMemberOptions) {
    this.#group = group;
    this.#reader = reader;
    this.#maker = maker;
  }

  /** The last position that was sent or left out; not kept up while the group delivers. */
  get position(): bigint {
    return this.#reader.position;
  }

  /** True when what follows is in memory. */
  get isNear(): boolean {
    return this.#reader.isNear;
  }

  attach(sink: FrameSink): void {
    this.#sink = sink;
    void this.#readOn();
  }

  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#reader.close();
    this.#group.leave(this);
  }

  /** Ends the subscription from this side. */
  end(error: unknown): void {
    const wasOpen = !this.#stop.signal.aborted;
    this.close();
    if (wasOpen) this.#sink?.end(error);
  }

  /**
   * Writes what was made for all who stand where it stands, as far as there is room.
   * @returns null when everything was written, else the position up to which it was.
   */
  write(batches: readonly FrameBatch[]): bigint | null {
    for (const batch of batches) {
      if (!this.#sink?.hasRoom()) return batch.from;
      this.#sink.write(batch);
      this.#reader.sent();
    }
    return null;
  }

  /** Goes its own way from a position on, since its client has no room. */
  fallBehind(position: bigint): void {
    this.#reader.seek(position);
    this.#isSlow = true;
    void this.#readOn();
  }

  /** Reads on after a position to which the group has gone without it. */
  catchUp(): void {
    void this.#readOn();
  }

  async #readOn(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        if (!this.#sink?.hasRoom()) {
          this.#sink?.whenRoom(() => void this.#readOn());
          return;
        }
        if (this.#mayJoin() && this.#group.accept(this)) return;
        await this.#step(signal);
      }
    } catch (error) {
      this.end(error);
    }
  }

  /** Who is slow folds up to the end of the feed, and does not stop where a group waits that is behind as well. */
  #mayJoin(): boolean {
    if (this.#reader.isCaughtUp) this.#isSlow = false;
    return !this.#isSlow && !this.#reader.isDue;
  }

  async #step(signal: AbortSignal): Promise<void> {
    const step = await this.#reader.step({ wait: false, fold: this.#isSlow }, signal);
    if (signal.aborted) return;
    const batches = await this.#maker.batches(step);
    if (signal.aborted) return;
    const sentUpTo = this.write(batches);
    this.#reader.seek(sentUpTo ?? step.position);
    if (sentUpTo === null && step.caughtUp) this.#isSlow = false;
  }
}
