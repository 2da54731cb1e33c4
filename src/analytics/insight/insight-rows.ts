import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { isDrawnSql } from '../scope/drawn-share.js';
import { joinScoresSql, leadsSql } from '../scope/leads-sql.js';
import { scopeParameters } from '../scope/scope-contacts.js';

/** Leads that rules are fitted to at most; of more, a sample. */
export const FITTED_LEADS_MAX = 50_000;

/** A lead as the rules see it. */
export interface InsightRow {
  won: boolean;
  /** The highest total before its outcome; null when it had none. */
  peak: number | null;
  /** Indexes of the rules that had given something strictly before it. */
  rules: number[];
}

interface InsightDbRow {
  won: boolean;
  peak: number | null;
  rules: number[] | null;
}

/**
 * Leads of the scope with the rules they had met: all, or about `FITTED_LEADS_MAX` drawn by a hash of their ids, the same ones
 * each time.
 * @param leads how many there are.
 */
export async function readInsightRows(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  leads: number,
): Promise<InsightRow[]> {
  const parameters = scopeParameters(scope);
  const from = leadsSql(scope, scope.range, parameters);
  const paths = joinScoresSql('score_paths', 'p', scope.model, parameters);
  const gains = joinScoresSql('score_gains', 'g', scope.model, parameters);
  const share = Math.min(1, FITTED_LEADS_MAX / Math.max(1, leads));
  const drawn = () => isDrawnSql('l.contact_id::text', parameters.add(share, 'float8'));
  const text = `SELECT l.won, p.peaks[width_bucket(l.cut_ms - 1, p.peak_ms)] AS peak,
      ARRAY(SELECT rule FROM unnest(g.rule_ids, g.rule_first_ms) AS u(rule, at_ms) WHERE at_ms < l.cut_ms) AS rules
    FROM ${from} l ${paths} ${gains}
    ${share < 1 ? `WHERE ${drawn()}` : ''} ORDER BY l.contact_id`;
  const rows = await read<InsightDbRow>(scope, { text, parameters });
  return rows.map(({ won, peak, rules }) => ({ won, peak, rules: rules ?? [] }));
}
