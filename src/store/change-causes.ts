import type { TimeCause } from '../scoring/next-change.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';

/** Why a score changed: an entry of the timeline, time itself, a new model version, or a change to the timeline. */
export const CHANGE_CAUSES = [
  'ACTION',
  'PROFILE',
  'LIST',
  'ADJUSTMENT',
  'DECAY',
  'EXPIRY',
  'RECENCY',
  'WINDOW',
  'RULES',
  'MERGE',
  'CORRECTION',
  'ERASED',
] as const;
export type ChangeCause = (typeof CHANGE_CAUSES)[number];

const CAUSE_OF_KIND: Record<TimelineEntry['kind'], ChangeCause> = {
  action: 'ACTION',
  profile: 'PROFILE',
  list: 'LIST',
  adjustment: 'ADJUSTMENT',
};

/** The cause that a timeline entry is. */
export function causeOfEntry(entry: TimelineEntry): ChangeCause {
  return CAUSE_OF_KIND[entry.kind];
}

/** Expiry says more than a recency step, that more than a window, and decay is the background of it all. */
const TIME_CAUSE_ORDER: readonly TimeCause[] = ['EXPIRY', 'RECENCY', 'WINDOW', 'DECAY'];

/** The one cause that is named when several boundaries fall on the same instant. */
export function causeOfTime(causes: readonly TimeCause[]): ChangeCause {
  return TIME_CAUSE_ORDER.find((cause) => causes.includes(cause)) ?? 'DECAY';
}
