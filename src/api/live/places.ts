/** Places of which each holder may have so many at a time. */
export class Places {
  readonly #perHolderMax: number;
  readonly #taken = new Map<string, number>();

  constructor(perHolderMax: number) {
    this.#perHolderMax = perHolderMax;
  }

  /** @returns what gives the place back (once; further calls do nothing), or null when the holder has no more. */
  take(holder: string): (() => void) | null {
    const taken = this.#taken.get(holder) ?? 0;
    if (taken >= this.#perHolderMax) return null;
    this.#taken.set(holder, taken + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.#taken.get(holder) ?? 1) - 1;
      if (left > 0) this.#taken.set(holder, left);
      else this.#taken.delete(holder);
    };
  }
}
