import { setTimeout as delay } from 'node:timers/promises';
import { upsertSalesRep } from '../access/sales-reps.js';
import type { IngestItem, IngestOutcome } from '../ingest/ingest-item.js';
import type { Recorder } from '../ingest/recorder.js';
import type { Log } from '../log.js';
import type { Database } from '../store/database.js';
import { tenantTransaction } from '../store/tenant-scope.js';
import { generateSampleData, type SampleData } from './sample-data.js';

const SEED = 1;
const CONTACTS = 200;
/** How often an item is recorded before it is left out. */
const TRIES_MAX = 10;
const RETRY_DELAY_MS = 200;

/** Where the sample data goes. */
export interface SampleDataScope {
  db: Database;
  recorder: Pick<Recorder, 'record'>;
  /** A tenant without contacts whose models are there already. */
  tenantId: string;
  /** The instant at which the histories end. */
  nowMs: number;
  /** About how many contacts; 200 when absent. */
  contactsCount?: number;
  log: Log;
}

/**
 * Fills a tenant with made-up sales representatives and contacts whose history goes through the recorder like anybody's:
 * scores, events and dates when they fall due come of it.
 * @returns how many contacts were made.
 */
export async function loadSampleData(scope: SampleDataScope): Promise<number> {
  const { db, tenantId, nowMs, contactsCount = CONTACTS, log } = scope;
  const startedMs = performance.now();
  const data = generateSampleData({ seed: SEED, nowMs, contactsCount });
  const ownerIds = new Map<string, string>();
  for (const rep of data.reps) {
    const { id } = await upsertSalesRep(db, tenantId, { ...rep, active: true });
    ownerIds.set(rep.email, id);
  }
  const outcomes = await recordAll(
    scope,
    data.entries.map((entry) => entry.item),
  );
  const contactIds: (string | undefined)[] = [];
  data.entries.forEach(({ contactIndex }, index) => {
    const outcome = outcomes[index];
    if (outcome && outcome.status !== 'REJECTED') contactIds[contactIndex] = outcome.contactId;
  });
  await placeContacts(scope, data, contactIds, ownerIds);
  const tookMs = Math.round(performance.now() - startedMs);
  log.info(
    { contacts: data.contacts.length, entries: data.entries.length, tookMs },
    'the sample data is loaded',
  );
  return data.contacts.length;
}

/** Records items, and those that are refused once more, as any caller would: a busy contact refuses for a while. */
async function recordAll(
  { recorder, tenantId, log }: SampleDataScope,
  items: readonly IngestItem[],
): Promise<IngestOutcome[]> {
  const outcomes = await recorder.record(tenantId, items);
  const refused = () => outcomes.flatMap(({ status }, index) => (status === 'REJECTED' ? [index] : []));
  for (let tries = 1; tries < TRIES_MAX && refused().length > 0; tries++) {
    await delay(RETRY_DELAY_MS);
    const places = refused();
    const again = await recorder.record(
      tenantId,
      items.filter((_, index) => places.includes(index)),
    );
    again.forEach((outcome, index) => {
      outcomes[places[index] ?? 0] = outcome;
    });
  }
  const left = refused().length;
  if (left > 0) log.warn({ refused: left }, 'some of the sample data was refused');
  return outcomes;
}

/** Gives contacts their owners and the day they came: through the recorder, all would have been created just now. */
async function placeContacts(
  { db, tenantId }: SampleDataScope,
  { contacts, entries }: SampleData,
  contactIds: readonly (string | undefined)[],
  ownerIds: ReadonlyMap<string, string>,
): Promise<void> {
  const cameAtMs = new Map<number, number>();
  for (const { contactIndex, item } of entries) {
    if (!cameAtMs.has(contactIndex)) cameAtMs.set(contactIndex, item.occurredAtMs);
  }
  const rows = contacts.flatMap(({ ownerEmail }, index) => {
    const id = contactIds[index];
    const atMs = cameAtMs.get(index);
    const ownerId = ownerEmail === null ? null : (ownerIds.get(ownerEmail) ?? null);
    return id === undefined || atMs === undefined ? [] : [{ id, ownerId, cameAt: new Date(atMs) }];
  });
  await tenantTransaction(db, tenantId, (manager) =>
    manager.query(
      `UPDATE contacts c SET owner_id = s.owner_id, created_at = s.came_at
       FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) AS s (id, owner_id, came_at)
       WHERE c.tenant_id = $1 AND c.id = s.id`,
      [tenantId, rows.map((row) => row.id), rows.map((row) => row.ownerId), rows.map((row) => row.cameAt)],
    ),
  );
}
