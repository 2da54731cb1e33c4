import type pg from 'pg';
import { Slices } from '../../slices.js';
import { readPackedTimelines, TIMELINES_MAX } from '../../store/read-timelines.js';
import { readTimeline } from '../../store/replay-timeline.js';
import { type ContactFacts, FactsOfContact } from './derive-facts.js';
import { type FactPlan, TRACE_AHEAD_MS } from './fact-plan.js';

/** How long facts are derived before whatever else the process has to do gets its turn. */
export const SLICE_MS = 4;
/**
 * Entries from which on no further contact is derived in one turn: 500 contacts of 20 entries, about 0.2 s of work. Without it a few
 * hundred contacts of 10,000 entries were one turn of a minute, and their rows were packed in one go of seconds.
 */
const TURN_ENTRIES_MAX = 10_000;
/** Contacts that are read before anything is known of the length of their timelines. */
const FIRST_CONTACTS = 25;
/** All that is recorded: what lies ahead of the clock is part of the course of a score from then on. */
const UNTIL_MS = Date.UTC(9999, 11, 31);

/** What facts are derived from. */
export interface FactsScope {
  /** Scoped to the tenant. */
  client: pg.ClientBase;
  tenantId: string;
  plan: FactPlan;
  nowMs: number;
}

/**
 * Derives the facts of contacts from their timelines, in the order given, until it has gone through about 10,000 entries.
 * @returns those of the first contacts, one at least: as many as were derived; null for a contact without a timeline.
 */
export async function readFacts(
  scope: FactsScope,
  contactIds: readonly string[],
): Promise<Map<string, ContactFacts | null>> {
  const slices = new Slices(SLICE_MS);
  const facts = new Map<string, ContactFacts | null>();
  let entries = 0;
  while (facts.size < contactIds.length && entries < TURN_ENTRIES_MAX) {
    const end = facts.size + contactsToRead(facts.size, entries);
    entries += await deriveSome(scope, contactIds.slice(facts.size, end), slices, facts);
  }
  return facts;
}

/** As many as will do for the entries that are left, if they are like those so far. */
function contactsToRead(contactsDone: number, entriesDone: number): number {
  if (contactsDone === 0) return FIRST_CONTACTS;
  const entriesEach = Math.max(1, entriesDone / contactsDone);
  return Math.min(TIMELINES_MAX, Math.ceil((TURN_ENTRIES_MAX - entriesDone) / entriesEach));
}

/** Adds the facts of some contacts. @returns how many entries they have. */
async function deriveSome(
  { client, tenantId, plan, nowMs }: FactsScope,
  contactIds: readonly string[],
  slices: Slices,
  facts: Map<string, ContactFacts | null>,
): Promise<number> {
  const { readsProperties } = plan;
  const wanted = { untilMs: UNTIL_MS, readsProperties };
  const timelines = await readPackedTimelines(client, tenantId, contactIds, wanted);
  let entries = 0;
  for (const contactId of contactIds) {
    const timeline = timelines.get(contactId);
    const contact = new FactsOfContact(plan.models, plan.settings);
    if (timeline) {
      timeline.visit((entry) => contact.add(entry));
      entries += timeline.length;
    } else {
      for await (const page of readTimeline(client, tenantId, contactId, UNTIL_MS)) {
        entries += page.length;
        await slices.map(page, ({ entry }) => contact.add(entry));
      }
    }
    facts.set(contactId, contact.finish(nowMs + TRACE_AHEAD_MS));
    if (slices.isOver) await slices.pass();
  }
  return entries;
}
