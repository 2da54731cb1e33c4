/** Samples that are remembered; older ones are forgotten. */
const SAMPLES_MAX = 2_048;

/** How long the latest requests took. */
export class LatencyWindow {
  readonly #samples: number[] = [];
  #next = 0;

  add(latencyMs: number): void {
    this.#samples[this.#next] = latencyMs;
    this.#next = (this.#next + 1) % SAMPLES_MAX;
  }

  /** The latency in ms that this share (0 to 1) of the requests stayed within; 0 before the first. */
  quantile(share: number): number {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? 0;
  }
}
