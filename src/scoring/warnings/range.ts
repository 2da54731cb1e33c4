import type { Range } from './value-test.js';

/** What lies in all of the ranges. */
export function overlapOf(ranges: readonly Range[]): Range {
  const everything = {
    low: Number.NEGATIVE_INFINITY,
    withLow: true,
    high: Number.POSITIVE_INFINITY,
    withHigh: true,
  };
  return ranges.reduce(
    (left, range) => raiseLow(lowerHigh(left, range.high, range.withHigh), range.low, range.withLow),
    everything,
  );
}

/** What is left of a range without the holes that reach over one of its ends. */
export function cutRange(range: Range, holes: readonly Range[]): Range {
  let left = range;
  for (const hole of [...holes].sort((a, b) => a.low - b.low || Number(b.withLow) - Number(a.withLow))) {
    if (startsBefore(hole, left)) left = raiseLow(left, hole.high, !hole.withHigh);
  }
  for (const hole of [...holes].sort((a, b) => b.high - a.high || Number(b.withHigh) - Number(a.withHigh))) {
    if (endsAfter(hole, left)) left = lowerHigh(left, hole.low, !hole.withLow);
  }
  return left;
}

/** Whether no number lies in it. */
export function isEmptyRange({ low, withLow, high, withHigh }: Range): boolean {
  return low > high || (low === high && !(withLow && withHigh));
}

function startsBefore(hole: Range, range: Range): boolean {
  return hole.low < range.low || (hole.low === range.low && (hole.withLow || !range.withLow));
}

function endsAfter(hole: Range, range: Range): boolean {
  return hole.high > range.high || (hole.high === range.high && (hole.withHigh || !range.withHigh));
}

function raiseLow(range: Range, low: number, withLow: boolean): Range {
  if (low < range.low) return range;
  return { ...range, low, withLow: low === range.low ? withLow && range.withLow : withLow };
}

function lowerHigh(range: Range, high: number, withHigh: boolean): Range {
  if (high > range.high) return range;
  return { ...range, high, withHigh: high === range.high ? withHigh && range.withHigh : withHigh };
}
