/** Milliseconds in a day of 24 h. */
export const DAY_MS = 86_400_000;

const HOUR_MS = 3_600_000;

/** Days of 24 h in whole milliseconds. */
export function daysToMs(days: number): number {
  return Math.round(days * DAY_MS);
}

/** Hours in whole milliseconds. */
export function hoursToMs(hours: number): number {
  return Math.round(hours * HOUR_MS);
}
