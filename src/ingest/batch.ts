import { uuidv7 } from 'uuidv7';
import { LeadpulseError } from '../errors.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import { normalizeIdentity } from '../store/identity.js';
import type { MergeWish } from '../store/rewriting/merge-contacts.js';
import type { SequencedEntry } from '../store/score-cursor.js';
import type { ScoreRow } from '../store/score-row.js';
import type { IngestItem, ProfileItem, RecordedOutcome } from './ingest-item.js';

/** A contact that the batch may write to. */
export interface BatchContact {
  id: string;
  isNew: boolean;
  rows: ScoreRow[];
  /** Accepted items, in order of arrival. */
  items: AcceptedItem[];
}

/** An item that will be written, with the entry it makes. */
export interface AcceptedItem {
  /** Index into the batch's items; -1 for the profile that a new contact's own key makes. */
  index: number;
  entryId: string;
  sequenced: SequencedEntry;
  changed: boolean;
}

/**
 * What becomes of an item: an answer, or another try because its contact is busy, or once contacts have been merged: for the item
 * itself, or for one ahead of it that shares a key with it.
 */
export type ItemResult =
  | RecordedOutcome
  | { status: 'REJECTED'; error: LeadpulseError }
  | { status: 'BUSY' }
  | { status: 'MERGE'; wish: MergeWish }
  | { status: 'BEHIND_MERGE' };

/** A result for every item of a batch, by index. */
export type BatchResults = (ItemResult | undefined)[];

/** The entry that an item puts on the timeline. */
export function entryOfItem(item: IngestItem, atMs: number): TimelineEntry {
  switch (item.kind) {
    case 'action':
      return { kind: 'action', atMs, type: item.type, properties: item.properties };
    case 'profile':
      return { kind: 'profile', atMs, set: { ...item.set, ...identityAttributes(item) } };
    case 'list':
      return { kind: 'list', atMs, list: item.list, joined: item.joined };
    case 'adjustment': {
      const { points, reason, expiresAfterDays } = item;
      return {
        kind: 'adjustment',
        atMs,
        points,
        reason,
        ...(expiresAfterDays === undefined ? {} : { expiresAfterDays }),
      };
    }
  }
}

/** Email and externalId are attributes as well: rules and the contact's own fields show them. */
function identityAttributes({ identities }: ProfileItem): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const kind of ['email', 'externalId'] as const) {
    const value = identities[kind];
    if (value !== undefined) attributes[kind] = normalizeIdentity(kind, value);
  }
  return attributes;
}

/** An id for a new row; in the order of making, which keeps indexes dense. */
export function newId(): string {
  return uuidv7();
}

export function rejected(error: LeadpulseError): ItemResult {
  return { status: 'REJECTED', error };
}
