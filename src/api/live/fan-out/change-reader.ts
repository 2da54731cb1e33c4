import type { ChangeRecord } from '../../../feed/change-record.js';
import type { FeedSubscriber } from '../../../feed/feed-subscriber.js';
import type { ChangeMatch } from '../score-change-filter.js';
import type { SentChange } from '../sent-change.js';
import type { ChangeBatch, ChangeShape } from './change-source.js';
import type { EventReader, ReaderStep, StepWish } from './event-reader.js';
import { ChangeFold } from './fold-changes.js';
import type { LiveEvent } from './frame-maker.js';

/** Changes that are taken at a time when each becomes an event. */
const PULL_RECORDS_MAX = 100;
/** Changes that are looked at in one go for a batch or a fold; a sparse filter is far quicker with more. */
const WIDE_PULL_RECORDS_MAX = 500;

export interface ChangeReaderOptions {
  subscriber: FeedSubscriber;
  match: ChangeMatch;
  shape: ChangeShape;
  /** Whether events look different by how many changes were skipped. */
  showsSkipped: boolean;
}

/** Reads a feed from a position on, keeps what passes a filter, and shapes it into events. */
export class ChangeReader implements EventReader {
  readonly #subscriber: FeedSubscriber;
  readonly #match: ChangeMatch;
  readonly #shape: ChangeShape;
  readonly #showsSkipped: boolean;
  readonly #fold = new ChangeFold();
  /** When the next batch is due, empty if need be; the first one at once. */
  #dueMs = performance.now();

  constructor({ subscriber, match, shape, showsSkipped }: ChangeReaderOptions) {
    this.#subscriber = subscriber;
    this.#match = match;
    this.#shape = shape;
    this.#showsSkipped = showsSkipped;
  }

  get position(): bigint {
    return this.#subscriber.position;
  }

  /** True when this process knows of nothing further. */
  get isCaughtUp(): boolean {
    return this.#subscriber.isCaughtUp;
  }

  /** True when what follows is in memory. */
  get isNear(): boolean {
    return this.#subscriber.isNear;
  }

  /** True when a batch is to be made now, whether there is a change or not. */
  get isDue(): boolean {
    return this.#shape.kind === 'batches' && performance.now() >= this.#dueMs;
  }

  /** Goes on after another position. */
  seek(position: bigint): void {
    this.#subscriber.seek(position);
    this.#fold.sentUpTo(position);
  }

  /** Says that something was sent just now: the next batch is due in its time. */
  sent(): void {
    if (this.#shape.kind === 'batches') this.#dueMs = performance.now() + this.#shape.silenceMsMax;
  }

  /** Lets go of the feed. */
  close(): void {
    this.#subscriber.close();
  }

  /** @throws LeadpulseError CURSOR_EXPIRED, UNAVAILABLE, and what the filter throws. */
  async step(wish: StepWish, signal: AbortSignal): Promise<ReaderStep> {
    const from = this.position;
    if (this.#shape.kind === 'batches') return this.#batches(this.#shape.batchMax, from, wish, signal);
    const folds = wish.fold && this.#shape.folds;
    const waitMs = wish.wait ? Number.POSITIVE_INFINITY : 0;
    const max = folds ? WIDE_PULL_RECORDS_MAX : PULL_RECORDS_MAX;
    const { records, caughtUp } = await this.#subscriber.pull(max, waitMs, signal);
    const matched = records.length > 0 ? await this.#match(records) : [];
    const sent = folds ? this.#fold.fold(matched) : matched.map((record) => ({ record, skipped: 0 }));
    const events = sent.map((change) => this.#event(change));
    return { events, from, position: this.position, anchor: records.at(-1) ?? null, caughtUp };
  }

  async #batches(batchMax: number, from: bigint, wish: StepWish, signal: AbortSignal): Promise<ReaderStep> {
    const records: ChangeRecord[] = [];
    let anchor: ChangeRecord | null = null;
    for (;;) {
      const waitMs = wish.wait && records.length === 0 ? Math.max(0, this.#dueMs - performance.now()) : 0;
      const pulled = await this.#subscriber.pull(WIDE_PULL_RECORDS_MAX, waitMs, signal);
      anchor = pulled.records.at(-1) ?? anchor;
      if (pulled.records.length > 0) records.push(...(await this.#match(pulled.records)));
      const isOver = pulled.records.length === 0 || records.length >= batchMax || this.isDue;
      if (isOver || signal.aborted) break;
    }
    const { position, isCaughtUp: caughtUp } = this;
    const events =
      records.length > 0 || this.isDue ? batchEvents(records, batchMax, from, position, caughtUp) : [];
    return { events, from, position, anchor, caughtUp };
  }

  #event(sent: SentChange): LiveEvent {
    const { position } = sent.record;
    return { key: `${position} ${this.#showsSkipped ? sent.skipped : 0}`, root: sent, position };
  }
}

function batchEvents(
  records: readonly ChangeRecord[],
  batchMax: number,
  from: bigint,
  end: bigint,
  caughtUp: boolean,
): LiveEvent[] {
  const events: LiveEvent[] = [];
  let start = from;
  for (let index = 0; index === 0 || index < records.length; index += batchMax) {
    const isLast = index + batchMax >= records.length;
    const part = records.slice(index, index + batchMax);
    const position = isLast ? end : part.at(-1)!.position;
    const root: ChangeBatch = { records: part, position, caughtUp: isLast && caughtUp };
    events.push({ key: `${start}-${position} ${root.caughtUp}`, root, position });
    start = position;
  }
  return events;
}
