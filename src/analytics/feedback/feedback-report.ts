import type { AnalyticsRead } from '../analytics-service.js';
import { type Band, isWithin } from '../conversion/conversion-report.js';
import { LEAD_FEEDBACK } from '../facts/lead-feedback.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeContacts, scopeParameters } from '../scope/scope-contacts.js';
import { joinScoresSql, placeBeforeSql } from '../scope/score-rows.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

const { ACCEPTED, REJECTED, CONVERTED, LOST } = LEAD_FEEDBACK;

/** Leads that sales said something of, alike in all of this. */
export interface JudgedBySales {
  /** The total just before; null for leads that had none. */
  total: number | null;
  /** The one who owns them now; null for nobody. */
  ownerId: string | null;
  accepted: boolean;
  /** Why not, without space around it and in lower case; null for accepted ones, '' where none was given. */
  reason: string | null;
  leads: number;
}

/** A reason for rejecting leads. */
export interface RejectionReason {
  reason: string;
  leads: number;
  /** Of the leads that were rejected. */
  share: Proportion;
}

/** Whether sales accepts what it is handed. */
export interface Acceptance {
  accepted: number;
  rejected: number;
  /** Accepted of both. */
  rate: Proportion;
  /** The most frequent first. */
  reasons: RejectionReason[];
}

/**
 * The last verdict of each lead within the range, ACCEPTED or REJECTED, as a subquery: contact_id, owner_id, at_ms, code,
 * reason.
 */
function verdictsSql(scope: AnalyticsScope, parameters: ReturnType<typeof scopeParameters>): string {
  const from = parameters.shared('beginning of the range', 'bigint', () => scope.range.fromMs);
  const to = parameters.shared('end of the range', 'bigint', () => scope.range.toMs);
  return `(SELECT f.contact_id, c.owner_id, v.at_ms, v.code, lower(btrim(v.reason, E' \\t\\n\\r')) AS reason
    FROM contact_facts f
    JOIN contacts c ON c.tenant_id = $1 AND c.id = f.contact_id
    CROSS JOIN LATERAL (SELECT at_ms, code, reason
      FROM unnest(f.feedback_ms, f.feedback_kinds, f.feedback_reasons) WITH ORDINALITY AS u(at_ms, code, reason, n)
      WHERE at_ms >= ${from} AND at_ms < ${to} AND code IN (${ACCEPTED.code}, ${REJECTED.code})
      ORDER BY n DESC LIMIT 1) AS v
    WHERE f.tenant_id = $1 AND f.feedback_ms IS NOT NULL${scopeContacts(scope, parameters, 'f.contact_id')})`;
}

/** What sales said of the leads of a scope, in one pass over those that it said something of. */
export async function readJudgedBySales(
  read: AnalyticsRead,
  scope: AnalyticsScope,
): Promise<JudgedBySales[]> {
  const parameters = scopeParameters(scope);
  const verdicts = verdictsSql(scope, parameters);
  const paths = joinScoresSql('score_paths', 'p', 'v.contact_id', scope.model, parameters);
  const text = `SELECT total, owner_id AS "ownerId", code = ${ACCEPTED.code} AS accepted,
      CASE WHEN code = ${REJECTED.code} THEN reason END AS reason, count(*)::int AS leads
    FROM (SELECT v.*, p.totals[${placeBeforeSql('p.total_ms', 'v.at_ms')}] AS total FROM ${verdicts} v LEFT ${paths}) judged
    GROUP BY 1, 2, 3, 4`;
  return read<JudgedBySales>(scope, { text, parameters });
}

/** Leads by verdict and by the rules that had given something strictly before it; by index of the model's active rules. */
export async function readAcceptanceByRule(
  read: AnalyticsRead,
  scope: AnalyticsScope,
): Promise<Map<number, Proportion>> {
  const parameters = scopeParameters(scope);
  const verdicts = verdictsSql(scope, parameters);
  const gains = joinScoresSql('score_gains', 'g', 'v.contact_id', scope.model, parameters);
  const text = `SELECT rule, count(*)::int AS leads, count(*) FILTER (WHERE code = ${ACCEPTED.code})::int AS accepted
    FROM (SELECT v.code, v.at_ms, unnest(g.rule_ids)::int AS rule, unnest(g.rule_first_ms) AS first_ms
      FROM ${verdicts} v ${gains}) held
    WHERE first_ms < at_ms GROUP BY rule`;
  const rows = await read<{ rule: number; leads: number; accepted: number }>(scope, { text, parameters });
  return new Map(rows.map(({ rule, leads, accepted }) => [rule, proportion(accepted, leads)]));
}

/** Leads that sales said to have converted, and to have been lost, within the range. */
export async function readSettledBySales(
  read: AnalyticsRead,
  scope: AnalyticsScope,
): Promise<{ converted: number; lost: number }> {
  const parameters = scopeParameters(scope);
  const from = parameters.add(scope.range.fromMs, 'bigint');
  const to = parameters.add(scope.range.toMs, 'bigint');
  const text = `SELECT count(DISTINCT contact_id) FILTER (WHERE code = ${CONVERTED.code})::int AS converted,
      count(DISTINCT contact_id) FILTER (WHERE code = ${LOST.code})::int AS lost
    FROM (SELECT f.contact_id, unnest(f.feedback_ms) AS at_ms, unnest(f.feedback_kinds) AS code FROM contact_facts f
      WHERE f.tenant_id = $1 AND f.feedback_ms IS NOT NULL${scopeContacts(scope, parameters, 'f.contact_id')}) said
    WHERE at_ms >= ${from} AND at_ms < ${to}`;
  const [row] = await read<{ converted: number; lost: number }>(scope, { text, parameters });
  return row ?? { converted: 0, lost: 0 };
}

export function acceptanceOf(judged: readonly JudgedBySales[]): Acceptance {
  const count = (some: readonly JudgedBySales[]) => some.reduce((sum, { leads }) => sum + leads, 0);
  const refused = judged.filter((one) => !one.accepted);
  const [accepted, rejected] = [count(judged) - count(refused), count(refused)];
  const reasons = [...Map.groupBy(refused, ({ reason }) => reason ?? '')].map(([reason, some]) => ({
    reason,
    leads: count(some),
    share: proportion(count(some), rejected),
  }));
  reasons.sort((one, other) => other.leads - one.leads || (one.reason < other.reason ? -1 : 1));
  return { accepted, rejected, rate: proportion(accepted, accepted + rejected), reasons };
}

/** What sales made of the leads of each band. Leads without a total are in none. */
export function acceptanceByBand(
  judged: readonly JudgedBySales[],
  bands: readonly Band[],
): (Band & Acceptance)[] {
  return bands.map((band) => ({
    ...band,
    ...acceptanceOf(judged.filter(({ total }) => total !== null && isWithin(band, total))),
  }));
}

/** What each owner made of leads, the one with most leads first. */
export function acceptanceByOwner(
  judged: readonly JudgedBySales[],
): ({ ownerId: string | null } & Acceptance)[] {
  return [...Map.groupBy(judged, ({ ownerId }) => ownerId)]
    .map(([ownerId, some]) => ({ ownerId, ...acceptanceOf(some) }))
    .sort((one, other) => other.rate.denominator - one.rate.denominator);
}
