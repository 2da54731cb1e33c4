import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataQuality } from '../../src/analytics/data-quality/data-quality.js';
import { readCustomFills } from '../../src/analytics/data-quality/fill-rates.js';
import type { AnalyticsRequest } from '../../src/analytics/scope/analytics-scope.js';
import { proportion } from '../../src/analytics/statistics/proportion.js';
import { IdentityService } from '../../src/identity/identity-service.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import type { JsonValue } from '../../src/scoring/json-value.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { emailBase } from '../../src/store/email-base.js';
import { STANDARD_NAMES } from '../../src/store/standard-attributes.js';
import { arbitraryTimeline, TIMELINE_START_MS } from '../support/arbitrary-timeline.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { act, profile } from '../support/ingest-kit.js';
import { modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 25);
const PASSIVE = 'email_bounced';
const MODEL = modelOf(
  [
    { key: 'mail', action: { actionType: 'email_o*', points: 5 } },
    { key: 'never', name: 'Never yet', action: { actionType: 'demo_booked', points: 5 } },
    { key: 'off', active: false, action: { actionType: 'page', points: 5 } },
    { key: 'any', action: { actionType: '*', points: 1 } },
  ],
  { passiveActionTypes: [PASSIVE] },
);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function withKit(work: (kit: AnalyticsKit) => Promise<void>): Promise<void> {
  const kit = await AnalyticsKit.open(database.url);
  try {
    await kit.publishPrimary(MODEL);
    await work(kit);
  } finally {
    await kit.close();
  }
}

async function reportOf(
  { analytics, ingest, tenantId }: AnalyticsKit,
  request: AnalyticsRequest = {},
  { staleAfterDays = 90, entriesMax = 200, nowMs = Date.now() } = {},
) {
  const scope = await analytics.scope(tenantId, request, nowMs);
  const { models } = await ingest.registry.current(tenantId);
  const report = new DataQuality(analytics.read, { scope, models, staleAfterDays, entriesMax });
  return { report, scope };
}

/** A contact as the raw data has it. */
interface Known {
  id: string;
  profile: Map<string, JsonValue>;
  entries: readonly TimelineEntry[];
}

async function knownContacts(kit: AnalyticsKit): Promise<Known[]> {
  const timelines = await kit.timelines();
  const rows = await kit.ingest.query<{ id: string; email: string }>(
    'SELECT id, email FROM contacts WHERE tenant_id = $1 AND merged_into IS NULL',
  );
  return rows.map(({ id, email }) => {
    const entries = timelines.get(id) ?? [];
    const profile = new Map<string, JsonValue>([['email', email]]);
    for (const entry of entries) {
      if (entry.kind !== 'profile') continue;
      for (const [name, value] of Object.entries(entry.set)) {
        if (value === null) profile.delete(name);
        else profile.set(name, value);
      }
    }
    return { id, profile, entries };
  });
}

function expectedFills(contacts: readonly Known[]) {
  const custom = new Set(contacts.flatMap(({ profile }) => [...profile.keys()]));
  for (const name of STANDARD_NAMES) custom.delete(name);
  const fill = (attribute: string, standard: boolean) => {
    const filled = contacts.filter(({ profile }) => profile.has(attribute)).length;
    return { attribute, standard, filled: proportion(filled, contacts.length), sampled: false };
  };
  const others = [...custom].map((name) => fill(name, false));
  others.sort((a, b) => b.filled.numerator - a.filled.numerator || (a.attribute < b.attribute ? -1 : 1));
  return [...STANDARD_NAMES.map((name) => fill(name, true)), ...others];
}

function lastActivityMs({ entries }: Known): number | null {
  const actions = entries.filter((entry) => entry.kind === 'action' && entry.type !== PASSIVE);
  return actions.at(-1)?.atMs ?? null;
}

function expectedGroups(contacts: readonly Known[], keyOf: (known: Known) => string | null) {
  const sizes = new Map<string, number>();
  for (const known of contacts) {
    const key = keyOf(known);
    if (key !== null) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  const groups = [...sizes.values()].filter((size) => size > 1);
  const shared = groups.reduce((sum, size) => sum + size, 0);
  return { groups: groups.length, contacts: proportion(shared, contacts.length) };
}

function nameAndCompany({ profile }: Known): string | null {
  const [first, last, company] = ['firstName', 'lastName', 'company'].map((name) => profile.get(name));
  if (company === undefined || (first === undefined && last === undefined)) return null;
  return JSON.stringify([
    `${first ?? ''} ${last ?? ''}`.trim().toLowerCase(),
    String(company).trim().toLowerCase(),
  ]);
}

const arbitraryPerson = fc.record({
  email: fc.constantFrom(
    'ada@x.io',
    'a.da@x.io',
    'ada+1@x.io',
    'bob@x.io',
    'b.ob@x.io',
    'eve@y.io',
    'joe@y.io',
  ),
  names: fc.record(
    {
      firstName: fc.constantFrom('Ada', 'ADA', 'Bob'),
      lastName: fc.constantFrom('Lee', 'lee'),
      company: fc.constantFrom('Acme', ' acme ', 'Other'),
    },
    { requiredKeys: [] },
  ),
  timeline: arbitraryTimeline(8),
  inFilter: fc.boolean(),
});

describe('data quality', () => {
  it('is what the raw timelines say, for all contacts and for those of a filter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(arbitraryPerson, { selector: ({ email }) => email, minLength: 1, maxLength: 6 }),
        fc.constantFrom('none', 'segment', 'owner'),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 15 }),
        (people, filterKind, day, staleAfterDays) =>
          withKit(async (kit) => {
            for (const { email, names, timeline } of people) {
              if (timeline.length > 0) await kit.recordTimeline(email, timeline);
              await kit.ingest.accept(profile(email, names, { at: '2026-03-01T00:00:00Z' }));
            }
            await kit.settleFacts();
            const all = await knownContacts(kit);
            const wanted = new Set<string>(
              people.filter(({ inFilter }) => inFilter).map(({ email }) => email),
            );
            const chosen =
              filterKind === 'none'
                ? all
                : all.filter((known) => wanted.has(String(known.profile.get('email'))));
            const ids = chosen.map(({ id }) => id);
            const filter =
              filterKind === 'segment'
                ? { segmentIds: [await kit.segmentOf(ids)] }
                : filterKind === 'owner'
                  ? { ownerIds: [await kit.ownerOf(ids)] }
                  : {};
            const to = new Date(TIMELINE_START_MS + day * DAY_MS).toISOString().slice(0, 10);
            const range = { from: '2026-01-04', to: to < '2026-01-04' ? '2026-01-04' : to };
            const { report, scope } = await reportOf(kit, { range, filter }, { staleAfterDays });
            const { fromMs, toMs } = scope.range;

            expect((await report.attributes()).entries).toEqual(expectedFills(chosen));
            const beforeMs = toMs - staleAfterDays * DAY_MS;
            const last = chosen.map(lastActivityMs);
            const stale = last.filter((atMs) => atMs !== null && atMs < beforeMs).length;
            const never = last.filter((atMs) => atMs === null).length;
            expect(await report.stale()).toEqual({
              beforeMs,
              stale: proportion(stale, chosen.length),
              neverActive: proportion(never, chosen.length),
            });
            expect(await report.duplicates()).toEqual([
              {
                reason: 'SAME_MAILBOX',
                ...expectedGroups(chosen, ({ profile }) => emailBase(String(profile.get('email')))),
              },
              { reason: 'SAME_NAME_AND_COMPANY', ...expectedGroups(chosen, nameAndCompany) },
            ]);
            expectUnknown(await report.unknownActionTypes(), all, chosen, fromMs, toMs);
            expect((await report.waitingRules()).entries.map(({ ruleKey }) => ruleKey)).toEqual(
              all.some(hasDone('email_opened')) ? ['never'] : ['mail', 'never'],
            );
          }),
      ),
      { numRuns },
    );
  }, 300_000);
});

function hasDone(type: string, fromMs = 0, toMs = Number.POSITIVE_INFINITY) {
  return ({ entries }: Known): boolean => {
    const first = entries.find((entry) => entry.kind === 'action' && entry.type === type);
    return first !== undefined && first.atMs >= fromMs && first.atMs < toMs;
  };
}

function expectUnknown(
  unknown: Awaited<ReturnType<DataQuality['unknownActionTypes']>>,
  all: readonly Known[],
  chosen: readonly Known[],
  fromMs: number,
  toMs: number,
): void {
  const expected = ['email_clicked', 'page', 'form']
    .map((type) => ({
      type,
      count: all.flatMap(({ entries }) => entries).filter((one) => one.kind === 'action' && one.type === type)
        .length,
      contacts: chosen.filter(hasDone(type, 0, toMs)).length,
      contactsFirstInRange: chosen.filter(hasDone(type, fromMs, toMs)).length,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
  expect(unknown.totalCount).toBe(expected.length);
  expect(
    unknown.entries.map(({ type, count, contacts, contactsFirstInRange }) => ({
      type,
      count,
      contacts,
      contactsFirstInRange,
    })),
  ).toEqual(expected);
}

describe('data quality in detail', () => {
  it('outcomes and feedback are known, whatever rules say, and lists stop where they are told to', () =>
    withKit(async (kit) => {
      const types = ['deal_won', 'deal_lost', 'lead_rejected', 'lead_converted', 'webinar', 'fax', 'fax'];
      for (const type of types) await kit.ingest.accept(act('a@x.io', type, { at: '2026-01-05T00:00:00Z' }));
      await kit.settleFacts();
      const { report } = await reportOf(kit, {}, { entriesMax: 1 });
      const { totalCount, entries } = await report.unknownActionTypes();
      expect([totalCount, entries.map(({ type, count }) => [type, count])]).toEqual([2, [['fax', 2]]]);
      const rules = await report.waitingRules();
      expect(rules.totalCount).toBe(2);
      expect(rules.entries).toEqual([
        expect.objectContaining({ modelKey: MODEL.key, ruleKey: 'mail', actionTypes: ['email_o*'] }),
      ]);
    }));

  it('a contact that was merged into another one is counted once', () =>
    withKit(async (kit) => {
      for (const email of ['ada@x.io', 'a.da@x.io', 'bob@x.io'])
        await kit.ingest.accept(act(email, 'email_opened', { at: '2026-01-05T00:00:00Z' }));
      const [keep = '', absorb = ''] = (await knownContacts(kit)).map(({ id }) => id).sort();
      expect((await (await reportOf(kit)).report.duplicates())[0]?.groups).toBe(1);
      const { db, registry, tenantId } = kit.ingest;
      const identity = new IdentityService({ db, registry, announce() {} });
      await identity.merge({ tenantId, by: 'test' }, keep, absorb);
      const { report } = await reportOf(kit);
      expect(await report.contacts()).toBe(2);
      expect((await report.duplicates())[0]).toMatchObject({ groups: 0, contacts: { numerator: 0 } });
      expect(await report.stale()).toMatchObject({
        stale: { numerator: 2, denominator: 2 },
        neverActive: { numerator: 0 },
      });
    }));

  it('of very many contacts custom attributes are counted among a sample, which says how many it has', () =>
    withKit(async (kit) => {
      for (let nth = 0; nth < 30; nth += 1) await kit.ingest.accept(profile(`${nth}@x.io`, { plan: 'pro' }));
      const scope = await kit.analytics.scope(kit.tenantId);
      const rows = await kit.ingest.query<{ sampled: number }>(
        'SELECT count(*)::int AS sampled FROM contacts WHERE tenant_id = $1 AND mod(uuid_hash(id), 3) = 0',
      );
      const sampled = rows[0]?.sampled ?? 0;
      expect(await readCustomFills(kit.analytics.read, scope, 300_000)).toEqual(
        sampled === 0
          ? []
          : [{ attribute: 'plan', standard: false, filled: proportion(sampled, sampled), sampled: true }],
      );
    }));

  it('a tenant without contacts has rates that are not known', () =>
    withKit(async (kit) => {
      const { report } = await reportOf(kit);
      expect((await report.attributes()).entries.map(({ filled }) => filled.rate)).toEqual(
        STANDARD_NAMES.map(() => null),
      );
      expect(await report.stale()).toMatchObject({ stale: { rate: null }, neverActive: { rate: null } });
      expect((await report.duplicates()).map(({ contacts }) => contacts.rate)).toEqual([null, null]);
      expect((await report.unknownActionTypes()).entries).toEqual([]);
    }));
});
