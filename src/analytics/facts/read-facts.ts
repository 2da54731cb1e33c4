import { setImmediate } from 'node:timers/promises';
import type pg from 'pg';
import { readPackedTimelines } from '../../store/read-timelines.js';
import { readTimeline } from '../../store/replay-timeline.js';
import { type ContactFacts, FactsOfContact } from './derive-facts.js';
import { type FactPlan, TRACE_AHEAD_MS } from './fact-plan.js';

/** How long facts are derived before whatever else the process has to do gets its turn. */
const SLICE_MS = 4;
/** All that is recorded: what lies ahead of the clock is part of the course of a score from then on. */
const UNTIL_MS = Date.UTC(9999, 11, 31);

/**
 * Derives the facts of some contacts from their timelines.
 * @param client a connection, scoped to the tenant.
 * @param contactIds at most as many as `readPackedTimelines` takes.
 * @returns null for a contact without a timeline.
 */
export async function readFacts(
  client: pg.ClientBase,
  tenantId: string,
  plan: FactPlan,
  contactIds: readonly string[],
  nowMs: number,
): Promise<Map<string, ContactFacts | null>> {
  const { readsProperties } = plan;
  const timelines = await readPackedTimelines(client, tenantId, contactIds, {
    untilMs: UNTIL_MS,
    readsProperties,
  });
  const facts = new Map<string, ContactFacts | null>();
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const contactId of contactIds) {
    const timeline = timelines.get(contactId);
    const contact = new FactsOfContact(plan.models, plan.settings);
    if (timeline) timeline.visit((entry) => contact.add(entry));
    else {
      for await (const page of readTimeline(client, tenantId, contactId, UNTIL_MS))
        for (const { entry } of page) contact.add(entry);
    }
    facts.set(contactId, contact.finish(nowMs + TRACE_AHEAD_MS));
    if (performance.now() < sliceEndMs) continue;
    await setImmediate();
    sliceEndMs = performance.now() + SLICE_MS;
  }
  return facts;
}
