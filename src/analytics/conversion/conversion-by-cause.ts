import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { joinScoresSql, leadsSql } from '../scope/leads-sql.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { type Lift, lift } from '../statistics/lift.js';
import { type Proportion, proportion } from '../statistics/proportion.js';
import type { LeadSums } from './judged-leads.js';

/** Leads for whom something held before their outcome, beside the others. */
export interface CauseConversion {
  /** Leads for whom it held. */
  converted: Proportion;
  /** The other leads of the scope. */
  without: Proportion;
  /** The rate of the former over that of the latter. */
  lift: Lift;
}

interface CauseDbRow {
  cause: number;
  leads: number;
  won: number;
}

/** Leads by the rules that had given something strictly before their outcome; by index of the model's active rules. */
export async function readConversionByRule(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  all: Pick<LeadSums, 'leads' | 'won'>,
): Promise<Map<number, CauseConversion>> {
  const parameters = scopeParameters(scope);
  const leads = leadsSql(scope, scope.range, parameters);
  const gains = joinScoresSql('score_gains', 'g', scope.model, parameters);
  const causes = `SELECT l.won, l.cut_ms, unnest(g.rule_ids)::int AS cause, unnest(g.rule_first_ms) AS at_ms
    FROM ${leads} l ${gains}`;
  return conversionOf(await read<CauseDbRow>(scope, { text: countCauses(causes), parameters }), all);
}

/** Leads by the types of actions that had happened strictly before their outcome; by id of the action type. */
export async function readConversionByAction(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  all: Pick<LeadSums, 'leads' | 'won'>,
): Promise<Map<number, CauseConversion>> {
  const parameters = scopeParameters(scope);
  const causes = `SELECT l.won, l.cut_ms, unnest(l.type_ids) AS cause, unnest(l.type_first_ms) AS at_ms
    FROM ${leadsSql(scope, scope.range, parameters)} l`;
  return conversionOf(await read<CauseDbRow>(scope, { text: countCauses(causes), parameters }), all);
}

/** @param causes a query for the first instant of each cause of each lead. */
function countCauses(causes: string): string {
  return `SELECT cause, count(*)::int AS leads, count(*) FILTER (WHERE won)::int AS won
    FROM (${causes}) causes WHERE at_ms < cut_ms GROUP BY cause`;
}

function conversionOf(
  rows: readonly CauseDbRow[],
  all: Pick<LeadSums, 'leads' | 'won'>,
): Map<number, CauseConversion> {
  return new Map(
    rows.map(({ cause, leads, won }) => {
      const converted = proportion(won, leads);
      // Facts may be written between the two reads; nobody is fewer than nobody.
      const wonWithout = Math.max(0, all.won - won);
      const without = proportion(wonWithout, Math.max(wonWithout, all.leads - leads));
      return [cause, { converted, without, lift: lift(converted, without) }];
    }),
  );
}

/** Those with the surest effect first: by the lower end of the lift's interval, then by leads. */
export function bySurestLift(one: CauseConversion, other: CauseConversion): number {
  return other.lift.low - one.lift.low || other.converted.denominator - one.converted.denominator;
}

/** Action types by their ids in `contact_facts`. */
export async function readActionTypeNames(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  ids: readonly number[],
): Promise<Map<number, string>> {
  const parameters = scopeParameters(scope);
  const text = `SELECT id, type FROM action_type_ids WHERE tenant_id = $1 AND id = ANY (${parameters.add(ids, 'int[]')})`;
  const rows = await read<{ id: number; type: string }>(scope, { text, parameters });
  return new Map(rows.map(({ id, type }) => [id, type]));
}
