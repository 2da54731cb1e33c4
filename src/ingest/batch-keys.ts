import {
  type ContactKey,
  type ContactKeyKind,
  IDENTITY_KIND_CODES,
  normalizeIdentity,
} from '../store/identity.js';
import type { KeyColumns } from './batch-statements.js';
import type { IngestItem } from './ingest-item.js';

/** `kind/value` of a key as stored: what keys are compared by. */
export type KeyText = string;

/** The key as it is stored and compared. */
export function keyText(key: ContactKey): KeyText {
  return `${IDENTITY_KIND_CODES[key.kind]}/${normalizeIdentity(key.kind, key.value)}`;
}

/** `kind/value` from the columns of a row. */
export function keyTextOfRow(kind: number, value: string): KeyText {
  return `${kind}/${value}`;
}

/** The identities that an item brings beside its contact key. */
export function extraIdentities(item: IngestItem): ContactKey[] {
  const identities = item.kind === 'profile' || item.kind === 'action' ? item.identities : undefined;
  const keys: ContactKey[] = [];
  if (!identities) return keys;
  for (const kind of ['email', 'externalId', 'anonymousId'] as const) {
    const value = identities[kind];
    if (value !== undefined) keys.push({ kind, value });
  }
  return keys;
}

/** Every key that an item names: its contact's first, then the identities that it brings. */
export function keysOfItem(item: IngestItem): KeyText[] {
  return [item.contact, ...extraIdentities(item)].map(keyText);
}

/** Keys as columns of a statement, each once: those that are ids apart. */
export interface CollectedKeys {
  keys: KeyColumns;
  ids: string[];
}

/**
 * Every key that the items name, each once: with the contact it is remembered to lead to, or among the unknown ones.
 * @param find the contact id behind a key, when it is remembered.
 */
export function lookUpKeys(
  items: readonly IngestItem[],
  find: (key: KeyText) => string | undefined,
): { known: Map<KeyText, string>; unknown: CollectedKeys } {
  const seen = new Set<KeyText>();
  const known = new Map<KeyText, string>();
  const unknown: CollectedKeys = { keys: { kinds: [], values: [] }, ids: [] };
  const add = (key: ContactKey) => {
    const text = keyText(key);
    if (seen.has(text)) return;
    seen.add(text);
    const id = find(text);
    if (id !== undefined) known.set(text, id);
    else addUnknown(unknown, key);
  };
  for (const item of items) {
    add(item.contact);
    for (const key of extraIdentities(item)) add(key);
  }
  return { known, unknown };
}

function addUnknown({ keys, ids }: CollectedKeys, key: ContactKey): void {
  const value = normalizeIdentity(key.kind, key.value);
  if (key.kind === 'id') {
    ids.push(value);
    return;
  }
  keys.kinds.push(IDENTITY_KIND_CODES[key.kind]);
  keys.values.push(value);
}

/** The attribute that a key of this kind is also visible as; anonymous ids are none. */
export function attributeOfKey(kind: ContactKeyKind): 'email' | 'externalId' | null {
  return kind === 'email' || kind === 'externalId' ? kind : null;
}
