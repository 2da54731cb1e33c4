import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { addDays, type LocalDate } from '../scope/local-days.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { KEPT_APART_SQL, placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';

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

/** The contacts whose total changed on one day, and those that are new. */
interface DayRow {
  /** From 1 on; 0 for those who were leads before the range, who all count as new there. */
  day: number;
  rose: number;
  fell: number;
  new: number;
  change: number;
  /** What the new ones have at the end of the day. */
  points: number;
}

/** Each day of the scope's range by itself, the first one first. */
export async function readMovementDays(read: AnalyticsRead, scope: AnalyticsScope): Promise<MovementDay[]> {
  const rows = new Map((await readDayRows(read, scope)).map((row) => [row.day, row]));
  let { new: leads, points } = rows.get(0) ?? NOTHING;
  return scope.range.dayStartsMs.slice(1).map((_, index) => {
    const day = rows.get(index + 1) ?? NOTHING;
    leads += day.new;
    points += day.change + day.points;
    return {
      day: addDays(scope.range.from, index),
      rose: day.rose,
      fell: day.fell,
      new: day.new,
      netPoints: day.change,
      leads,
      average: leads === 0 ? null : points / leads,
    };
  });
}

const NOTHING: Omit<DayRow, 'day'> = { rose: 0, fell: 0, new: 0, change: 0, points: 0 };

/**
 * The last step of each contact on each day, against the total before the day. Steps are unnested in slices side by side, those of the
 * range and the last one before it. Places of slices, and totals before a day, are found once and used several times.
 */
function readDayRows(read: AnalyticsRead, scope: AnalyticsScope): Promise<DayRow[]> {
  const { range } = scope;
  const parameters = scopeParameters(scope);
  const from = parameters.add(range.fromMs, 'bigint');
  const to = parameters.add(range.toMs, 'bigint');
  const starts = parameters.add(range.dayStartsMs, 'bigint[]');
  const text = `SELECT day, count(*) FILTER (WHERE total > before)::float8 AS rose,
      count(*) FILTER (WHERE total < before)::float8 AS fell, count(*) FILTER (WHERE before IS NULL)::float8 AS new,
      coalesce(sum(total - before), 0)::float8 AS change,
      coalesce(sum(total) FILTER (WHERE before IS NULL), 0)::float8 AS points
    FROM (SELECT day, total,
        CASE WHEN day > 0 THEN totals[${placeBeforeSql('total_ms', `(${starts})[day]`)}] END AS before
      FROM (SELECT width_bucket(unnest(total_ms[first:last]), ${starts}) AS day,
          unnest(total_ms[first + 1:last]) AS next_ms, unnest(totals[first:last]) AS total, totals, total_ms
        FROM (SELECT p.total_ms, p.totals, greatest(1, ${placeBeforeSql('p.total_ms', from)}) AS first,
            ${placeBeforeSql('p.total_ms', to)} AS last
          ${scoreRowsSql('score_paths', 'p', scope, parameters)} AND p.first_ms < ${to} ${KEPT_APART_SQL}) paths) steps
      WHERE (next_ms < (${starts})[day + 1]) IS NOT TRUE ${KEPT_APART_SQL}) days
    GROUP BY day`;
  return read<DayRow>(scope, { text, parameters, countsInHelpers: true });
}
