import { Temporal } from 'temporal-polyfill';
import { badInput } from '../../errors.js';

/** A calendar date, `YYYY-MM-DD`, years 1970 to 9999; such dates compare as texts. */
export type LocalDate = string;

/** A month of the calendar. */
export interface LocalMonth {
  /** `YYYY-MM`. */
  month: string;
  /** Its first instant, and that of the month after it; ms since 1970. */
  startMs: number;
  endMs: number;
}

/** Longer texts are no zones: the longest name has 32 characters. */
const ZONE_CHARS_MAX = 64;
/** Offsets such as `+02:00` are no zones here: they know no daylight saving. */
const ZONE_NAME = /^[a-z]/i;

/**
 * The zone as it is usually written: `europe/berlin` is `Europe/Berlin`.
 * @throws LeadpulseError BAD_USER_INPUT for what is no IANA time zone.
 */
export function checkTimeZone(timeZone: string, path: string): string {
  const named = ZONE_NAME.test(timeZone) && timeZone.length <= ZONE_CHARS_MAX ? zoneNamed(timeZone) : null;
  if (named !== null) return named;
  const message = 'Give an IANA time zone, such as "Europe/Berlin" or "UTC".';
  throw badInput([{ path, message }]);
}

function zoneNamed(timeZone: string): string | null {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * Where the days from `from` to `to`, both included, begin in a zone, and where the last one ends: one instant more than days,
 * ms since 1970, never falling. A day begins with the first instant that bears its date, which is not midnight where clocks
 * skip it; a date that a zone skipped has no length.
 * @param timeZone a checked one.
 */
export function dayStartsMs(from: LocalDate, to: LocalDate, timeZone: string): number[] {
  const last = Temporal.PlainDate.from(to);
  const starts: number[] = [];
  let day = Temporal.PlainDate.from(from);
  for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 }))
    starts.push(startMs(day, timeZone));
  starts.push(startMs(day, timeZone));
  return starts;
}

/** The day of a zone, as `dayStartsMs` parts them, that an instant (ms since 1970) lies in. */
export function localDayOf(atMs: number, timeZone: string): LocalDate {
  const date = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs))
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  // Where clocks go back over midnight the old date comes once more after the new day has begun.
  const next = date.add({ days: 1 });
  return (startMs(next, timeZone) <= atMs ? next : date).toString();
}

/** The date so many days later; earlier, when `days` is below 0. */
export function addDays(date: LocalDate, days: number): LocalDate {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** How many dates there are from `from` to `to`, both included; 0 or less when `to` comes first. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to)).days + 1;
}

/** The months that the days from `from` to `to` belong to, whole. */
export function localMonths(from: LocalDate, to: LocalDate, timeZone: string): LocalMonth[] {
  const months: LocalMonth[] = [];
  let first = Temporal.PlainDate.from(from).with({ day: 1 });
  while (first.toString() <= to) {
    const next = first.add({ months: 1 });
    months.push({
      month: first.toString().slice(0, 'YYYY-MM'.length),
      startMs: startMs(first, timeZone),
      endMs: startMs(next, timeZone),
    });
    first = next;
  }
  return months;
}

function startMs(day: Temporal.PlainDate, timeZone: string): number {
  return day.toZonedDateTime(timeZone).epochMilliseconds;
}
