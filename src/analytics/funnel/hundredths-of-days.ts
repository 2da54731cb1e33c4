/** Durations are grouped to hundredths of a day, about a quarter of an hour: few groups come back, however many leads there are. */
export const HUNDREDTH_DAY_MS = 864_000;
export const HUNDREDTHS_PER_DAY = 100;
