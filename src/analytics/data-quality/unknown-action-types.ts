import type { ActiveModel } from '../../store/model-registry.js';
import type { ActionTypeCount } from '../../store/uses/action-type-counts.js';
import type { AnalyticsRead } from '../analytics-service.js';
import { type ConversionSettings, outcomeOf } from '../facts/conversion-rules.js';
import { feedbackCodeOf } from '../facts/lead-feedback.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeContacts, scopeParameters } from '../scope/scope-contacts.js';
import { ruleUsesOf } from './rule-action-types.js';

/** An action type that was recorded and that nothing asks for. */
export interface UnknownActionType extends ActionTypeCount {
  /** Contacts of the scope that did it before the end of the range, and those of them who did so first within it. */
  contacts: number;
  contactsFirstInRange: number;
}

interface DoneDbRow {
  type: string;
  contacts: number;
  in_range: number;
}

/**
 * The types that no active rule of an active model names, that no model calls passive, and that are neither an outcome nor
 * what sales says of a lead; in the order of `counts`. A rule for any activity names none.
 */
export function typesWithoutUse(
  counts: readonly ActionTypeCount[],
  models: readonly ActiveModel[],
  settings: ConversionSettings,
): ActionTypeCount[] {
  const uses = ruleUsesOf(models);
  return counts.filter(
    ({ type }) =>
      uses.count(type) === 0 &&
      outcomeOf(settings, type) === null &&
      feedbackCodeOf(type) === undefined &&
      !models.some(({ compiled }) => compiled.passiveActionTypes.has(type)),
  );
}

/** The types with the contacts of the scope who did them, as facts have it. Types without an id of their own have nobody. */
export async function withContacts(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  types: readonly ActionTypeCount[],
): Promise<UnknownActionType[]> {
  const rows = types.length === 0 ? [] : await readDone(read, scope, types);
  const byType = new Map(rows.map((row) => [row.type, row]));
  return types.map((count) => {
    const done = byType.get(count.type);
    return { ...count, contacts: done?.contacts ?? 0, contactsFirstInRange: done?.in_range ?? 0 };
  });
}

function readDone(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  types: readonly ActionTypeCount[],
): Promise<DoneDbRow[]> {
  const parameters = scopeParameters(scope);
  const names = parameters.add(
    types.map(({ type }) => type),
    'text[]',
  );
  const from = parameters.add(scope.range.fromMs, 'bigint');
  const to = parameters.add(scope.range.toMs, 'bigint');
  const text = `SELECT i.type, sum(d.contacts)::int AS contacts, sum(d.in_range)::int AS in_range
    FROM (SELECT id, count(*) AS contacts, count(*) FILTER (WHERE at_ms >= ${from}) AS in_range
      FROM (SELECT unnest(f.type_ids) AS id, unnest(f.type_first_ms) AS at_ms FROM contact_facts f
        WHERE f.tenant_id = $1 AND f.type_ids && ARRAY(
          SELECT id FROM action_type_ids WHERE tenant_id = $1 AND type = ANY(${names}))
          ${scopeContacts(scope, parameters, 'f.contact_id')}) AS done
      WHERE at_ms < ${to} GROUP BY id) AS d
    JOIN action_type_ids i ON i.tenant_id = $1 AND i.id = d.id WHERE i.type = ANY(${names}) GROUP BY i.type`;
  return read<DoneDbRow>(scope, { text, parameters });
}
