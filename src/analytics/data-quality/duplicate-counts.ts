import { DUPLICATE_KEYS, DUPLICATE_REASONS, type DuplicateReason } from '../../store/duplicate-keys.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeContacts, scopeParameters } from '../scope/scope-contacts.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

/** How many contacts are likely the same as another one, for one reason. */
export interface DuplicateCount {
  reason: DuplicateReason;
  /** Groups of two or more contacts, each likely one person. */
  groups: number;
  /** Of all contacts, those in a group. */
  contacts: Proportion;
}

/** Counts likely duplicates among the contacts of the scope, for each reason. @param contacts how many the scope has. */
export function readDuplicateCounts(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  contacts: number,
): Promise<DuplicateCount[]> {
  return Promise.all(DUPLICATE_REASONS.map((reason) => readCount(read, scope, contacts, reason)));
}

async function readCount(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  contacts: number,
  reason: DuplicateReason,
): Promise<DuplicateCount> {
  const { key, also, where } = DUPLICATE_KEYS[reason];
  const parameters = scopeParameters(scope);
  // First the keys that come twice, from an index alone, then who has them: grouping all contacts takes twice as long.
  const text = `SELECT count(*)::int AS groups, coalesce(sum(size), 0)::int AS contacts FROM (
      SELECT c.${key} AS key, ${also} AS also, count(*) AS size FROM contacts c
      WHERE c.tenant_id = $1 AND c.merged_into IS NULL AND ${where} AND c.${key} = ANY(ARRAY(
          SELECT ${key} FROM contacts WHERE tenant_id = $1 AND ${key} IS NOT NULL GROUP BY 1 HAVING count(*) > 1))
        ${scopeContacts(scope, parameters, 'c.id')}
      GROUP BY 1, 2 HAVING count(*) > 1) AS found`;
  const [row] = await read<{ groups: number; contacts: number }>(scope, { text, parameters });
  const found = row ?? { groups: 0, contacts: 0 };
  return {
    reason,
    groups: found.groups,
    contacts: proportion(found.contacts, Math.max(contacts, found.contacts)),
  };
}
