import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  checkTimeZone,
  dayStartsMs,
  daysBetween,
  localDayOf,
  localMonths,
} from '../../src/analytics/scope/local-days.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const iso = (ms: number | undefined) => (ms === undefined ? '' : new Date(ms).toISOString());
const starts = (from: string, to: string, timeZone: string) => dayStartsMs(from, to, timeZone).map(iso);

/** The date that a calendar on the wall shows in the zone. */
function dateShown(timeZone: string): (atMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return (atMs) => format.format(atMs);
}

/** Zones whose clocks change at midnight, by odd amounts, or by a whole day. */
const ODD_ZONES = [
  'America/Havana',
  'Asia/Beirut',
  'America/Sao_Paulo',
  'Africa/Cairo',
  'Pacific/Apia',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Europe/Berlin',
  'America/Nuuk',
  'Antarctica/Troll',
  'UTC',
];
const arbitraryZone = fc.oneof(
  fc.constantFrom(...ODD_ZONES),
  fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
);
const arbitraryDate = fc
  .integer({ min: 0, max: Date.UTC(2040, 0, 1) / 86_400_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));

describe('days of a zone', () => {
  test.each([
    // No midnight: clocks go from 24:00 to 01:00.
    ['America/Havana', '2024-03-10', '2024-03-10T05:00:00.000Z', 23],
    // Midnight comes twice: at 01:00 clocks go back to 00:00.
    ['America/Havana', '2024-11-03', '2024-11-03T04:00:00.000Z', 25],
    ['Asia/Beirut', '2022-03-27', '2022-03-26T22:00:00.000Z', 23],
    // At 24:00 clocks go back to 23:00: the day before has 25 hours.
    ['Asia/Beirut', '2022-10-29', '2022-10-28T21:00:00.000Z', 25],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', 23],
    ['America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00.000Z', 25],
    ['Africa/Cairo', '2023-04-28', '2023-04-27T22:00:00.000Z', 23],
    ['Africa/Cairo', '2023-10-26', '2023-10-25T21:00:00.000Z', 25],
    // The date that Samoa skipped.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', 0],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', 24],
    // A minute after midnight clocks went back to 23:01; the day had begun.
    ['America/St_Johns', '2010-11-07', '2010-11-07T02:30:00.000Z', 25],
    ['Australia/Lord_Howe', '2024-04-07', '2024-04-06T13:00:00.000Z', 24.5],
    ['UTC', '1970-01-01', '1970-01-01T00:00:00.000Z', 24],
    ['Asia/Tokyo', '1970-01-01', '1969-12-31T15:00:00.000Z', 24],
  ])('%s, %s begins at %s and has %s hours', (timeZone, date, start, hours) => {
    const [startMs = 0, endMs = 0] = dayStartsMs(date, date, timeZone);
    expect(iso(startMs)).toBe(start);
    expect((endMs - startMs) / HOUR_MS).toBe(hours);
  });

  test('follow each other without gaps, the last one with its end', () => {
    expect(starts('2024-03-30', '2024-04-01', 'Europe/Berlin')).toEqual([
      '2024-03-29T23:00:00.000Z',
      '2024-03-30T23:00:00.000Z',
      '2024-03-31T22:00:00.000Z',
      '2024-04-01T22:00:00.000Z',
    ]);
  });

  test('an instant in the hour that comes again belongs to the day that has begun', () => {
    const change = Date.parse('2010-11-07T02:31:00Z');
    expect(dateShown('America/St_Johns')(change)).toBe('2010-11-06');
    expect(localDayOf(change, 'America/St_Johns')).toBe('2010-11-07');
    expect(localDayOf(Date.parse('2010-11-07T02:29:59.999Z'), 'America/St_Johns')).toBe('2010-11-06');
  });

  test('begin with the first instant that a calendar shows their date at', () => {
    fc.assert(
      fc.property(arbitraryZone, arbitraryDate, fc.integer({ min: 0, max: 40 }), (timeZone, from, days) => {
        const to = addDays(from, days);
        const shown = dateShown(timeZone);
        const boundaries = dayStartsMs(from, to, timeZone);
        expect(boundaries).toHaveLength(days + 2);
        boundaries.forEach((startMs, nth) => {
          const date = addDays(from, nth);
          const isSkipped = startMs === boundaries[nth + 1] || shown(startMs) > date;
          expect(shown(startMs) >= date, `${timeZone} ${date} begins too early`).toBe(true);
          if (!isSkipped) expect(shown(startMs)).toBe(date);
          // Zones of long ago have offsets with seconds: a day can begin between two minutes.
          for (const beforeMs of [1, MINUTE_MS, HOUR_MS, 3 * HOUR_MS])
            expect(shown(startMs - beforeMs) < date, `${timeZone} ${date} begins too late`).toBe(true);
          if (nth > 0) expect(startMs).toBeGreaterThanOrEqual(boundaries[nth - 1] ?? 0);
        });
      }),
      { numRuns: 300 },
    );
  });

  test('the day of an instant is the one between whose boundaries it lies', () => {
    fc.assert(
      fc.property(
        arbitraryZone,
        arbitraryDate,
        fc.integer({ min: 0, max: 86_399_999 }),
        (timeZone, date, ms) => {
          const atMs = Date.parse(`${date}T00:00:00Z`) + ms;
          const day = localDayOf(atMs, timeZone);
          const [startMs = 0, endMs = 0] = dayStartsMs(day, day, timeZone);
          expect(startMs <= atMs && atMs < endMs, `${timeZone} ${iso(atMs)} is not in ${day}`).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('months that days belong to are whole', () => {
  const months = localMonths('2024-01-31', '2024-03-01', 'Europe/Berlin');
  expect(months.map(({ month, startMs, endMs }) => [month, iso(startMs), iso(endMs)])).toEqual([
    ['2024-01', '2023-12-31T23:00:00.000Z', '2024-01-31T23:00:00.000Z'],
    ['2024-02', '2024-01-31T23:00:00.000Z', '2024-02-29T23:00:00.000Z'],
    ['2024-03', '2024-02-29T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
  ]);
  expect(localMonths('2024-02-29', '2024-02-29', 'UTC').map(({ month }) => month)).toEqual(['2024-02']);
});

test('dates are counted with both ends', () => {
  expect(daysBetween('2024-02-28', '2024-03-01')).toBe(3);
  expect(daysBetween('2024-03-01', '2024-02-28')).toBeLessThan(1);
  expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
});

describe('zones', () => {
  test.each([
    ['UTC', 'UTC'],
    ['europe/berlin', 'Europe/Berlin'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ])('%s is %s', (given, zone) => {
    expect(checkTimeZone(given, 'timeZone')).toBe(zone);
  });

  test.each([
    '',
    '+02:00',
    '-0500',
    'Berlin/Europe',
    'Europe/Berlin ',
    `E${'x'.repeat(1_000_000)}`,
    'null',
    '2',
  ])('%.20s is none', (given) => {
    expect(() => checkTimeZone(given, 'timeZone')).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        details: { fields: [{ path: 'timeZone', message: expect.stringContaining('IANA') }] },
      }),
    );
  });
});
