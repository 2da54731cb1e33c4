import type { LeadpulseError } from '../errors.js';
import type { JsonObject, JsonValue } from '../scoring/json-value.js';
import type { ContactKey } from '../store/identity.js';
import type { ScoreRow } from '../store/score-row.js';

interface ItemBase {
  contact: ContactKey;
  /** Ms since 1970; the database's clock when absent. */
  occurredAtMs?: number;
  idempotencyKey?: string;
  /** SHA-256 of the request as sent; goes with `idempotencyKey`. */
  requestHash?: Uint8Array;
  /** What makes it, such as a row of an import; kept with the answer under `idempotencyKey`. */
  origin?: string;
}

/**
 * What to do when an identity already leads to another contact: refuse, make both one, or make both one only if nothing but
 * anonymousIds lead to the other.
 */
export type IdentityConflictPolicy = 'REJECT' | 'MERGE' | 'MERGE_ANONYMOUS';

/** Identities beside an item's own key, to lead to its contact from now on. */
export type ItemIdentities = Partial<Record<Exclude<ContactKey['kind'], 'id'>, string>>;

export interface ActionItem extends ItemBase {
  kind: 'action';
  type: string;
  properties: JsonObject;
  /** None when absent. */
  identities?: ItemIdentities;
  /** REJECT when absent. */
  onIdentityConflict?: IdentityConflictPolicy;
}

export interface ProfileItem extends ItemBase {
  kind: 'profile';
  /** Attributes by name, standard (`jobTitle`) and custom alike; null removes one. */
  set: Record<string, JsonValue | null>;
  identities: ItemIdentities;
  onIdentityConflict: IdentityConflictPolicy;
}

export interface ListItem extends ItemBase {
  kind: 'list';
  /** Key of the list, made on first use. */
  list: string;
  joined: boolean;
}

export interface AdjustmentItem extends ItemBase {
  kind: 'adjustment';
  points: number;
  reason: string;
  expiresAfterDays?: number;
}

/** One thing to write to a timeline. */
export type IngestItem = ActionItem | ProfileItem | ListItem | AdjustmentItem;

/** What an item led to, as committed. */
export interface RecordedOutcome {
  /** DUPLICATE: the same idempotency key was answered before; nothing was written. */
  status: 'RECORDED' | 'DUPLICATE';
  contactId: string;
  /** True when the contact was made for this item. */
  created: boolean;
  entryId: string;
  occurredAtMs: number;
  recordedAtMs: number;
  /** Lists: membership really changed. Always true for the other kinds. */
  changed: boolean;
  /** Position in the feed of the last change that this item made; null when no score changed. */
  position: string | null;
  /** The contact's scores on all active models, the primary first; empty for a DUPLICATE. */
  scores: ScoreRow[];
  /** Of a DUPLICATE: the origin of the item that was recorded under the key. */
  origin?: string;
}

export type IngestOutcome = RecordedOutcome | { status: 'REJECTED'; error: LeadpulseError };
