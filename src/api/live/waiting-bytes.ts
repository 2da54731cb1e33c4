/** Bytes that wait in the sockets of one process whose clients take them too slowly, with a bound on all of them together. */
export class WaitingBytes {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** True when more waits than may. */
  get isOver(): boolean {
    return this.#bytes > this.#bytesMax;
  }

  /** @param difference how many bytes more wait; negative when fewer do. */
  add(difference: number): void {
    this.#bytes += difference;
  }
}
