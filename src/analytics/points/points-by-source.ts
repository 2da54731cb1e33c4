import { roundPoints } from '../../scoring/points.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeContacts, scopeParameters } from '../scope/scope-contacts.js';
import { placeBeforeSql, scoreRowsSql } from '../scope/score-rows.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

/** What one rule, or one action type, gave within a range. */
export interface SourcePoints {
  /** Index of the rule among the model's active ones, or id of the action type: 0 for what no action earned. */
  source: number;
  /** Points given, 0 or more, as awarded: before recency, decay, caps and weights. */
  positive: number;
  /** Points taken, 0 or less. */
  negative: number;
  net: number;
  /** How often it gave or took points. */
  times: number;
  /** Of all positive points of the range, 0 to 1; null when nothing was given. */
  positiveShare: number | null;
  /** Of the leads, those it gave points to or took points from. */
  reached: Proportion;
}

interface SourceDbRow {
  source: number;
  positive: number;
  negative: number;
  times: number;
  contacts: number;
}

const COLUMNS = {
  rule: { source: 'rules', before: 'rule_prevs' },
  actionType: { source: 'type_ids', before: 'type_prevs' },
} as const;

/**
 * What rules or action types gave to the leads of a scope within its range: the most points first, then the most taken.
 * Leads are the contacts with an entry before the range's end, whatever became of them.
 */
export async function readPointsBySource(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  kind: keyof typeof COLUMNS,
): Promise<SourcePoints[]> {
  const [rows, leads] = await Promise.all([
    read<SourceDbRow>(scope, pointsStatement(scope, kind)),
    read<{ leads: number }>(scope, leadsStatement(scope)),
  ]);
  const given = rows.reduce((sum, { positive }) => sum + positive, 0);
  return rows
    .map(({ source, positive, negative, times, contacts }) => ({
      source,
      positive: roundPoints(positive),
      negative: roundPoints(negative),
      net: roundPoints(positive + negative),
      times,
      positiveShare: given === 0 ? null : positive / given,
      // Facts may be written between the two reads.
      reached: proportion(contacts, Math.max(contacts, leads[0]?.leads ?? 0)),
    }))
    .sort(byPoints);
}

function byPoints(one: SourcePoints, other: SourcePoints): number {
  return (
    other.positive - one.positive ||
    one.negative - other.negative ||
    other.times - one.times ||
    one.source - other.source
  );
}

/**
 * A gain counts its contact when the gain before it by the same source lies before the slice.
 *
 * Measured with 7 gains each of 1,000,000 contacts on two cores: 1.4 s for 30 days, 3.0 s for all gains; reading the rows
 * alone takes 0.4 s. Of 20 gains each, on a busy machine, unnesting three arrays took half of the time, summing the rest;
 * grouping by points as well, in place of the sums, took longer.
 */
function pointsStatement(scope: AnalyticsScope, kind: keyof typeof COLUMNS) {
  const { source, before } = COLUMNS[kind];
  const parameters = scopeParameters(scope);
  const first = `${placeBeforeSql('g.at_ms', parameters.add(scope.range.fromMs, 'bigint'))} + 1`;
  const slice = `[${first}:${placeBeforeSql('g.at_ms', parameters.add(scope.range.toMs, 'bigint'))}]`;
  const text = `SELECT source::int, coalesce(sum(points) FILTER (WHERE points > 0), 0) AS positive,
      coalesce(sum(points) FILTER (WHERE points < 0), 0) AS negative,
      count(*)::int AS times, count(*) FILTER (WHERE before < first)::int AS contacts
    FROM (SELECT ${first} AS first, unnest(g.${source}${slice}) AS source, unnest(g.points${slice}) AS points,
        unnest(g.${before}${slice}) AS before
      ${scoreRowsSql('score_gains', 'g', scope, parameters)}) gains
    GROUP BY source`;
  return { text, parameters };
}

function leadsStatement(scope: AnalyticsScope) {
  const parameters = scopeParameters(scope);
  const text = `SELECT count(*)::int AS leads FROM contact_facts f WHERE f.tenant_id = $1
    AND f.first_ms < ${parameters.add(scope.range.toMs, 'bigint')}${scopeContacts(scope, parameters, 'f.contact_id')}`;
  return { text, parameters };
}
