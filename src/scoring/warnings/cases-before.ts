import type { Effort } from './proof-context.js';
import { refuteTests, refuteValue, type ValueDomain } from './refute-value.js';
import type { PositiveTest, ValueLiteral } from './value-test.js';

/** Conditions of which the first that holds counts, as those see them that come after. */
export class CasesBefore {
  private readonly literals: ValueLiteral[] = [];
  /** What has to hold when none of them did. */
  private readonly asked: PositiveTest[] = [];
  /** What must not hold when none of them did. */
  private readonly barred: PositiveTest[] = [];

  constructor(
    private readonly domain: ValueDomain,
    private readonly effort: Effort,
  ) {}

  add(literal: ValueLiteral): void {
    this.literals.push(literal);
    (literal.holds ? this.barred : this.asked).push(literal.test);
  }

  /**
   * Why the next condition is met by nothing that is left to it, as far as that can be proved; null when it may be.
   * @param noun what one of the conditions is called
   */
  whyCovered({ test, holds }: ValueLiteral, noun: string): string | null {
    const { domain, effort } = this;
    const asked = holds ? [...this.asked, test] : this.asked;
    const barred = holds ? this.barred : [...this.barred, test];
    if (!refuteTests(asked, barred, domain, effort)) return null;
    if (refuteValue([{ test, holds }], domain, effort)) return 'no value meets it';
    const cover = this.literals.findIndex((earlier) =>
      refuteValue(
        [
          { test: earlier.test, holds: !earlier.holds },
          { test, holds },
        ],
        domain,
        effort,
      ),
    );
    return `what meets it meets ${cover < 0 ? `a ${noun} before it` : `${noun} ${cover + 1}`} first`;
  }
}
