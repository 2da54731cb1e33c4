/** 0.28 x 25 leads is 7.000000000000001 to a computer; the seventh is meant. */
const RANK_TOLERANCE = 1e-6;

/** So many leads share one value. */
export interface ValueCount {
  value: number;
  /** 0 or more. */
  count: number;
}

/**
 * Percentiles by nearest rank: for each p the smallest value that at least p of the leads do not exceed, so always a value
 * that occurs (definition 1 of R. J. Hyndman and Y. Fan, American Statistician 50, 1996, 361-365; PostgreSQL's percentile_disc).
 * @param groups in any order; a value may come more than once.
 * @param shares each 0 to 1; 0 asks for the smallest value.
 * @returns one value for each share, null for all without leads.
 * @throws RangeError when a share is not 0 to 1.
 */
export function percentilesOf(groups: readonly ValueCount[], shares: readonly number[]): (number | null)[] {
  const counted = groups.filter(({ count }) => count > 0).sort((a, b) => a.value - b.value);
  let below = 0;
  const reached = counted.map(({ value, count }) => {
    below += count;
    return { value, upTo: below };
  });
  return shares.map((share) => {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`no share: ${share}`);
    return reached.find(({ upTo }) => upTo >= share * below - RANK_TOLERANCE)?.value ?? null;
  });
}

/** The median by nearest rank: of an even number of leads the lower of the two in the middle. Null without leads. */
export function medianOf(groups: readonly ValueCount[]): number | null {
  return percentilesOf(groups, [0.5])[0] ?? null;
}

/** The mean over all leads; null without leads. */
export function averageOf(groups: readonly ValueCount[]): number | null {
  const leads = groups.reduce((sum, { count }) => sum + count, 0);
  return leads === 0 ? null : groups.reduce((sum, { value, count }) => sum + value * count, 0) / leads;
}
