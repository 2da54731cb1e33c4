import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsRange } from '../scope/analytics-range.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { addDays, type LocalDate } from '../scope/local-days.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';

/** What one day did to totals. */
export interface MovementDay {
  day: LocalDate;
  /** Contacts whose total at the end of the day was above, or below, that at its beginning. */
  rose: number;
  fell: number;
  /** Contacts whose first entry was on the day. */
  new: number;
  /** By how much the totals of those who were there at its beginning changed, all together. */
  netPoints: number;
  /** Leads at the end of the day. */
  leads: number;
  /** Their average total then; null without leads. */
  average: number | null;
}

/** Contacts of one day that went one way. */
interface DayRow {
  /** From 1 on; 0 for those who were leads before the range, with what they had then. */
  day: number;
  /** 1 up, -1 down, 0 there and back again, null for contacts that are new. */
  way: number | null;
  contacts: number;
  change: number | null;
  points: number;
}

/** Each day of the scope's range by itself, the first one first. */
export async function readMovementDays(read: AnalyticsRead, scope: AnalyticsScope): Promise<MovementDay[]> {
  const rows = await readDayRows(read, scope);
  const days: DayRow[][] = scope.range.dayStartsMs.slice(1).map(() => []);
  for (const row of rows) days[row.day - 1]?.push(row);
  let [leads, points] = [0, 0];
  for (const row of rows.filter(({ day }) => day === 0)) {
    leads += row.contacts;
    points += row.points;
  }
  return days.map((ways, index) => {
    const on = (way: number | null) => ways.find((row) => row.way === way);
    const netPoints = (on(1)?.change ?? 0) + (on(-1)?.change ?? 0);
    const fresh = on(null);
    leads += fresh?.contacts ?? 0;
    points += netPoints + (fresh?.points ?? 0);
    return {
      day: addDays(scope.range.from, index),
      rose: on(1)?.contacts ?? 0,
      fell: on(-1)?.contacts ?? 0,
      new: fresh?.contacts ?? 0,
      netPoints,
      leads,
      average: leads === 0 ? null : points / leads,
    };
  });
}

/**
 * The last step of each contact on each day, against the total before the day. Steps are unnested by their places, in the
 * select list (a function in FROM takes twice as long), and only those of the range and the last one before it; each is read with its neighbours. Where
 * these are further away than any day is long, as they mostly are, the day of a step need not be looked up to tell that it is
 * the only one: that saves a third of the time at 90 days.
 */
function readDayRows(read: AnalyticsRead, scope: AnalyticsScope): Promise<DayRow[]> {
  const { range } = scope;
  const parameters = scopeParameters(scope);
  const from = parameters.add(range.fromMs, 'bigint');
  const to = parameters.add(range.toMs, 'bigint');
  const starts = parameters.add(range.dayStartsMs, 'bigint[]');
  const longest = parameters.add(longestDayMs(range), 'bigint');
  const day = `width_bucket(p.total_ms[i], ${starts})`;
  const text = `SELECT day, sign(total - before)::integer AS way, count(*)::float8 AS contacts,
      sum(total - before)::float8 AS change, sum(total)::float8 AS points
    FROM (SELECT ${day} AS day, p.totals[i] AS total,
        CASE WHEN p.total_ms[i - 1] > p.total_ms[i] - ${longest} AND p.total_ms[i - 1] >= (${starts})[${day}]
          THEN p.totals[${placeBeforeSql('p.total_ms', `(${starts})[${day}]`)}]
          ELSE p.totals[i - 1] END AS before
      FROM (SELECT p.total_ms, p.totals,
          generate_series(greatest(1, ${placeBeforeSql('p.total_ms', from)}), ${placeBeforeSql('p.total_ms', to)}) AS i
        ${scoreRowsSql('score_paths', 'p', scope, parameters)} AND p.total_ms[1] < ${to}) p
      WHERE (p.total_ms[i + 1] < p.total_ms[i] + ${longest} AND p.total_ms[i + 1] < (${starts})[${day} + 1]) IS NOT TRUE
    ) steps GROUP BY 1, 2`;
  return read<DayRow>(scope, { text, parameters });
}

function longestDayMs({ dayStartsMs }: AnalyticsRange): number {
  return dayStartsMs.reduce((longest, startMs, index) => {
    return Math.max(longest, startMs - (dayStartsMs[index - 1] ?? startMs));
  }, 0);
}
