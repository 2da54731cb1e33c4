/**
 * The first `kept` things by an order, out of any number: at most twice as many are held at a time, and most of the others
 * are turned away by one comparison.
 */
export class TopList<T> {
  readonly #kept: number;
  readonly #compare: (a: T, b: T) => number;
  #held: T[] = [];
  /** Once it is known: what comes after it is not among the first. */
  #last: T | null = null;

  /** @param compare negative when `a` comes first; no two different things may be equal */
  constructor(kept: number, compare: (a: T, b: T) => number) {
    this.#kept = kept;
    this.#compare = compare;
  }

  add(thing: T): void {
    if (this.#last !== null && this.#compare(thing, this.#last) > 0) return;
    this.#held.push(thing);
    if (this.#held.length >= 2 * this.#kept) this.#cut();
  }

  /** The first of all that were added, in order. */
  toArray(): T[] {
    this.#cut();
    return [...this.#held];
  }

  #cut(): void {
    this.#held = this.#held.sort(this.#compare).slice(0, this.#kept);
    if (this.#held.length === this.#kept) this.#last = this.#held.at(-1) ?? null;
  }
}
