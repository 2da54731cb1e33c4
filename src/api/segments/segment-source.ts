import type { SegmentChangeTest } from '../../segments/segment-feed.js';
import type { SegmentSubscriber } from '../../segments/segment-subscriber.js';
import type { EventReader, ReaderStep, StepWish } from '../live/fan-out/event-reader.js';
import { PositionedSource } from '../live/fan-out/positioned-source.js';

/** Changes that are taken at a time; each that is wanted becomes an event. */
const PULL_ROWS_MAX = 100;

/** Reads who comes into segments and who leaves, and keeps what is wanted. */
class SegmentReader implements EventReader {
  readonly isDue = false;
  readonly #subscriber: SegmentSubscriber;
  readonly #isWanted: SegmentChangeTest;

  constructor(subscriber: SegmentSubscriber, isWanted: SegmentChangeTest) {
    this.#subscriber = subscriber;
    this.#isWanted = isWanted;
  }

  get position(): bigint {
    return this.#subscriber.position;
  }

  get isCaughtUp(): boolean {
    return this.#subscriber.isCaughtUp;
  }

  /** No changes are held in memory: only for who has seen them all there is nothing to read. */
  get isNear(): boolean {
    return this.isCaughtUp;
  }

  seek(position: bigint): void {
    this.#subscriber.seek(position);
  }

  sent(): void {}

  async step({ wait }: StepWish, signal: AbortSignal): Promise<ReaderStep> {
    const from = this.position;
    const rows = await this.#subscriber.pull(PULL_ROWS_MAX, wait, signal);
    const events = rows.filter(this.#isWanted).map((row) => ({
      key: String(row.position),
      root: row,
      position: row.position,
    }));
    const { position, isCaughtUp: caughtUp } = this;
    return { events, from, position, anchor: rows.at(-1) ?? null, caughtUp };
  }

  close(): void {}
}

/** The segment changes of one tenant from a position on, those that are wanted. */
export class SegmentSource extends PositionedSource {
  readonly #subscriber: SegmentSubscriber;
  readonly #isWanted: SegmentChangeTest;

  constructor(subscriber: SegmentSubscriber, isWanted: SegmentChangeTest) {
    super();
    this.#subscriber = subscriber;
    this.#isWanted = isWanted;
  }

  reader(): EventReader {
    return new SegmentReader(this.#subscriber, this.#isWanted);
  }

  fork(): EventReader {
    return new SegmentReader(this.#subscriber.fork(), this.#isWanted);
  }

  sharesStreamWith(other: PositionedSource): boolean {
    return other instanceof SegmentSource;
  }
}
