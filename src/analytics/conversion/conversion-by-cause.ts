import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { leadsSql } from '../scope/leads-sql.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { placeBeforeSql } from '../scope/score-rows.js';
import { type Lift, lift } from '../statistics/lift.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

/** Leads for whom something held before their outcome, beside the others. */
export interface CauseConversion {
  /** Leads for whom it held. */
  converted: Proportion;
  /** The other leads of the scope. */
  without: Proportion;
  /** The rate of the former over that of the latter. */
  lift: Lift;
}

/** All leads of a scope, and those of each cause. */
export interface ConversionByCause {
  leads: number;
  won: number;
  causes: Map<number, CauseConversion>;
}

interface CauseDbRow {
  cause: number;
  leads: number;
  won: number;
}

/** Stands for being a lead at all; no rule and no action type has the number. */
const EVERYBODY = -1;

/** Leads by the rules that had given something strictly before their outcome; by index of the model's active rules. */
export async function readConversionByRule(
  read: AnalyticsRead,
  scope: AnalyticsScope,
): Promise<ConversionByCause> {
  const parameters = scopeParameters(scope);
  const leads = leadsSql(scope, scope.range, parameters, 'score_gains');
  const text = countCausesSql(leads, 'rule_ids', 'rule_first_ms');
  return conversionOf(await read<CauseDbRow>(scope, { text, parameters }));
}

/** Leads by the types of actions that had happened strictly before their outcome; by id of the action type. */
export async function readConversionByAction(
  read: AnalyticsRead,
  scope: AnalyticsScope,
): Promise<ConversionByCause> {
  const parameters = scopeParameters(scope);
  const leads = leadsSql(scope, scope.range, parameters, 'contact_facts');
  const text = countCausesSql(leads, 'type_ids', 'type_first_ms');
  return conversionOf(await read<CauseDbRow>(scope, { text, parameters }));
}

/**
 * Counts leads by cause, and all of them in the same pass.
 * @param leads SQL of them.
 * @param ids, firstMs columns of a lead's causes and of when each began, in the order of these instants.
 */
function countCausesSql(leads: string, ids: string, firstMs: string): string {
  const before = `l.${ids}[:${placeBeforeSql(`l.${firstMs}`, 'l.cut_ms')}]`;
  return `SELECT cause::int, count(*)::int AS leads, count(*) FILTER (WHERE won)::int AS won
    FROM (SELECT l.won, unnest(${EVERYBODY}::smallint || ${before}) AS cause FROM ${leads} l) causes GROUP BY cause`;
}

function conversionOf(rows: readonly CauseDbRow[]): ConversionByCause {
  const all = rows.find(({ cause }) => cause === EVERYBODY) ?? { leads: 0, won: 0 };
  const causes = rows.flatMap(({ cause, leads, won }): [number, CauseConversion][] => {
    if (cause === EVERYBODY) return [];
    const converted = proportion(won, leads);
    const without = proportion(all.won - won, all.leads - leads);
    return [[cause, { converted, without, lift: lift(converted, without) }]];
  });
  return { leads: all.leads, won: all.won, causes: new Map(causes) };
}

/** Those with the surest effect first: by the lower end of the lift's interval, then by leads. */
export function bySurestLift(one: CauseConversion, other: CauseConversion): number {
  return other.lift.low - one.lift.low || other.converted.denominator - one.converted.denominator;
}

/** Shown for an id that has no name: types beyond those that a tenant's facts tell apart. */
export const OTHER_ACTION_TYPES = '(other)';

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
