import { setImmediate } from 'node:timers/promises';

/** Parts long work into slices, so that whatever else the process has to do gets its turn in between. */
export class Slices {
  readonly #sliceMs: number;
  #endsAtMs: number;

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs;
    this.#endsAtMs = performance.now() + sliceMs;
  }

  /** Whether others should have their turn now: `await slices.pass()` then. */
  get isOver(): boolean {
    return performance.now() >= this.#endsAtMs;
  }

  /** Lets others have their turn, and begins the next slice. */
  async pass(): Promise<void> {
    await setImmediate();
    this.#endsAtMs = performance.now() + this.#sliceMs;
  }

  /** `values.map(convert)` in slices. */
  async map<Value, Converted>(
    values: readonly Value[],
    convert: (value: Value) => Converted,
  ): Promise<Converted[]> {
    const converted: Converted[] = [];
    for (const value of values) {
      converted.push(convert(value));
      if (this.isOver) await this.pass();
    }
    return converted;
  }
}
