import type { ChangeRecord } from '../../../feed/change-record.js';
import type { SentChange } from '../sent-change.js';

/** The newest change of one contact on one model, and the positions of those it stands for. */
interface Folded {
  record: ChangeRecord;
  leftOut: bigint[];
  carried: number;
}

/**
 * Folds changes to the newest of each contact and model, for one consumer that is behind. What was left out is counted
 * across folds: when only a part of one could be sent, the rest is folded again with what has come since.
 */
export class ChangeFold {
  readonly #carried = new Map<string, number>();
  #last: Folded[] = [];

  /** @returns the newest changes in the order of the feed, each with how many it stands for. */
  fold(records: readonly ChangeRecord[]): SentChange[] {
    const newest = new Map<string, Folded>();
    for (const record of records) {
      const key = keyOf(record);
      const earlier = newest.get(key);
      const leftOut = earlier?.leftOut ?? [];
      if (earlier) leftOut.push(earlier.record.position);
      // Taken out first, so that the order of the map is that of the newest changes.
      newest.delete(key);
      newest.set(key, { record, leftOut, carried: this.#carried.get(key) ?? 0 });
    }
    this.#last = [...newest.values()];
    return this.#last.map(({ record, leftOut, carried }) => ({ record, skipped: leftOut.length + carried }));
  }

  /**
   * Says how far the last fold was sent.
   * @param position of the last change that was; the next fold begins after it.
   */
  sentUpTo(position: bigint): void {
    this.#carried.clear();
    for (const { record, leftOut, carried } of this.#last) {
      const passed = carried + leftOut.filter((left) => left <= position).length;
      if (record.position > position && passed > 0) this.#carried.set(keyOf(record), passed);
    }
    this.#last = [];
  }
}

function keyOf({ contactId, modelId }: ChangeRecord): string {
  return `${contactId}/${modelId}`;
}
