const ISO_DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

const MINUTE_MS = 60_000;

/**
 * The instant of an ISO 8601 date or date-time in ms since 1970; without a zone it is UTC, a date is its first instant.
 * @returns null when the text is neither, or names a day or time that does not exist.
 */
export function parseIsoInstant(text: string): number | null {
  const parts = ISO_DATE_TIME.exec(text.trim());
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  if (year === undefined || month === undefined || day === undefined) return null;
  if (hour === undefined || minute === undefined || second === undefined) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  date.setUTCHours(hour, minute, second, milliseconds);
  return date.getTime() - zoneOffsetMs(parts[8] ?? 'Z');
}

function zoneOffsetMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * MINUTE_MS;
}
