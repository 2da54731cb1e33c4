import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IngestItem } from '../../src/ingest/ingest-item.js';
import { createLog } from '../../src/log.js';
import { PRESETS } from '../../src/scoring/presets.js';
import type { ImportRequest } from '../../src/transfer/import-request.js';
import type { ImportRow } from '../../src/transfer/import-row.js';
import { ImportService } from '../../src/transfer/import-service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, listChange, profile } from '../support/ingest-kit.js';
import { IdentityKit } from './identity-kit.js';

const CONTACTS = 4;
const RUNS = 40;
const START_MS = Date.UTC(2026, 0, 1);
const TYPES = ['email_opened', 'clicked_link', 'replied_to_email', 'unsubscribed', 'visited_pricing_page'];

let database: TestDatabase;
let kit: IdentityKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await IdentityKit.open(database.url);
  await kit.ingest.publish(PRESETS.STARTER('starter', 'Starter'));
  await kit.ingest.publish(PRESETS.ADVANCED('advanced', 'Advanced'));
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

type Step =
  | { do: 'import'; rows: { who: number; what: number; day: number }[] }
  | {
      do: 'importContacts';
      merges: boolean;
      rows: { who: number; other: number; what: number; day: number }[];
    }
  | { do: 'record'; who: number; what: number; day: number }
  | { do: 'merge'; into: number; from: number }
  | { do: 'unmerge'; which: number }
  | { do: 'retract'; which: number }
  | { do: 'amend'; which: number; what: number; day: number };

const place = fc.nat(99);
const day = fc.integer({ min: 0, max: 120 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('record' as const), who: place, what: place, day }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('import' as const),
        rows: fc.array(fc.record({ who: place, what: place, day }), { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('importContacts' as const),
        merges: fc.boolean(),
        rows: fc.array(fc.record({ who: place, other: place, what: place, day }), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('merge' as const), into: place, from: place }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('unmerge' as const), which: place }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('retract' as const), which: place }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('amend' as const), which: place, what: place, day }),
    },
  ),
  { minLength: 10, maxLength: 40 },
);

/** What the test knows of the contacts: a tree of merges, and which entries were recorded for whom. */
class Expected {
  readonly emails = Array.from({ length: CONTACTS }, () => `${randomUUID()}@example.com`);
  readonly externalIds = Array.from({ length: CONTACTS }, () => randomUUID());
  readonly ids: string[] = [];
  readonly entries: { id: string; contactId: string; isAction: boolean }[] = [];
  readonly merges: { id: string; into: string; from: string }[] = [];

  root(id: string): string {
    const merge = this.merges.find((other) => other.from === id);
    return merge ? this.root(merge.into) : id;
  }

  /** Ids of the entries that a contact that stands for itself must have, sorted. */
  entriesOf(id: string): string[] {
    return this.entries
      .filter((entry) => this.root(entry.contactId) === id)
      .map((entry) => entry.id)
      .sort();
  }
}

function itemOf(email: string, what: number, atDay: number): IngestItem {
  const at = new Date(START_MS + atDay * 86_400_000).toISOString();
  if (what % 4 === 0)
    return profile(email, { jobTitle: `Title ${what}`, company: what % 8 ? 'Acme' : null }, { at });
  if (what % 4 === 1) return listChange(email, `list${what % 3}`, what % 2 === 1 && what % 3 !== 0, at);
  return act(email, TYPES[what % TYPES.length] ?? '', { at, properties: { nth: what } });
}

interface NewEntryRow {
  id: string;
  /** For whom it was recorded: a merge of the same file may have moved it. */
  contact_id: string;
  kind: number;
}

/** Imports a file of actions, and the same file again, which adds nothing. */
async function importRows(
  rows: { who: number; what: number; day: number }[],
  expected: Expected,
): Promise<void> {
  const lines = rows.map(({ who, what, day: atDay }) => {
    const at = new Date(START_MS + atDay * 86_400_000).toISOString();
    return `${expected.emails[who % CONTACTS]},${TYPES[what % TYPES.length]},${at},${what}`;
  });
  const file = Buffer.from(`email,event,time,nth\n${lines.join('\n')}\n`);
  const { counts } = await importFile(file, ACTIONS_FILE);
  const fresh = await noteNewEntries(expected);
  expect(counts).toMatchObject({ rows: rows.length, recorded: fresh, created: 0, rejected: 0 });
  expect((await importFile(file, ACTIONS_FILE)).counts).toMatchObject({
    recorded: 0,
    duplicates: rows.length,
  });
}

/**
 * Imports a file of contacts in which a row names the email of one and the externalId of another: both become one, into the one
 * with the externalId, or the row is refused. The same file again adds nothing.
 */
async function importContacts(
  { rows, merges }: Extract<Step, { do: 'importContacts' }>,
  expected: Expected,
): Promise<void> {
  const { emails, externalIds, ids } = expected;
  const lines: string[] = [];
  let rejected = 0;
  const wanted: { into: string; from: string }[] = [];
  for (const { who, other, what, day: atDay } of rows) {
    const [email, externalId] = [emails[who % CONTACTS], externalIds[other % CONTACTS]];
    const at = new Date(START_MS + atDay * 86_400_000).toISOString();
    lines.push(`${externalId},${email},Title ${what},${randomUUID()},${at}`);
    const [into, from] = [
      expected.root(ids[other % CONTACTS] ?? ''),
      expected.root(ids[who % CONTACTS] ?? ''),
    ];
    if (into === from) continue;
    if (!merges) rejected++;
    else {
      wanted.push({ into, from });
      expected.merges.push({ id: '', into, from });
    }
  }
  const file = Buffer.from(`customer_id,email,title,note,time\n${lines.join('\n')}\n`);
  const request: ImportRequest = { ...CONTACTS_FILE, onIdentityConflict: merges ? 'MERGE' : 'REJECT' };
  const { counts } = await importFile(file, request);
  await noteNewMerges(expected, wanted);
  const fresh = await noteNewEntries(expected);
  expect(counts).toMatchObject({ rows: rows.length, recorded: rows.length - rejected, created: 0, rejected });
  expect(fresh).toBe(rows.length - rejected);
  expect((await importFile(file, request)).counts).toMatchObject({ recorded: 0, rejected });
}

/** Learns which merges an import has made; they are those that were wanted. */
async function noteNewMerges(expected: Expected, wanted: { into: string; from: string }[]): Promise<void> {
  const made = await kit.ingest.query<{ id: string; into_id: string; from_id: string }>(
    `SELECT id, into_id, from_id FROM contact_merges WHERE tenant_id = $1 AND undone_at IS NULL
       AND from_id = ANY ($2::uuid[]) ORDER BY id`,
    expected.ids,
  );
  expected.merges.splice(expected.merges.length - wanted.length);
  const known = new Set(expected.merges.map(({ id }) => id));
  const fresh = made.filter(({ id }) => !known.has(id));
  expect(fresh.map(({ into_id: into, from_id: from }) => ({ into, from }))).toEqual(wanted);
  for (const { id, into_id: into, from_id: from } of fresh) expected.merges.push({ id, into, from });
}

/** Learns of the entries that an import has made. @returns how many. */
async function noteNewEntries(expected: Expected): Promise<number> {
  const known = new Set(expected.entries.map((entry) => entry.id));
  const stored = await kit.ingest.query<NewEntryRow>(
    `SELECT id, coalesce(origin_id, contact_id) AS contact_id, kind FROM timeline
     WHERE tenant_id = $1 AND contact_id = ANY ($2)`,
    expected.ids,
  );
  const fresh = stored.filter(({ id }) => !known.has(id));
  for (const { id, contact_id: contactId, kind } of fresh) {
    expected.entries.push({ id, contactId, isAction: kind === 1 });
  }
  return fresh.length;
}

async function importFile(file: Buffer, request: ImportRequest): Promise<ImportRow> {
  const { tenantId, db, recorder } = kit.ingest;
  const imports = new ImportService({ db, recorder, log: createLog('silent'), announce: () => undefined });
  const { row } = await imports.create({ tenantId, name: 'test' }, request, 'input');
  const source = (async function* () {
    yield file;
  })();
  return imports.upload(tenantId, row.id, { source, offset: 0 });
}

const ACTIONS_FILE: ImportRequest = {
  kind: 'ACTIONS',
  format: null,
  delimiter: null,
  mapping: [],
  actionType: null,
  onIdentityConflict: 'REJECT',
  emptyRemoves: false,
  dryRun: false,
  fileName: null,
  fileId: null,
};
const CONTACTS_FILE: ImportRequest = { ...ACTIONS_FILE, kind: 'CONTACTS' };

async function take(step: Step, expected: Expected): Promise<void> {
  const { emails, ids, entries, merges } = expected;
  const target = (which: number) => entries[which % Math.max(1, entries.length)];
  if (step.do === 'record') {
    const outcome = await kit.ingest.accept(itemOf(emails[step.who % CONTACTS] ?? '', step.what, step.day));
    expect(outcome.contactId).toBe(expected.root(ids[step.who % CONTACTS] ?? ''));
    const isAction = step.what % 4 > 1;
    entries.push({ id: outcome.entryId, contactId: outcome.contactId, isAction });
  } else if (step.do === 'import') {
    await importRows(step.rows, expected);
  } else if (step.do === 'importContacts') {
    await importContacts(step, expected);
  } else if (step.do === 'merge') {
    const [into, from] = [step.into, step.from].map((n) => expected.root(ids[n % CONTACTS] ?? ''));
    if (!into || !from || into === from) return;
    const { id } = await kit.merge(into, from);
    merges.push({ id, into, from });
  } else if (step.do === 'unmerge') {
    const merge = merges[step.which % Math.max(1, merges.length)];
    if (!merge) return;
    await kit.unmerge({ mergeId: merge.id });
    merges.splice(merges.indexOf(merge), 1);
  } else {
    const entry = target(step.which);
    if (!entry?.isAction) return;
    const wish = { contactId: entry.contactId, entryId: entry.id, reason: 'a mistake' };
    if (step.do === 'retract') {
      await kit.identity.retract(kit.request(), wish);
      entries.splice(entries.indexOf(entry), 1);
      return;
    }
    await kit.identity.amend(kit.request(), wishOf(entry), {
      type: TYPES[step.what % TYPES.length] ?? '',
      occurredAtMs: START_MS + step.day * 86_400_000 + 1,
      properties: { amended: step.what, by: randomUUID() },
    });
  }
}

function wishOf(entry: { id: string; contactId: string }) {
  return { contactId: entry.contactId, entryId: entry.id, reason: 'a mistake' };
}

interface EntryRow {
  id: string;
  kind: number;
  type: string;
  body: string | null;
}

async function check(expected: Expected): Promise<void> {
  for (const id of expected.ids) {
    const rows = await kit.ingest.query<EntryRow>(
      'SELECT id, kind, type, body FROM timeline WHERE tenant_id = $1 AND contact_id = $2 ORDER BY occurred_at, seq',
      id,
    );
    expect(rows.map((row) => row.id).sort()).toEqual(expected.entriesOf(id));
    if (expected.root(id) !== id) {
      expect(await kit.ingest.scoreRows(id)).toEqual([]);
      continue;
    }
    expect(await kit.faults(id)).toEqual([]);
    expect(await kit.ingest.scoreRows(id)).toHaveLength(2);
    const { job_title, company, lists } = await kit.contact(id);
    expect({ job_title, company, lists }).toEqual(saidBy(rows));
  }
}

/** The profile and the lists that a timeline says, told in the plainest way. */
function saidBy(rows: readonly EntryRow[]) {
  const said: { job_title: string | null; company: string | null } = { job_title: null, company: null };
  const lists = new Set<string>();
  for (const { kind, type, body } of rows) {
    const content = JSON.parse(body ?? '{}') as Record<string, unknown>;
    if (kind === 2 && 'jobTitle' in content) said.job_title = content.jobTitle as string;
    if (kind === 2 && 'company' in content) said.company = content.company as string | null;
    if (kind === 3 && content.joined) lists.add(type);
    else if (kind === 3) lists.delete(type);
  }
  return { ...said, lists: [...lists].sort() };
}

test('any series of records, imports, merges, unmerges, retractions and amendments ends in what a replay gives, with every entry where it belongs', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (series) => {
      const expected = new Expected();
      for (const [nth, email] of expected.emails.entries()) {
        const externalId = expected.externalIds[nth] ?? '';
        const { contactId } = await kit.ingest.accept({
          ...profile(email, { firstName: 'A' }, { at: '2026-01-01T00:00:00Z' }),
          identities: { externalId },
        } as IngestItem);
        expected.ids.push(contactId);
        const rows = await kit.ingest.query<{ id: string }>(
          'SELECT id FROM timeline WHERE tenant_id = $1 AND contact_id = $2',
          contactId,
        );
        for (const { id } of rows) expected.entries.push({ id, contactId, isAction: false });
      }
      for (const step of series) await take(step, expected);
      await check(expected);
    }),
    { numRuns: RUNS },
  );
  const [feed] = await kit.ingest.query<{ gapless: boolean }>(
    `SELECT f.position = count(*) AND f.position = max(e.position) AS gapless FROM tenant_feeds f
     JOIN score_events e USING (tenant_id) WHERE tenant_id = $1 GROUP BY f.position`,
  );
  expect(feed?.gapless).toBe(true);
});
