/** How a contact is named by a caller: by its id, or by something that leads to it. */
export type ContactKeyKind = 'id' | 'email' | 'externalId' | 'anonymousId';

export interface ContactKey {
  kind: ContactKeyKind;
  value: string;
}

/** `contact_identities.kind`; `id` is no identity but the contact itself (0). */
export const IDENTITY_KIND_CODES: Record<ContactKeyKind, number> = {
  id: 0,
  email: 1,
  externalId: 2,
  anonymousId: 3,
};

/** The key as it is stored and compared: emails trimmed and in lower case, the others trimmed. */
export function normalizeIdentity(kind: ContactKeyKind, value: string): string {
  const trimmed = value.trim();
  return kind === 'email' || kind === 'id' ? trimmed.toLowerCase() : trimmed;
}
