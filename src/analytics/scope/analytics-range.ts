import { badInput, type FieldFault } from '../../errors.js';
import {
  addDays,
  checkTimeZone,
  dayStartsMs,
  daysBetween,
  type LocalDate,
  localDayOf,
} from './local-days.js';

/** Days of one range at most. */
export const RANGE_DAYS_MAX = 1_100;
/** Days of the range when none is asked for. */
export const RANGE_DAYS_DEFAULT = 30;

/** Whole days of a time zone, cut off at the present. */
export interface AnalyticsRange {
  /** The first day and the last. */
  from: LocalDate;
  to: LocalDate;
  /** IANA name. */
  timeZone: string;
  /** From here on, and before this: the end of the last day, or the present when that comes first. Ms since 1970. */
  fromMs: number;
  toMs: number;
  /** Where each day begins, and behind them `toMs`: one more than days, never falling. For `width_bucket`. */
  dayStartsMs: readonly number[];
}

/**
 * The range that is asked for; the last `RANGE_DAYS_DEFAULT` days up to today when none is.
 * @param path of the range in the caller's input, and `zonePath` that of the zone, for the paths of faults.
 * @throws LeadpulseError BAD_USER_INPUT for what is no zone, for days the wrong way round, too many, or after today.
 */
export function analyticsRange(
  days: { from: LocalDate; to: LocalDate } | null,
  timeZone: string,
  nowMs: number,
  path = 'range',
  zonePath = 'timeZone',
): AnalyticsRange {
  const zone = checkTimeZone(timeZone, zonePath);
  const today = localDayOf(nowMs, zone);
  const { from, to } = days ?? { from: addDays(today, 1 - RANGE_DAYS_DEFAULT), to: today };
  const fault = rangeFault(from, to, today, zone);
  if (fault) throw badInput([{ ...fault, path: `${path}.${fault.path}` }]);
  const starts = dayStartsMs(from, to, zone).map((startMs) => Math.min(startMs, nowMs));
  const [fromMs = nowMs] = starts;
  return { from, to, timeZone: zone, fromMs, toMs: starts.at(-1) ?? nowMs, dayStartsMs: starts };
}

function rangeFault(from: LocalDate, to: LocalDate, today: LocalDate, zone: string): FieldFault | null {
  if (from > to) return { path: 'from', message: 'must not be after to' };
  if (to > today) return { path: 'to', message: `must not be after today, which is ${today} in ${zone}` };
  if (daysBetween(from, to) <= RANGE_DAYS_MAX) return null;
  return { path: 'from', message: `A range has at most ${RANGE_DAYS_MAX} days` };
}
