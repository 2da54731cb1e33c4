import type pg from 'pg';
import { mergePropertyUses, type PropertyUse } from '../store/uses/property-use.js';
import type { ActionTypeCount } from './list-action-types.js';
import type { RulePatterns } from './rule-uses.js';

/** Types of a tenant that the catalogue knows: the most frequent ones. */
export const ACTION_TYPES_MAX = 5_000;
/** Groups of rules that ask for the same types. */
const RULE_GROUPS_MAX = 5_000;
/** Rows that were not folded yet and bring properties: read at most, the latest ones. */
const NEW_PROPERTIES_MAX = 1_000;

/**
 * What is recorded, the most frequent types first: what is folded and what was appended since, in one snapshot. Types of which
 * every action was taken back are left out.
 */
export async function readActionTypeCounts(
  client: pg.ClientBase,
  tenantId: string,
): Promise<ActionTypeCount[]> {
  const { rows } = await client.query<{ type: string; count: number; first_at: number; last_at: number }>({
    name: 'action_type_counts',
    text: `SELECT type, sum(count)::float8 AS count, min(first_at) AS first_at, max(last_at) AS last_at
      FROM (SELECT type, count, first_at, last_at FROM action_types WHERE tenant_id = $1
        UNION ALL SELECT type, count, first_at, last_at FROM action_type_uses WHERE tenant_id = $1) AS uses
      GROUP BY type HAVING sum(count) > 0 ORDER BY 2 DESC, type LIMIT ${ACTION_TYPES_MAX}`,
    values: [tenantId],
  });
  return rows.map(({ type, count, first_at, last_at }) => ({
    type,
    count,
    firstAtMs: first_at,
    lastAtMs: last_at,
  }));
}

/** The properties of these types; types of which none are known are left out. */
export async function readProperties(
  client: pg.ClientBase,
  tenantId: string,
  types: readonly string[],
): Promise<Map<string, PropertyUse[]>> {
  const { rows } = await client.query<{ type: string; properties: PropertyUse[] }>({
    name: 'action_type_properties',
    text: `SELECT type, properties FROM (
        SELECT type, properties, -1 AS seq FROM action_types WHERE tenant_id = $1 AND type = ANY ($2::text[])
        UNION ALL (SELECT type, properties, seq FROM action_type_uses
          WHERE tenant_id = $1 AND type = ANY ($2::text[]) AND properties IS NOT NULL
          ORDER BY seq DESC LIMIT ${NEW_PROPERTIES_MAX})) AS known
      ORDER BY seq`,
    values: [tenantId, types],
  });
  const properties = new Map<string, PropertyUse[]>();
  for (const row of rows) {
    properties.set(row.type, mergePropertyUses(properties.get(row.type) ?? [], row.properties));
  }
  return properties;
}

/** What the rules of all published versions ask for, active or not. */
export async function readRulePatterns(client: pg.ClientBase, tenantId: string): Promise<RulePatterns[]> {
  const { rows } = await client.query<RulePatterns>({
    name: 'rule_patterns',
    text: `SELECT patterns, count(*)::int AS rules FROM (
        SELECT (SELECT array_agg(DISTINCT p.pattern #>> '{}') FROM jsonb_path_query(r.rule, '$.**.actionType') AS p(pattern))
          AS patterns
        FROM scoring_models m
        JOIN scoring_model_versions v ON v.tenant_id = m.tenant_id AND v.model_id = m.id AND v.version = m.version
        CROSS JOIN LATERAL jsonb_path_query(v.definition, '$.scoreSets[*].rules[*]') AS r(rule)
        WHERE m.tenant_id = $1) AS asked
      WHERE patterns IS NOT NULL GROUP BY patterns ORDER BY 2 DESC, 1 LIMIT ${RULE_GROUPS_MAX}`,
    values: [tenantId],
  });
  return rows;
}
