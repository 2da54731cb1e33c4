import type pg from 'pg';
import { mergePropertyUses, type PropertyUse } from '../store/uses/property-use.js';
import type { RulePatterns } from '../store/uses/rule-uses.js';

/** Groups of rules that ask for the same types. */
const RULE_GROUPS_MAX = 5_000;
/** Rows that were not folded yet and bring properties: read at most, the latest ones. */
const NEW_PROPERTIES_MAX = 1_000;

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
