import type pg from 'pg';
import type { JsonValue } from '../scoring/json-value.js';
import type { TimelineEntry } from '../scoring/timeline-entry.js';
import { applyProfile, type ContactColumns, columnsOf, profileOf } from '../store/contact-profile.js';
import { insertContacts, updateContacts } from '../store/contact-writes.js';
import type { FlightStatement } from '../store/flight.js';
import { decodeEntry } from '../store/timeline-codec.js';
import { type AcceptedItem, type BatchContact, newId } from './batch.js';
import {
  deleteMembers,
  insertLists,
  insertMembers,
  type LaterEntryRow,
  type MembershipChange,
  type MembershipRow,
  readContacts,
  readLaterEntries,
  readMemberships,
} from './batch-statements.js';

/** What a batch changes beside timelines and scores: profiles as they stand, and who is on which list. */
export interface Projection {
  inserted: ContactColumns[];
  updated: ContactColumns[];
  joined: MembershipChange[];
  left: MembershipChange[];
}

const NOTHING_OVERRIDDEN: ReadonlySet<string> = new Set();

/**
 * Works out profiles and memberships after the batch's entries. An entry that comes late does not overwrite what a
 * later one has said. Sets `changed` of list items.
 */
export async function projectContacts(
  client: pg.ClientBase,
  tenantId: string,
  contacts: readonly BatchContact[],
): Promise<Projection> {
  const projection: Projection = { inserted: [], updated: [], joined: [], left: [] };
  const touching = contacts.filter((contact) => contact.isNew || contact.items.some(isProjected));
  if (touching.length === 0) return projection;
  const later = await laterEntries(client, tenantId, touching);
  await projectProfiles(client, tenantId, touching, later, projection);
  await projectLists(client, tenantId, touching, later, projection);
  return projection;
}

/** The statements that write a projection. */
export function projectionWrites(
  tenantId: string,
  { inserted, updated, joined, left }: Projection,
  nowMs: number,
): FlightStatement[] {
  const writes: FlightStatement[] = [];
  if (inserted.length > 0) writes.push(insertContacts(tenantId, inserted, nowMs));
  if (updated.length > 0) writes.push(updateContacts(tenantId, updated));
  if (left.length > 0) writes.push(deleteMembers(tenantId, left));
  if (joined.length > 0) writes.push(insertMembers(tenantId, joined));
  return writes;
}

function isProjected(item: AcceptedItem): boolean {
  const { kind } = item.sequenced.entry;
  return kind === 'profile' || kind === 'list';
}

/** Stored profile and list entries later than the earliest of the batch, by contact. */
type LaterEntries = Map<string, TimelineEntry[]>;

async function laterEntries(
  client: pg.ClientBase,
  tenantId: string,
  contacts: readonly BatchContact[],
): Promise<LaterEntries> {
  const found: LaterEntries = new Map();
  const old = contacts.filter((contact) => !contact.isNew);
  if (old.length === 0) return found;
  const earliest = old.map((contact) =>
    Math.min(...contact.items.filter(isProjected).map((item) => item.sequenced.entry.atMs)),
  );
  const { rows } = await client.query<LaterEntryRow>(
    readLaterEntries(
      tenantId,
      old.map((contact) => contact.id),
      earliest,
    ),
  );
  for (const row of rows) {
    const entries = found.get(row.contact_id) ?? [];
    entries.push(decodeEntry(row.occurred_at, row));
    found.set(row.contact_id, entries);
  }
  return found;
}

async function projectProfiles(
  client: pg.ClientBase,
  tenantId: string,
  contacts: readonly BatchContact[],
  later: LaterEntries,
  projection: Projection,
): Promise<void> {
  const changing = contacts.filter((contact) => !contact.isNew && profileEntries(contact).length > 0);
  const stored = new Map<string, ContactColumns>();
  if (changing.length > 0) {
    const ids = changing.map((contact) => contact.id);
    const { rows } = await client.query<{ columns: ContactColumns }>(readContacts(tenantId, ids));
    for (const { columns } of rows) stored.set(String(columns.id), columns);
  }
  for (const contact of contacts) {
    const entries = profileEntries(contact);
    if (entries.length === 0 && !contact.isNew) continue;
    let profile = profileOf(stored.get(contact.id) ?? {});
    for (const entry of entries) {
      profile = applyProfile(profile, entry.set, namesSetAfter(later.get(contact.id), entry.atMs));
    }
    (contact.isNew ? projection.inserted : projection.updated).push(columnsOf(contact.id, profile));
  }
}

interface ProfileSet {
  atMs: number;
  set: Record<string, JsonValue | null>;
}

function profileEntries(contact: BatchContact): ProfileSet[] {
  const entries: ProfileSet[] = [];
  for (const { sequenced } of inTimelineOrder(contact)) {
    if (sequenced.entry.kind === 'profile') entries.push(sequenced.entry);
  }
  return entries;
}

function namesSetAfter(later: readonly TimelineEntry[] | undefined, atMs: number): ReadonlySet<string> {
  if (!later) return NOTHING_OVERRIDDEN;
  const names = new Set<string>();
  for (const entry of later) {
    if (entry.kind === 'profile' && entry.atMs > atMs)
      for (const name of Object.keys(entry.set)) names.add(name);
  }
  return names;
}

async function projectLists(
  client: pg.ClientBase,
  tenantId: string,
  contacts: readonly BatchContact[],
  later: LaterEntries,
  projection: Projection,
): Promise<void> {
  const listed = contacts.filter((contact) =>
    contact.items.some((item) => item.sequenced.entry.kind === 'list'),
  );
  if (listed.length === 0) return;
  const membership = await readMembership(client, tenantId, listed);
  for (const contact of listed) {
    for (const item of inTimelineOrder(contact)) {
      const { entry } = item.sequenced;
      if (entry.kind !== 'list') continue;
      const { listId, members } = membership.get(entry.list) ?? { listId: '', members: new Set<string>() };
      const overridden = later
        .get(contact.id)
        ?.some((other) => other.kind === 'list' && other.list === entry.list && other.atMs > entry.atMs);
      item.changed = !overridden && members.has(contact.id) !== entry.joined;
      if (!item.changed) continue;
      if (entry.joined) members.add(contact.id);
      else members.delete(contact.id);
      noteMembership(projection, { listId, contactId: contact.id, joinedAtMs: entry.atMs }, entry.joined);
    }
  }
}

/** Adds one change, taking back an opposite one of the same batch. */
function noteMembership(projection: Projection, change: MembershipChange, joined: boolean): void {
  const isSame = (other: MembershipChange) =>
    other.listId === change.listId && other.contactId === change.contactId;
  const opposite = joined ? projection.left : projection.joined;
  const index = opposite.findIndex(isSame);
  if (index >= 0) opposite.splice(index, 1);
  else (joined ? projection.joined : projection.left).push(change);
}

type Membership = Map<string, { listId: string; members: Set<string> }>;

async function readMembership(
  client: pg.ClientBase,
  tenantId: string,
  contacts: readonly BatchContact[],
): Promise<Membership> {
  const keys = new Set<string>();
  for (const contact of contacts) {
    for (const { sequenced } of contact.items)
      if (sequenced.entry.kind === 'list') keys.add(sequenced.entry.list);
  }
  const names = [...keys].sort();
  const ids = contacts.map((contact) => contact.id);
  const [, { rows }] = await Promise.all([
    client.query(
      insertLists(
        tenantId,
        names,
        names.map(() => newId()),
      ),
    ),
    client.query<MembershipRow>(readMemberships(tenantId, names, ids)),
  ]);
  const membership: Membership = new Map();
  for (const row of rows) {
    const list = membership.get(row.key) ?? { listId: row.list_id, members: new Set<string>() };
    if (row.contact_id !== null) list.members.add(row.contact_id);
    membership.set(row.key, list);
  }
  return membership;
}

/** The contact's items as the timeline will order them. */
export function inTimelineOrder(contact: BatchContact): AcceptedItem[] {
  return [...contact.items].sort(
    (a, b) => a.sequenced.entry.atMs - b.sequenced.entry.atMs || a.sequenced.seq - b.sequenced.seq,
  );
}
