import type { ActiveModels } from '../../store/model-registry.js';
import type { AnalyticsRead } from '../analytics-service.js';
import type { AnalyticsScope } from '../scope/analytics-scope.js';
import { scopeParameters } from '../scope/scope-contacts.js';
import { DEFAULT_CONVERSIONS } from './conversion-rules.js';
import { factPlanKey } from './fact-plan.js';

/** How much of what is recorded reports are counted from. */
export interface FactCoverage {
  /** Whether the facts of all contacts are those of the present models and settings. */
  complete: boolean;
  /** Contacts whose facts are those of the present models and settings, of all; counted when asked for. */
  contacts(): Promise<DerivedContacts>;
  /** Entries recorded before this are contained; ms since 1970. */
  upToMs: number;
}

export interface DerivedContacts {
  done: number;
  total: number;
}

interface CoverageRow {
  revision: number | null;
  built: string | null;
  building: string | null;
  again: boolean | null;
  done: number | null;
  total: number | null;
  up_to: number;
}

/** @param active the models that the tenant scores with now. */
export async function readFactCoverage(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  active: ActiveModels,
): Promise<FactCoverage> {
  const [row] = await read<CoverageRow>(scope, {
    text: `SELECT f.built, f.building, f.again, f.done::float8, f.total::float8,
        (SELECT s.revision FROM conversion_settings s WHERE s.tenant_id = $1) AS revision,
        coalesce((SELECT min(t.touched_at) FROM fact_touches t WHERE t.tenant_id = $1), clock_timestamp()) AS up_to
      FROM (SELECT) one LEFT JOIN fact_feeds f ON f.tenant_id = $1`,
    parameters: scopeParameters(scope),
  });
  if (!row) throw new Error('the coverage of facts has no row');
  const key = factPlanKey(active.models, row.revision ?? DEFAULT_CONVERSIONS.revision);
  const isUnderWay = row.building === key;
  return {
    // A pass repeats what it was built with when too much was touched to tell whom it concerns.
    complete: !isUnderWay && row.built === key && !row.again,
    contacts: () => derivedContacts(read, scope, row, key),
    upToMs: row.up_to,
  };
}

async function derivedContacts(
  read: AnalyticsRead,
  scope: AnalyticsScope,
  { built, building, again, done, total }: CoverageRow,
  key: string,
): Promise<DerivedContacts> {
  if (building === key) return { done: done ?? 0, total: Math.max(done ?? 0, total ?? 0) };
  const contacts = await countContacts(read, scope);
  return { done: built === key && !again ? contacts : 0, total: contacts };
}

async function countContacts(read: AnalyticsRead, scope: AnalyticsScope): Promise<number> {
  const [row] = await read<{ contacts: number }>(scope, {
    text: 'SELECT count(*)::float8 AS contacts FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL',
    parameters: scopeParameters(scope),
  });
  return row?.contacts ?? 0;
}
