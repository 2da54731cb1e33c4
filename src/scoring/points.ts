const STEPS_PER_POINT = 1e6;

/** Points to the nearest 1e-6, so that the order of summation never shows. Never -0. */
export function roundPoints(points: number): number {
  return Math.round(points * STEPS_PER_POINT) / STEPS_PER_POINT + 0;
}

/** `value` held within [low, high]. */
export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** The whole number shown for a score; a score a hair under a whole number counts as that number. */
export function wholeTotal(score: number): number {
  return Math.floor(score + 1e-9) + 0;
}
