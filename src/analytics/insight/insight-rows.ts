import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { isSampledSql } from '../scope/drawn-share.js';
import { leadsSql } from '../scope/leads-sql.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { joinScoresSql, placeBeforeSql } from '../scope/score-rows.js';

/** Leads that rules are fitted to at most; of more, a sample. */
export const FITTED_LEADS_MAX = 50_000;

/** A lead as the rules see it. */
export interface InsightRow {
  won: boolean;
  /** The highest total before its outcome; null when it had none. */
  peak: number | null;
  /** Indexes of the rules that had given something strictly before it. */
  rules: readonly number[];
}

interface InsightDbRow {
  won: boolean;
  peak: number | null;
  /** As PostgreSQL writes an array. */
  rules: string | null;
}

/**
 * Leads of the scope with the rules they had met: all, or a sample of about `FITTED_LEADS_MAX` at most, the same one each
 * time.
 * @param leads how many there are.
 */
export async function readInsightRows(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  leads: number,
): Promise<InsightRow[]> {
  const parameters = scopeParameters(scope);
  const gains = leadsSql(scope, scope.range, parameters, 'score_gains');
  const paths = joinScoresSql('score_paths', 'p', 'l.contact_id', scope.model, parameters);
  const every = Math.max(1, Math.ceil(leads / FITTED_LEADS_MAX));
  const sampled = every === 1 ? '' : `WHERE ${isSampledSql('l.contact_id', parameters.add(every, 'int'))}`;
  const text = `SELECT l.won, p.peaks[${placeBeforeSql('p.peak_ms', 'l.cut_ms')}] AS peak,
      l.rule_ids[:${placeBeforeSql('l.rule_first_ms', 'l.cut_ms')}]::text AS rules
    FROM ${gains} l ${paths} ${sampled} ORDER BY l.contact_id`;
  const rows = await read<InsightDbRow>(scope, { text, parameters });
  const sets = new Map([...new Set(rows.map((row) => row.rules))].map((text) => [text, rulesOf(text)]));
  return rows.map(({ won, peak, rules }) => ({ won, peak, rules: sets.get(rules) ?? [] }));
}

/** Read once for all leads who met the same rules: they share the array, and are sent to a thread with it once. */
function rulesOf(text: string | null): number[] {
  return text === null || text === '{}' ? [] : text.slice(1, -1).split(',').map(Number);
}
