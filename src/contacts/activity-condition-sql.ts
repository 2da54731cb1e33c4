import { type ActionTypePattern, parseActionType } from '../scoring/action-type.js';
import type { ActivityCondition } from '../scoring/model-definition.js';
import type { SqlParameters } from '../store/sql-parameters.js';
import { TIMELINE_KIND_CODES } from '../store/timeline-codec.js';
import { propertyConditionSql } from './attribute-condition-sql.js';

/**
 * A condition on the actions of `contacts c` as SQL that is true or false, in the sense of the scoring core: at least so
 * many matching actions up to now, within so many days. It walks one contact's timeline, newest first, until it has seen
 * enough; the index it takes is the timeline's key.
 * @param passive types that `*` leaves out.
 * @param collation see `textCollation`.
 */
export function activityConditionSql(
  condition: ActivityCondition,
  passive: ReadonlySet<string>,
  collation: string,
  parameters: SqlParameters,
): string {
  const { actionType, where, withinDays } = condition;
  const parts = [
    `t.tenant_id = $1 AND t.contact_id = c.id AND t.kind = ${TIMELINE_KIND_CODES.action} AND t.occurred_at <= now()`,
    typeSql(parseActionType(actionType), passive, parameters),
  ];
  if (withinDays != null) {
    parts.push(`t.occurred_at > now() - ${parameters.add(withinDays, 'float8')} * interval '24 hours'`);
  }
  for (const property of where ?? []) {
    parts.push(propertyConditionSql(property, `coalesce(t.body, '{}')::jsonb`, collation, parameters));
  }
  const atLeast = parameters.add(condition.atLeast ?? 1, 'bigint');
  return `((SELECT count(*) FROM (SELECT FROM timeline t WHERE ${parts.join(' AND ')}
    ORDER BY t.occurred_at DESC, t.seq DESC LIMIT ${atLeast}) found) = ${atLeast})`;
}

function typeSql(
  pattern: ActionTypePattern,
  passive: ReadonlySet<string>,
  parameters: SqlParameters,
): string {
  if (pattern.kind === 'exact') return `t.type = ${parameters.add(pattern.type, 'text')}`;
  if (pattern.kind === 'prefix') return `starts_with(t.type, ${parameters.add(pattern.prefix, 'text')})`;
  return `t.type <> ALL(${parameters.add([...passive], 'text[]')})`;
}
