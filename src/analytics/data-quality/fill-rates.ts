import { STANDARD_ATTRIBUTES, STANDARD_NAMES } from '../../store/standard-attributes.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { isSampledSql } from '../scope/drawn-share.js';
import { scopeContacts, scopeParameters } from '../scope/scope-contacts.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

/** Custom attributes of more contacts are counted among about so many of them, spread by the hash of the id. */
export const SAMPLE_CONTACTS = 100_000;
/** Custom attributes at most, the most filled ones. */
export const CUSTOM_ATTRIBUTES_MAX = 200;

/** How many contacts have a value of an attribute. */
export interface AttributeFill {
  /** The name by which rules know it. */
  attribute: string;
  standard: boolean;
  filled: Proportion;
  /** True when not all contacts were looked at, but `filled.denominator` of them. */
  sampled: boolean;
}

/** The contacts of a scope, and how many have which standard attribute. */
export interface StandardFills {
  contacts: number;
  fills: AttributeFill[];
}

/** Counts the contacts of the scope, and those that have each standard attribute, in the order of the attributes. */
export async function readStandardFills(read: AnalyticsRead, scope: AnalyticsScope): Promise<StandardFills> {
  const parameters = scopeParameters(scope);
  // A value of another type than the column takes is among the custom attributes, under the same name.
  const filled = STANDARD_NAMES.map((name) => {
    const { column } = STANDARD_ATTRIBUTES[name];
    return `count(*) FILTER (WHERE c.${column} IS NOT NULL OR c.attributes ? '${name}')::int`;
  });
  const text = `SELECT count(*)::int AS contacts, ARRAY[${filled.join(', ')}] AS filled FROM contacts c
    WHERE c.tenant_id = $1 AND c.merged_into IS NULL${scopeContacts(scope, parameters, 'c.id')}`;
  const [row] = await read<{ contacts: number; filled: number[] }>(scope, { text, parameters });
  const counted = row ?? { contacts: 0, filled: [] };
  const fills = STANDARD_NAMES.map((attribute, index) => ({
    attribute,
    standard: true,
    filled: proportion(counted.filled[index] ?? 0, counted.contacts),
    sampled: false,
  }));
  return { contacts: counted.contacts, fills };
}

/**
 * Counts the contacts of the scope that have each custom attribute, the most filled ones first. A name that is also that of a
 * standard attribute is left out.
 * @param contacts how many the scope has: of more than `SAMPLE_CONTACTS` some are looked at.
 */
export async function readCustomFills(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  contacts: number,
): Promise<AttributeFill[]> {
  const every = Math.max(1, Math.ceil(contacts / SAMPLE_CONTACTS));
  const parameters = scopeParameters(scope);
  const standard = parameters.add(STANDARD_NAMES, 'text[]');
  const sample = every === 1 ? '' : ` AND ${isSampledSql('c.id', parameters.add(every, 'integer'))}`;
  // The row without an attribute counts the contacts.
  const text = `SELECT attribute, count(*)::int AS filled FROM (
      SELECT unnest(ARRAY(SELECT jsonb_object_keys(c.attributes - ${standard})) || NULL::text) AS attribute FROM contacts c
      WHERE c.tenant_id = $1 AND c.merged_into IS NULL${sample}${scopeContacts(scope, parameters, 'c.id')}) AS named
    GROUP BY attribute ORDER BY attribute IS NULL DESC, filled DESC, attribute LIMIT ${CUSTOM_ATTRIBUTES_MAX + 1}`;
  const [all, ...rows] = await read<{ attribute: string; filled: number }>(scope, { text, parameters });
  return rows.map(({ attribute, filled }) => ({
    attribute,
    standard: false,
    filled: proportion(filled, all?.filled ?? filled),
    sampled: every > 1,
  }));
}
