import { badInput } from '../../errors.js';

/** How many entries of a list of the highest are shown when nothing is said, and at most. */
export const FIRST_DEFAULT = 20;
export const FIRST_MAX = 200;

/** @throws LeadpulseError BAD_USER_INPUT for what is no whole number from 1 to `max`. */
export function checkCount(path: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw badInput([{ path, message: `Give a number from 1 to ${max}.` }]);
}
