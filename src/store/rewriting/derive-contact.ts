import type { TimelineEntry } from '../../scoring/timeline-entry.js';
import { applyProfile, type ContactProfile } from '../contact-profile.js';

/** What a timeline says of a contact beside its scores. */
export interface DerivedContact {
  profile: ContactProfile;
  /** The lists it is on by key, with the instant at which it joined, ms since 1970. */
  lists: Map<string, number>;
}

const NOTHING_OVERRIDDEN: ReadonlySet<string> = new Set();

/** What an empty timeline says. */
export function emptyContact(): DerivedContact {
  return { profile: { standard: {}, attributes: {} }, lists: new Map() };
}

/** The contact after one more entry, in timeline order; it is changed in place. */
export function deriveEntry(contact: DerivedContact, entry: TimelineEntry): void {
  if (entry.kind === 'profile') {
    contact.profile = applyProfile(contact.profile, entry.set, NOTHING_OVERRIDDEN);
  } else if (entry.kind === 'list') {
    if (!entry.joined) contact.lists.delete(entry.list);
    else if (!contact.lists.has(entry.list)) contact.lists.set(entry.list, entry.atMs);
  }
}
