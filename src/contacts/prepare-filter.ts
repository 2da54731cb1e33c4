import type pg from 'pg';
import { type ContactFilter, partsOf } from '../store/contact-filter.js';
import type { Database } from '../store/database.js';
import type { ActiveModels } from '../store/model-registry.js';
import { tenantRead } from '../store/tenant-scope.js';
import { checkFilter } from './check-filter.js';
import type { FilterScope } from './filter-sql.js';
import { asksSegments, NO_SAVED_FILTERS, readSavedFilters, type SavedFilters } from './saved-filter.js';
import { readTextCandidates } from './text-candidates.js';
import { textCollation } from './text-collation.js';

/** A filter that was checked, with all that its SQL is made of. */
export interface PreparedFilter {
  filter: ContactFilter;
  scope: FilterScope;
}

/**
 * Checks a filter and reads the saved ones that it names. Whom its texts lead to is not looked up: see `withTexts`.
 * @param path of the filter in the caller's input, for the paths of faults.
 * @throws LeadpulseError BAD_USER_INPUT with every fault, NOT_FOUND for an unknown model.
 */
export async function prepareFilter(
  db: Database,
  tenantId: string,
  active: ActiveModels,
  filter: ContactFilter,
  path: string,
): Promise<PreparedFilter> {
  const collation = await textCollation(db);
  const segments = asksSegments(filter)
    ? await tenantRead(db, tenantId, (client) => readSavedFilters(client, tenantId))
    : NO_SAVED_FILTERS;
  checkFilter(filter, active, path, segments);
  return { filter, scope: { active, collation, segments } };
}

/**
 * The same with the contacts that its texts lead to looked up.
 * @param client a connection scoped to the tenant.
 */
export async function withTexts(client: pg.ClientBase, prepared: PreparedFilter): Promise<PreparedFilter> {
  const { filter, scope } = prepared;
  const texts = await readTextCandidates(client, [...textsOf(filter, scope.segments)]);
  return { filter, scope: { ...scope, texts } };
}

/** The texts of a filter, those of the saved filters that it names among them. */
export function textsOf(filter: ContactFilter, segments: SavedFilters = NO_SAVED_FILTERS): Set<string> {
  const texts = new Set<string>();
  for (const part of partsOf(filter)) {
    if (part.text?.trim()) texts.add(part.text);
    const saved = part.segmentId == null ? undefined : segments.get(part.segmentId.toLowerCase());
    if (saved) for (const text of textsOf(saved.filter, segments)) texts.add(text);
  }
  return texts;
}
