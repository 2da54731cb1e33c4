/** What proofs about the conditions of a model rest on. */
export interface ProofContext {
  /** The action types that are no activity. */
  passive: ReadonlySet<string>;
  /** Whether attributes and properties can be lists, which meet a condition when one of their entries does. */
  lists: boolean;
  effort: Effort;
}

/**
 * How many comparisons a proof may still take. What cannot be proved within it counts as not proved, so that the time
 * for a model is bounded whatever its rules are.
 */
export class Effort {
  /** @param whole the effort that this one is a share of */
  constructor(
    private comparisonsLeft: number,
    private readonly whole: Effort | null = null,
  ) {}

  /** Whether so many comparisons may still be made; they then count as made. */
  spend(comparisons: number): boolean {
    this.comparisonsLeft -= comparisons;
    return this.comparisonsLeft >= 0 && (this.whole?.spend(comparisons) ?? true);
  }
}
