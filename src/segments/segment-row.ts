import { decodeFilter } from '../contacts/saved-filter.js';
import type { JsonObject } from '../scoring/json-value.js';
import type { ContactFilter } from '../store/contact-filter.js';

/** A saved filter, and how far its members have been gathered. */
export interface SegmentRow {
  id: string;
  key: string;
  name: string;
  filter: ContactFilter;
  /** Its members have been gathered once: from then on they make events. */
  filled: boolean;
  /** A pass over all contacts is due or under way; null when neither. */
  sweep: 'WAITING' | 'RUNNING' | null;
  createdBy: string;
  createdAtMs: number;
  changedBy: string;
  changedAtMs: number;
}

/** A row of `SEGMENT_COLUMNS`, from a pool that gives instants as ms or from one that gives dates. */
export interface SegmentDbRow {
  id: string;
  key: string;
  name: string;
  filter: JsonObject;
  filled: boolean;
  sweep: SegmentRow['sweep'];
  created_by: string;
  created_at: number | Date;
  changed_by: string;
  changed_at: number | Date;
}

/** What to select from `segments` for `segmentRowOf`. */
export const SEGMENT_COLUMNS =
  'id, key, name, filter, filled, sweep, created_by, created_at, changed_by, changed_at';

/** A row as read, with its names in code. */
export function segmentRowOf(row: SegmentDbRow): SegmentRow {
  const { id, key, name, filled, sweep } = row;
  return {
    id,
    key,
    name,
    filter: decodeFilter(row.filter),
    filled,
    sweep,
    createdBy: row.created_by,
    createdAtMs: Number(row.created_at),
    changedBy: row.changed_by,
    changedAtMs: Number(row.changed_at),
  };
}
