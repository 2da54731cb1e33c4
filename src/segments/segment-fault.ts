import { checkFilter } from '../contacts/check-filter.js';
import type { SavedFilters } from '../contacts/saved-filter.js';
import { LeadpulseError } from '../errors.js';
import type { ActiveModels } from '../store/model-registry.js';
import type { SegmentRow } from './segment-row.js';

/** Segments as filters refer to them. */
export function byId(segments: readonly SegmentRow[]): SavedFilters {
  return new Map(segments.map((segment) => [segment.id, segment]));
}

/** What keeps a segment from being asked (a model was switched off, a stage is gone), in words; null when nothing does. */
export function faultOf(segment: SegmentRow, segments: SavedFilters, active: ActiveModels): string | null {
  try {
    checkFilter(segment.filter, active, 'filter', segments, [segment.id]);
    return null;
  } catch (error) {
    if (error instanceof LeadpulseError) return error.message;
    throw error;
  }
}
