import type pg from 'pg';
import type { JsonObject } from '../scoring/json-value.js';
import { type ContactFilter, partsOf } from '../store/contact-filter.js';

/** A filter that was saved under a name: what a segment is made of. */
export interface SavedFilter {
  id: string;
  key: string;
  name: string;
  filter: ContactFilter;
}

/** The saved filters of a tenant by id. */
export type SavedFilters = ReadonlyMap<string, SavedFilter>;

export const NO_SAVED_FILTERS: SavedFilters = new Map();

/** Segments of one tenant; so many filters are looked at for a contact that changed. */
export const SEGMENTS_PER_TENANT_MAX = 100;

/** A filter as JSON: instants as text. What is null or absent is left out. */
export function encodeFilter(filter: ContactFilter): JsonObject {
  return JSON.parse(JSON.stringify(filter, (_key, value: unknown) => value ?? undefined)) as JsonObject;
}

/** The filter behind `encodeFilter`. */
export function decodeFilter(json: JsonObject): ContactFilter {
  const filter = json as ContactFilter;
  for (const part of partsOf(filter)) {
    if (part.activeSince) part.activeSince = new Date(part.activeSince);
    if (part.inactiveSince) part.inactiveSince = new Date(part.inactiveSince);
  }
  return filter;
}

/** Whether a filter names a saved one. */
export function asksSegments(filter: ContactFilter): boolean {
  for (const part of partsOf(filter)) if (part.segmentId != null) return true;
  return false;
}

/** A row of `SAVED_FILTER_COLUMNS`. */
export interface SavedFilterRow {
  id: string;
  key: string;
  name: string;
  filter: JsonObject;
}

/** What to select from `segments` for `savedFiltersOf`. */
export const SAVED_FILTER_COLUMNS = 'id, key, name, filter';

/** Saved filters by id, from their rows. */
export function savedFiltersOf(rows: readonly SavedFilterRow[]): SavedFilters {
  return new Map(
    rows.map(({ id, key, name, filter }) => [id, { id, key, name, filter: decodeFilter(filter) }]),
  );
}

/** All saved filters of the tenant that the connection is scoped to. */
export async function readSavedFilters(client: pg.ClientBase, tenantId: string): Promise<SavedFilters> {
  const { rows } = await client.query<SavedFilterRow>({
    name: 'saved_filters',
    text: `SELECT ${SAVED_FILTER_COLUMNS} FROM segments WHERE tenant_id = $1 ORDER BY key`,
    values: [tenantId],
  });
  return savedFiltersOf(rows);
}

/** The saved filters that one is made of, directly and through others, by id. */
export function savedWithin(filter: ContactFilter, segments: SavedFilters): Set<string> {
  const found = new Set<string>();
  const look = (inner: ContactFilter) => {
    for (const part of partsOf(inner)) {
      const saved = part.segmentId == null ? undefined : segments.get(part.segmentId.toLowerCase());
      if (!saved || found.has(saved.id)) continue;
      found.add(saved.id);
      look(saved.filter);
    }
  };
  look(filter);
  return found;
}

/** Whether time alone moves contacts in and out: the filter, or one that it is made of, asks about days gone by. */
export function asksTime(filter: ContactFilter, segments: SavedFilters): boolean {
  const filters = [filter, ...[...savedWithin(filter, segments)].map((id) => segments.get(id)?.filter ?? {})];
  return filters.some((one) => [...partsOf(one)].some(isRelative));
}

function isRelative({ activeWithinDays, inactiveForDays, activity }: ContactFilter): boolean {
  return activeWithinDays != null || inactiveForDays != null || activity?.withinDays != null;
}
