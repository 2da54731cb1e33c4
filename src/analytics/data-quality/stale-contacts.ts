import { DAY_MS } from '../../scoring/duration.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeContacts, scopeParameters } from '../scope/scope-contacts.js';
import { type Proportion, proportion } from '../statistics/proportion.js';

/** Contacts that may have gone cold. */
export interface StaleContacts {
  /** Those whose latest activity is before this; ms since 1970. */
  beforeMs: number;
  /** Of all contacts, those that were active, and for the last time before that. */
  stale: Proportion;
  /** Of all contacts, those that never did anything that counts as activity. */
  neverActive: Proportion;
}

/**
 * Counts contacts by their latest activity, which is what the scope's model takes for it.
 * @param contacts how many the scope has.
 * @param staleAfterDays days of 24 h before the end of the range.
 */
export async function readStaleContacts(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  contacts: number,
  staleAfterDays: number,
): Promise<StaleContacts> {
  const beforeMs = scope.range.toMs - staleAfterDays * DAY_MS;
  const parameters = scopeParameters(scope);
  const modelId = parameters.add(scope.model.modelId, 'uuid');
  const before = parameters.add(new Date(beforeMs), 'timestamptz');
  // Contacts that were merged into others have no scores.
  const text = `SELECT count(*)::int AS active, count(*) FILTER (WHERE s.last_activity_at < ${before})::int AS stale
    FROM contact_scores s WHERE s.tenant_id = $1 AND s.model_id = ${modelId} AND s.last_activity_at > '-infinity'
      ${scopeContacts(scope, parameters, 's.contact_id')}`;
  const [row] = await read<{ active: number; stale: number }>(scope, { text, parameters });
  const { active, stale } = row ?? { active: 0, stale: 0 };
  // Between the two statements contacts may have come.
  const all = Math.max(contacts, active);
  return { beforeMs, stale: proportion(stale, all), neverActive: proportion(all - active, all) };
}
