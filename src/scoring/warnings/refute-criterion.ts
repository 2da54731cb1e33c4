import type { Criterion } from '../model-definition.js';
import { clashOf, type Leaf, readLeaf } from './leaf-clash.js';
import type { ProofContext } from './proof-context.js';

/** A part of a criterion that is to hold, or not to. */
interface Goal {
  criterion: Criterion;
  holds: boolean;
}

/**
 * Why a criterion can never hold, as far as that can be proved; null when it may hold or the effort is spent. Every way
 * to meet the criterion is followed until two of its conditions contradict each other.
 */
export function refuteCriterion(criterion: Criterion, context: ProofContext): string | null {
  const refutation = new Refutation(context);
  if (!refutation.closes([], [{ criterion, holds: true }], [])) return null;
  const [first] = refutation.clashes;
  return refutation.clashes.size === 1 && first !== undefined
    ? first
    : 'every alternative contradicts itself';
}

class Refutation {
  /** The contradictions met. */
  readonly clashes = new Set<string>();
  private readonly held = new Map<Criterion, Leaf>();
  private readonly barred = new Map<Criterion, Leaf>();

  constructor(private readonly context: ProofContext) {}

  /** Whether each way to reach all goals, and one of each group of alternatives, contradicts itself or what is known. */
  closes(leaves: readonly Leaf[], goals: readonly Goal[], alternatives: readonly Goal[][]): boolean {
    const known = [...leaves];
    const open = [...alternatives];
    const pending = [...goals];
    for (let goal = pending.pop(); goal !== undefined; goal = pending.pop()) {
      const { all, any, not } = goal.criterion;
      const { holds } = goal;
      const parts = (all ?? any)?.map((criterion) => ({ criterion, holds }));
      if (not) pending.push({ criterion: not, holds: !holds });
      else if (parts && Boolean(all) === holds) pending.push(...parts);
      else if (parts) open.push(parts);
      else {
        const leaf = this.leafOf(goal);
        const clash = clashOf(known, leaf, this.context);
        if (clash !== null) {
          this.clashes.add(clash);
          return true;
        }
        known.push(leaf);
      }
    }
    const [first, ...others] = open;
    return first?.every((goal) => this.closes(known, [goal], others)) ?? false;
  }

  /** A condition is come across in many ways, and read once. */
  private leafOf({ criterion, holds }: Goal): Leaf {
    const known = holds ? this.held : this.barred;
    const leaf = known.get(criterion) ?? readLeaf(criterion, holds);
    known.set(criterion, leaf);
    return leaf;
  }
}
