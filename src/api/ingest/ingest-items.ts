import { badInput, type FieldFault } from '../../errors.js';
import type { ActionItem, AdjustmentItem, ProfileItem } from '../../ingest/ingest-item.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../scoring/json-value.js';
import type { ContactKey as ContactKeyValue } from '../../store/identity.js';
import type { AdjustScoreInput, ContactKey, RecordActionInput, UpsertContactInput } from './ingest-inputs.js';
import { requestHash } from './request-hash.js';

const KEY_KINDS = ['id', 'email', 'externalId', 'anonymousId'] as const;
const IDENTITIES = ['email', 'externalId', 'anonymousId'] as const;
const ATTRIBUTE_FIELDS = [
  'firstName',
  'lastName',
  'jobTitle',
  'company',
  'companySize',
  'industry',
  'annualRevenue',
  'country',
] as const;
const UPSERT_DEFAULTS = { onIdentityConflict: 'REJECT' };

/** The key that is given; GraphQL has seen to it that exactly one is. */
export function contactKeyOf(input: ContactKey): ContactKeyValue {
  for (const kind of KEY_KINDS) {
    const value = input[kind];
    if (value != null) return { kind, value };
  }
  throw badInput([
    { path: 'contact', message: 'Give exactly one of id, email, externalId and anonymousId.' },
  ]);
}

interface Common {
  occurredAtMs?: number;
  idempotencyKey?: string;
  requestHash?: Uint8Array;
}

/** What all items of mutations have in common. @param kind of the mutation: an idempotency key belongs to one kind. */
export function itemBaseOf(
  kind: string,
  input: { occurredAt?: Date | null; idempotencyKey?: string | null },
  defaults?: Record<string, unknown>,
): Common {
  const common: Common = {};
  if (input.occurredAt) common.occurredAtMs = input.occurredAt.getTime();
  if (input.idempotencyKey != null) {
    common.idempotencyKey = input.idempotencyKey;
    common.requestHash = requestHash(kind, input, defaults);
  }
  return common;
}

/** What is to be recorded; the recorder checks it. */
export function actionItemOf(input: RecordActionInput): ActionItem {
  const item = itemBaseOf('action', input) as ActionItem;
  item.kind = 'action';
  item.contact = contactKeyOf(input.contact);
  item.type = input.type;
  // Anything but an object is refused by the recorder, as a fault of this item alone.
  item.properties = (input.properties ?? {}) as JsonObject;
  return item;
}

/** What is to be recorded; the recorder checks it. */
export function adjustmentItemOf(input: AdjustScoreInput): AdjustmentItem {
  const item: AdjustmentItem = {
    ...itemBaseOf('adjustment', input),
    kind: 'adjustment',
    contact: contactKeyOf(input.contact),
    points: input.points,
    reason: input.reason,
  };
  if (input.expiresAfterDays != null) item.expiresAfterDays = input.expiresAfterDays;
  return item;
}

/**
 * What is to be recorded; the recorder checks the values.
 * @throws LeadpulseError BAD_USER_INPUT when the same attribute is given twice, with paths relative to the input.
 */
export function profileItemOf(input: UpsertContactInput): ProfileItem {
  const faults: FieldFault[] = [];
  const set = new Map<string, JsonValue | null>();
  addCustom(input.attributes, set, faults);
  for (const name of ATTRIBUTE_FIELDS) {
    const value = input[name];
    if (value === undefined) continue;
    if (set.has(name)) faults.push({ path: `attributes.${name}`, message: `is given as ${name} as well` });
    set.set(name, value);
  }
  const identities = takeIdentities(input, set);
  input.unset?.forEach((name, index) => {
    const given = set.has(name) || IDENTITIES.some((kind) => kind === name && identities[kind] !== undefined);
    if (given) faults.push({ path: `unset.${index}`, message: `${name} is set by the same input` });
    set.set(name, null);
  });
  if (faults.length > 0) throw badInput(faults);
  return {
    ...itemBaseOf('profile', input, UPSERT_DEFAULTS),
    kind: 'profile',
    contact: contactKeyOf(input.contact),
    set: Object.fromEntries(set),
    identities,
    onIdentityConflict: input.onIdentityConflict ?? 'REJECT',
  };
}

function addCustom(attributes: unknown, set: Map<string, JsonValue | null>, faults: FieldFault[]): void {
  if (attributes == null) return;
  if (!isJsonObject(attributes)) {
    faults.push({ path: 'attributes', message: 'must be a JSON object' });
    return;
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (IDENTITIES.some((kind) => kind === name)) {
      faults.push({ path: `attributes.${name}`, message: `is an identity; give it as the field ${name}` });
    } else {
      set.set(name, value);
    }
  }
}

/** A given identity leads to the contact; null takes the attribute away (what led here goes on leading here). */
function takeIdentities(
  input: UpsertContactInput,
  set: Map<string, JsonValue | null>,
): ProfileItem['identities'] {
  const identities: ProfileItem['identities'] = {};
  for (const kind of IDENTITIES) {
    const value = input[kind];
    if (value != null) identities[kind] = value;
    else if (value === null && kind !== 'anonymousId') set.set(kind, null);
  }
  return identities;
}
