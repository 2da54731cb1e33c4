import type { JsonValue } from '../scoring/json-value.js';

/** A number that reads the same when it is written again: `42`, `-1.5`; not `007`, `1e5`, `1.50` or sixteen digits. */
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?$/;
/** `1,234,567` and `1 234 567` and `1'234'567`. */
const GROUPED = /^\d{1,3}(?:[, '\u00a0\u202f]\d{3})+(?=\.|$)/;
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d\d:?\d\d|[+-]\d\d)?)?$/;
const EPOCH_SECONDS = /^\d{9,10}$/;
const EPOCH_MS = /^\d{12,13}$/;
/** What spreadsheets take for a formula, behind the apostrophe that keeps them from it; see `spreadsheetCell`. */
const GUARDED = /^'[=+\-@\t\r\n]/;

/** A cell without the apostrophe that an export puts ahead of what a spreadsheet would take for a formula. */
export function unguarded(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}

/** What a cell stands for where any value may stand: a number where nothing is lost by it, else the text. */
export function looseValue(cell: string): JsonValue {
  if (!PLAIN_NUMBER.test(cell)) return cell;
  const value = Number(cell);
  return String(value) === cell ? value : cell;
}

/** A number as people write it, thousands grouped or not; null when it is none. */
export function numberOf(value: JsonValue): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const text = value.trim().replace(GROUPED, (digits) => digits.replace(/\D/g, ''));
  return /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : null;
}

/**
 * An instant as ms since 1970: RFC 3339, also with a space, without seconds, or as a date alone; without an offset it is
 * UTC. Seconds and milliseconds since 1970 are read as well. Null for anything else, such as `7/22/2018`, of which nobody
 * can tell what comes first.
 */
export function instantOf(value: JsonValue): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim();
  if (EPOCH_SECONDS.test(text)) return Number(text) * 1_000;
  if (EPOCH_MS.test(text)) return Number(text);
  const parts = INSTANT.exec(text);
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const ms = Math.floor(Number(`0.${parts[7] ?? '0'}`) * 1_000);
  const at = new Date(0);
  at.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day ?? 0);
  const inCalendar = at.getUTCMonth() === (month ?? 0) - 1 && at.getUTCDate() === day;
  if (!inCalendar || (hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return null;
  at.setUTCHours(hour ?? 0, minute ?? 0, second ?? 0, ms);
  return at.getTime() - offsetMs(parts[8] ?? 'Z');
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const sign = offset.startsWith('-') ? -1 : 1;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4))) * 60_000;
}
