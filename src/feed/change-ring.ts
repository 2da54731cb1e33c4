import type { ChangeRecord } from './change-record.js';

/** How much a ring holds; what comes first counts. */
export interface RingBounds {
  recordsMax: number;
  /** Characters of `reasons`, the only part of a record without a bound of its own. */
  reasonCharsMax: number;
}

/** The newest changes of one feed, gapless, up to a bound; the oldest give way. */
export class ChangeRing {
  readonly #bounds: RingBounds;
  /** A record lies at its position modulo the ring's size. */
  readonly #slots: (ChangeRecord | undefined)[];
  /** Position of the oldest record held; `#last + 1` when there is none. */
  #first: bigint;
  #last: bigint;
  #reasonChars = 0;

  /** @param position the ring is empty and stands after this position. */
  constructor(position: bigint, bounds: RingBounds) {
    this.#bounds = bounds;
    this.#slots = new Array<ChangeRecord | undefined>(bounds.recordsMax);
    this.#last = position;
    this.#first = position + 1n;
  }

  /** The position of the newest record, or where the ring began. */
  get position(): bigint {
    return this.#last;
  }

  /** How many records are held. */
  get size(): number {
    return Number(this.#last - this.#first + 1n);
  }

  /** Adds the next record; one that does not follow on the last makes the ring begin anew there. */
  push(record: ChangeRecord): void {
    if (record.position !== this.#last + 1n) this.#restartAt(record.position);
    while (this.size > 0 && this.#isFullFor(record)) this.#dropFirst();
    this.#slots[this.#slot(record.position)] = record;
    this.#last = record.position;
    this.#reasonChars += record.reasons.length;
  }

  /**
   * The records after a position, oldest first, at most `max`.
   * @returns null when the next one is no longer held: read the table.
   */
  after(position: bigint, max: number): ChangeRecord[] | null {
    if (position + 1n < this.#first) return null;
    const records: ChangeRecord[] = [];
    for (let next = position + 1n; next <= this.#last && records.length < max; next += 1n) {
      const record = this.#slots[this.#slot(next)];
      if (record) records.push(record);
    }
    return records;
  }

  #slot(position: bigint): number {
    return Number(position % BigInt(this.#bounds.recordsMax));
  }

  #isFullFor(record: ChangeRecord): boolean {
    if (this.size >= this.#bounds.recordsMax) return true;
    return this.#reasonChars + record.reasons.length > this.#bounds.reasonCharsMax;
  }

  #dropFirst(): void {
    const slot = this.#slot(this.#first);
    this.#reasonChars -= this.#slots[slot]?.reasons.length ?? 0;
    this.#slots[slot] = undefined;
    this.#first += 1n;
  }

  #restartAt(position: bigint): void {
    this.#slots.fill(undefined);
    this.#reasonChars = 0;
    this.#first = position;
    this.#last = position - 1n;
  }
}
