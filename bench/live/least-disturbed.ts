import type { LiveMeasurement } from './measure-live.js';

/** A window is disturbed when more of the processors than this was given to other machines on the host. */
const STOLEN_PART_MAX = 0.005;
/** Windows beyond those asked for. */
const EXTRA_MAX = 6;

/**
 * Windows that no other machine on the host has disturbed, or the least disturbed ones of a bounded number: one stop of 200 ms in
 * a window of 8 s is its 99th percentile, and says nothing of the product.
 * @param done those measured so far.
 * @returns the least disturbed `wanted` of them, and how many more there were; null while another one is to be measured.
 */
export function leastDisturbed(
  done: readonly LiveMeasurement[],
  wanted: number,
): { kept: LiveMeasurement[]; leftOut: number } | null {
  const quiet = done.filter(({ stolen }) => stolen <= STOLEN_PART_MAX).length;
  if (quiet < wanted && done.length < wanted + EXTRA_MAX) return null;
  const kept = done.toSorted((one, other) => one.stolen - other.stolen).slice(0, wanted);
  return { kept, leftOut: done.length - kept.length };
}
