import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { type LocalMonth, localMonths } from '../scope/local-days.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';
import { medianOf } from '../statistics/grouped-values.js';
import { type Proportion, proportion } from '../statistics/proportion.js';
import { HUNDREDTH_DAY_MS, HUNDREDTHS_PER_DAY } from './hundredths-of-days.js';

/** Leads that were first seen in one month. */
export interface Cohort {
  month: LocalMonth;
  leads: number;
  /** By index of the stage: those that had reached it or a higher one by the end of the range. */
  reached: Proportion[];
  /** Those won by the end of the range. */
  converted: Proportion;
  /** From first seen to won; null when nobody was. */
  medianDaysToConvert: number | null;
}

interface CohortDbRow {
  /** Place of the month, from 1. */
  month: number;
  peak: number;
  /** From first seen to won, in hundredths of a day; null for leads that were not. */
  hundredths: number | null;
  leads: number;
}

/** Leads by the local month in which they were first seen, months without any included. */
export async function readCohorts(read: AnalyticsRead, scope: AnalyticsScope): Promise<Cohort[]> {
  const { from, to, timeZone } = scope.range;
  const months = localMonths(from, to, timeZone);
  const starts = months.map(({ startMs }) => startMs);
  const rows = await read<CohortDbRow>(scope, cohortStatement(scope, starts));
  const stages = scope.model.compiled.stages;
  return months.map((month, index) => {
    const own = rows.filter((row) => row.month === index + 1);
    const leads = countOf(own);
    const won = own.filter(({ hundredths }) => hundredths !== null);
    const durations = won.map(({ hundredths, leads: count }) => ({
      value: (hundredths ?? 0) / HUNDREDTHS_PER_DAY,
      count,
    }));
    return {
      month,
      leads,
      reached: stages.map(({ minScore }, stage) =>
        proportion(countOf(own.filter(({ peak }) => stage === 0 || peak >= minScore)), leads),
      ),
      converted: proportion(countOf(won), leads),
      medianDaysToConvert: medianOf(durations),
    };
  });
}

function countOf(rows: readonly CohortDbRow[]): number {
  return rows.reduce((sum, { leads }) => sum + leads, 0);
}

/** A lead has reached a stage when its highest total has. */
function cohortStatement(scope: AnalyticsScope, startsMs: readonly number[]) {
  const parameters = scopeParameters(scope);
  const from = parameters.add(scope.range.fromMs, 'bigint');
  const to = parameters.add(scope.range.toMs, 'bigint');
  const text = `SELECT width_bucket(l.first_ms, ${parameters.add(startsMs, 'bigint[]')}) AS month,
      l.peaks[${placeBeforeSql('l.peak_ms', to)}] AS peak,
      CASE WHEN l.won_ms < ${to} THEN ((l.won_ms - l.first_ms) / ${HUNDREDTH_DAY_MS})::int END AS hundredths,
      count(*)::int AS leads
    ${scoreRowsSql('score_paths', 'l', scope, parameters)} AND l.first_ms >= ${from} AND l.first_ms < ${to}
    GROUP BY 1, 2, 3`;
  return { text, parameters };
}
