import type { IngestItem } from '../ingest/ingest-item.js';
import type { ContactFilter } from '../store/contact-filter.js';
import { BULK_KEY_PREFIX } from '../store/idempotency-keys.js';

/** What is done to each contact. */
export type BulkAction =
  | { kind: 'addToList' | 'removeFromList'; list: string }
  | { kind: 'setOwner'; ownerId: string | null }
  | { kind: 'adjustScore'; points: number; reason: string; expiresAfterDays?: number };

/** Those that are written to timelines. */
export type RecordedBulkAction = Exclude<BulkAction, { kind: 'setOwner' }>;

/** For how long an action that was cancelled or has failed can be resumed, from its end on. */
export const BULK_RESUME_DAYS = 7;

/** Who is meant. */
export type BulkSelection = { filter: ContactFilter } | { contactIds: string[] };

/** Contacts that can be named one by one. */
export const BULK_IDS_MAX = 10_000;

/** A contact to which it could not be done, and why. */
export interface BulkFault {
  contactId: string;
  code: string;
  message: string;
}

/** Faults that are kept. */
export const BULK_FAULTS_MAX = 100;

/** How far a bulk action has come. */
export interface BulkResult {
  action: BulkAction;
  /** When it was settled who is meant; null before. */
  fixedAt: Date | null;
  /** Contacts that are not as they were: those that were on the list already, for instance, are done but not changed. */
  changed: number;
  failed: number;
  /** The first `BULK_FAULTS_MAX` of those that failed. */
  faults: BulkFault[];
}

/**
 * The timeline entry for one contact.
 * @param jobId its job: together with the contact's id it makes the idempotency key, so that nothing is recorded twice.
 */
export function bulkItem(action: RecordedBulkAction, jobId: string, contactId: string): IngestItem {
  const idempotencyKey = bulkItemKey(jobId, contactId);
  const common = {
    contact: { kind: 'id' as const, value: contactId },
    idempotencyKey,
    requestHash: new TextEncoder().encode(idempotencyKey),
  };
  if (action.kind === 'adjustScore') return { ...action, ...common, kind: 'adjustment' };
  return { ...common, kind: 'list', list: action.list, joined: action.kind === 'addToList' };
}

/** The idempotency key of what a bulk action records about a contact. */
export function bulkItemKey(jobId: string, contactId: string): string {
  return `${BULK_KEY_PREFIX}${jobId}:${contactId}`;
}
