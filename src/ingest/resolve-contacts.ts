import type pg from 'pg';
import { LeadpulseError } from '../errors.js';
import { ERASED_IDENTITIES_DAYS } from '../store/erased-identities.js';
import { type ContactKey, IDENTITY_KIND_CODES, normalizeIdentity } from '../store/identity.js';
import { type BatchContact, type BatchResults, newId, rejected } from './batch.js';
import { attributeOfKey, extraIdentities, type KeyText, keysOfItem, keyText } from './batch-keys.js';
import { insertIdentities } from './batch-statements.js';
import type { IngestItem } from './ingest-item.js';

/** Thrown when another transaction was quicker; the batch is done again and finds what that one wrote. */
export class BatchOutpaced extends Error {}

/** Where the keys of a batch lead, and which of those contacts this transaction holds. */
export interface KeyTable {
  /** Contact id by key; ids lead to themselves. */
  known: Map<KeyText, string>;
  /** Contacts that are there and locked by this transaction: not held by others, not merged away. */
  locked: ReadonlySet<string>;
  /** Contacts that this batch makes. */
  fresh: Set<string>;
  /** Keys of people who were erased: nobody is made for them. */
  erased: ReadonlySet<KeyText>;
}

export interface ResolvedBatch {
  contacts: Map<string, BatchContact>;
  /** Contact id by item index; absent for items with a result already. */
  contactOf: Map<number, string>;
  /** By item index: the attributes that the item's keys become, where these are new to the contact and the item says no attributes itself. */
  keyAttribute: Map<number, Record<string, string>>;
}

/** The items of a batch, which of them are still to be written, and where those that cannot go on get their result. */
export interface ItemsToResolve {
  items: readonly IngestItem[];
  writable: readonly boolean[];
  results: BatchResults;
}

interface NewIdentity {
  kind: number;
  value: string;
  contactId: string;
}

/**
 * Finds the contact of every item, makes those that are unknown, and attaches new identities. Items that cannot go on
 * get their result: NOT_FOUND for an unknown id, CONFLICT or MERGE for identities of different people, BEHIND_MERGE for what comes
 * after that, BUSY for a contact that another transaction holds.
 * @throws BatchOutpaced when an identity was taken by another transaction meanwhile.
 */
export async function resolveContacts(
  client: pg.ClientBase,
  tenantId: string,
  { items, writable, results }: ItemsToResolve,
  table: KeyTable,
): Promise<ResolvedBatch> {
  const resolved: ResolvedBatch = { contacts: new Map(), contactOf: new Map(), keyAttribute: new Map() };
  const fresh = new Map<KeyText, NewIdentity>();
  const merging = new Set<string>();
  items.forEach((item, index) => {
    if (!writable[index]) return;
    const found = behindMerges(item, table, merging, contactOfItem(item, table));
    if (typeof found !== 'string') {
      results[index] = found;
      return;
    }
    const known = resolved.contacts.get(found);
    if (!known) {
      resolved.contacts.set(found, { id: found, isNew: !table.locked.has(found), rows: [], items: [] });
    }
    resolved.contactOf.set(index, found);
    const attributes = newKeyAttributes(item, table);
    if (attributes) resolved.keyAttribute.set(index, attributes);
    noteIdentities(item, found, table, fresh);
  });
  await insertFresh(client, tenantId, [...fresh.values()]);
  return resolved;
}

/**
 * The contact that the item's key leads to; for an unknown key the one that its other identities lead to, else a new
 * one.
 */
function contactOfItem(item: IngestItem, table: KeyTable): string | NonNullable<BatchResults[number]> {
  const keys = [item.contact, ...extraIdentities(item)];
  const owners = new Set(keys.map((key) => table.known.get(keyText(key))).filter((id) => id !== undefined));
  const [owner] = owners;
  if (item.contact.kind === 'id' && !table.known.has(keyText(item.contact))) {
    return rejected(unknownContact(item.contact.value));
  }
  if (table.erased.size > 0 && keys.some((key) => table.erased.has(keyText(key))))
    return rejected(erasedPerson());
  if (owners.size > 1) return onConflict(item, [...owners]);
  if (owner === undefined) return newId();
  const isFresh = table.fresh.has(owner);
  return isFresh || table.locked.has(owner) ? owner : { status: 'BUSY' };
}

/**
 * Holds an item back that is about people of whom one ahead of it makes one: it goes after that, so that the last word is the
 * last, and nobody is made for a key that is about to lead to them.
 * @param merging keys and contacts of the items that wait for a merge; those of this one are added when it waits.
 * @param found what becomes of the item otherwise.
 */
function behindMerges(
  item: IngestItem,
  table: KeyTable,
  merging: Set<string>,
  found: ReturnType<typeof contactOfItem>,
): ReturnType<typeof contactOfItem> {
  const merges = typeof found !== 'string' && found.status === 'MERGE';
  if (!merges && merging.size === 0) return found;
  const names = keysOfItem(item).flatMap((key) => [key, table.known.get(key) ?? key]);
  if (!merges && !names.some((name) => merging.has(name))) return found;
  for (const name of names) merging.add(name);
  return merges ? found : { status: 'BEHIND_MERGE' };
}

/** Email and externalId among the keys that are new; a profile has those beside its own key among its attributes. */
function newKeyAttributes(item: IngestItem, table: KeyTable): Record<string, string> | null {
  let attributes: Record<string, string> | null = null;
  const add = (key: ContactKey) => {
    const attribute = attributeOfKey(key.kind);
    if (!attribute || table.known.has(keyText(key))) return;
    attributes ??= {};
    attributes[attribute] = normalizeIdentity(key.kind, key.value);
  };
  add(item.contact);
  if (item.kind === 'action') for (const key of extraIdentities(item)) add(key);
  return attributes;
}

function noteIdentities(
  item: IngestItem,
  contactId: string,
  table: KeyTable,
  fresh: Map<KeyText, NewIdentity>,
): void {
  for (const key of [item.contact, ...extraIdentities(item)]) {
    const text = keyText(key);
    if (table.known.has(text)) continue;
    table.known.set(text, contactId);
    if (!table.locked.has(contactId)) table.fresh.add(contactId);
    fresh.set(text, {
      kind: IDENTITY_KIND_CODES[key.kind],
      value: normalizeIdentity(key.kind, key.value),
      contactId,
    });
  }
}

async function insertFresh(client: pg.ClientBase, tenantId: string, rows: NewIdentity[]): Promise<void> {
  if (rows.length === 0) return;
  const inserted = await client.query(insertIdentities(tenantId, rows));
  if (inserted.rowCount !== rows.length) throw new BatchOutpaced('an identity was taken meanwhile');
}

function unknownContact(id: string): LeadpulseError {
  return new LeadpulseError('NOT_FOUND', `There is no contact with id ${id}.`);
}

/** What becomes of an item whose identities lead to several contacts; the first of them is that of its own key, if known. */
function onConflict(
  item: IngestItem,
  [intoId = '', ...fromIds]: string[],
): NonNullable<BatchResults[number]> {
  const policy = ('onIdentityConflict' in item && item.onIdentityConflict) || 'REJECT';
  if (policy === 'REJECT') return rejected(identityConflict());
  return { status: 'MERGE', wish: { intoId, fromIds, anonymousOnly: policy === 'MERGE_ANONYMOUS' } };
}

function erasedPerson(): LeadpulseError {
  return new LeadpulseError(
    'CONFLICT',
    `The key belongs to a person who was erased; it is refused for ${ERASED_IDENTITIES_DAYS} days after that, so that a retry or an import does not bring the person back. Leave the item out.`,
  );
}

function identityConflict(): LeadpulseError {
  return new LeadpulseError(
    'CONFLICT',
    'The given identities belong to different contacts. Leave out the one that belongs to the other contact, or give `onIdentityConflict: MERGE` if both are one person.',
  );
}
