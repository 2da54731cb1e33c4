import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { leadsSql } from '../scope/leads-sql.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { KEPT_APART_SQL, placeBeforeSql } from '../scope/score-rows.js';
import type { ScoreCount } from '../statistics/score-histogram.js';

/** By which of its totals a lead is judged. */
export type ScoreMoment = 'PEAK' | 'START';

/** Leads with one total and one outcome. */
export interface JudgedLeads {
  /** Null for leads that had none: they came later, or their outcome was the first that is known of them. */
  total: number | null;
  won: boolean;
  lost: boolean;
  leads: number;
  /** How many of them, won ones, have a value, and what these sum up to. */
  valued: number;
  value: number;
}

/**
 * All leads of a scope by the total that they are judged by: the highest before their outcome, or the last before the range. One
 * pass over the leads, and all that scores are compared with outcomes by.
 */
export async function readJudgedLeads(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  moment: ScoreMoment,
): Promise<JudgedLeads[]> {
  const parameters = scopeParameters(scope);
  const leads = leadsSql(scope, scope.range, parameters, 'score_paths');
  const total =
    moment === 'PEAK'
      ? `l.peaks[${placeBeforeSql('l.peak_ms', 'l.cut_ms')}]`
      : `l.totals[${placeBeforeSql('l.total_ms', parameters.add(scope.range.fromMs, 'bigint'))}]`;
  const text = `SELECT total, won, lost, count(*)::int AS leads, count(won_value) FILTER (WHERE won)::int AS valued,
      coalesce(sum(won_value) FILTER (WHERE won), 0) AS value
    FROM (SELECT ${total} AS total, l.won, l.lost, l.won_value FROM ${leads} l ${KEPT_APART_SQL}) judged
    GROUP BY total, won, lost`;
  return read<JudgedLeads>(scope, { text, parameters });
}

/** Leads that have a total, by it. */
export function histogramOf(judged: readonly JudgedLeads[]): ScoreCount[] {
  return judged.flatMap(({ total, won, leads }) =>
    total === null ? [] : [{ score: total, positives: won ? leads : 0, negatives: won ? 0 : leads }],
  );
}

/** What groups of leads sum up to. */
export interface LeadSums {
  leads: number;
  won: number;
  lost: number;
  valued: number;
  value: number;
}

export function sumUp(judged: readonly JudgedLeads[]): LeadSums {
  const sums = { leads: 0, won: 0, lost: 0, valued: 0, value: 0 };
  for (const group of judged) {
    sums.leads += group.leads;
    if (group.won) sums.won += group.leads;
    if (group.lost) sums.lost += group.leads;
    sums.valued += group.valued;
    sums.value += group.value;
  }
  return sums;
}
