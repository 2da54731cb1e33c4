/** A ratio of a quick run, and whether more of it is better. */
export interface QuickRatio {
  what: string;
  ratio: number;
  better: 'more' | 'less';
}

/** How much worse a ratio may be before it counts: what one machine shows from one quick run to the next. */
const TIMES_WORSE_MAX = 1.8;

/** The ratios in the rows of tables of goals. */
export function ratiosOf(rows: readonly string[]): QuickRatio[] {
  return rows.flatMap((row) => {
    const [what, , ratio, goal] = row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const value = Number(ratio);
    if (!what || !goal || !Number.isFinite(value)) return [];
    return [{ what, ratio: value, better: goal.startsWith('>=') ? 'more' : 'less' } as const];
  });
}

/** Which ratios are worse than they were by more than chance, in words; those that were not noted are passed over. */
export function slowerThan(noted: readonly QuickRatio[], now: readonly QuickRatio[]): string[] {
  return now.flatMap(({ what, ratio, better }) => {
    const before = noted.find((one) => one.what === what)?.ratio;
    if (before === undefined) return [];
    const timesWorse = better === 'more' ? before / ratio : ratio / before;
    return timesWorse > TIMES_WORSE_MAX ? [`${what}: ${ratio}, and it was ${before}`] : [];
  });
}
