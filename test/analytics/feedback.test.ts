import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bandsBetween } from '../../src/analytics/conversion/conversion-report.js';
import {
  acceptanceByBand,
  acceptanceByOwner,
  acceptanceOf,
  readAcceptanceByRule,
  readJudgedBySales,
  readSettledBySales,
} from '../../src/analytics/feedback/feedback-report.js';
import { readInsightRows } from '../../src/analytics/insight/insight-rows.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import { DAY_MS } from '../../src/scoring/duration.js';
import { replay } from '../../src/scoring/replay.js';
import type { ActionEntry, TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { modelOf } from '../support/scoring-kit.js';
import { AnalyticsKit } from './analytics-kit.js';
import { arbitraryActions, START_MS } from './arbitrary-actions.js';

const numRuns = Math.ceil(Number(process.env.PROPERTY_RUNS ?? 300) / 20);
const DAYS = 40;
const MODEL = modelOf([
  { key: 'open', action: { actionType: 'opened', points: 20, expiresAfterDays: 10 } },
  { key: 'click', action: { actionType: 'clicked', points: 30 } },
]);
const RULE_OF_TYPE = new Map([
  ['opened', 'open'],
  ['clicked', 'click'],
]);
const BOUNDS = [20, 50];

let database: TestDatabase;
let kit: AnalyticsKit;

beforeAll(async () => {
  database = await createTestDatabase();
  kit = await AnalyticsKit.open(database.url);
  await kit.publishPrimary(MODEL);
});

afterAll(async () => {
  await kit.close();
  await database.drop();
});

const arbitraryAction = arbitraryActions(
  DAYS,
  ['opened', 'clicked', 'lead_accepted', 'lead_rejected', 'lead_rejected', 'lead_converted', 'lead_lost'],
  [{}, { reason: 'No Budget' }, { reason: ' no budget\t' }, { reason: 'student' }],
);

/** The last verdict of one lead in a range, as a person would read it off the raw timeline. */
interface VerdictByHand {
  accepted: boolean;
  reason: string;
  total: number | null;
  rules: string[];
  ownerId: string | null;
}

function verdictByHand(
  entries: readonly TimelineEntry[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
  ownerId: string | null,
): VerdictByHand | null {
  const isVerdict = (entry: TimelineEntry): entry is ActionEntry =>
    entry.kind === 'action' &&
    (entry.type === 'lead_accepted' || entry.type === 'lead_rejected') &&
    entry.atMs >= fromMs &&
    entry.atMs < toMs;
  const last = entries.findLast(isVerdict);
  if (!last) return null;
  const before = entries.filter(({ atMs }) => atMs < last.atMs);
  const { reason } = last.properties;
  return {
    accepted: last.type === 'lead_accepted',
    reason: typeof reason === 'string' ? reason.trim().toLowerCase() : '',
    total: before.length === 0 ? null : replay(MODEL, before, last.atMs - 1).total,
    rules: rulesIn(before),
    ownerId,
  };
}

function rulesIn(entries: readonly TimelineEntry[]): string[] {
  const met = entries.flatMap((entry) =>
    entry.kind === 'action' ? [RULE_OF_TYPE.get(entry.type) ?? ''] : [],
  );
  return [...new Set(met)].filter((key) => key !== '').sort();
}

describe('what sales says of leads', () => {
  test('is what a recount of the raw timelines makes of it', async () => {
    let people = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(arbitraryAction, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom('UTC', 'America/Havana', 'Asia/Kathmandu'),
        async (timelines, fromDay, days, timeZone) => {
          for (const timeline of timelines) {
            const sorted = timeline.sort((a, b) => a.atMs - b.atMs);
            await kit.recordTimeline(`p${people++}@example.com`, sorted);
          }
          await kit.settleFacts();
          const raw = await kit.timelines();
          const owned = [...raw.keys()].filter((_, index) => index % 2 === 0);
          await kit.ingest.query('UPDATE contacts SET owner_id = NULL WHERE tenant_id = $1');
          const ownerId = await kit.ownerOf(owned);
          const dateOf = (day: number) => new Date(START_MS + day * DAY_MS).toISOString().slice(0, 10);
          const range = { from: dateOf(fromDay), to: dateOf(fromDay + days) };
          const scope = await kit.analytics.scope(kit.tenantId, { range, timeZone });
          const { read } = kit.analytics;
          const byHand = [...raw].flatMap(
            ([id, entries]) => verdictByHand(entries, scope.range, owned.includes(id) ? ownerId : null) ?? [],
          );
          const count = (some: readonly VerdictByHand[]) => [
            some.filter(({ accepted }) => accepted).length,
            some.filter(({ accepted }) => !accepted).length,
          ];
          const judged = await readJudgedBySales(read, scope);
          const all = acceptanceOf(judged);
          expect([all.accepted, all.rejected]).toEqual(count(byHand));
          const refused = byHand.filter(({ accepted }) => !accepted);
          expect(Object.fromEntries(all.reasons.map(({ reason, leads }) => [reason, leads]))).toEqual(
            Object.fromEntries(
              [...Map.groupBy(refused, ({ reason }) => reason)].map(([reason, some]) => [
                reason,
                some.length,
              ]),
            ),
          );
          const bands = acceptanceByBand(judged, bandsBetween(BOUNDS, 'bands'));
          expect(bands.map(({ accepted, rejected }) => [accepted, rejected])).toEqual(
            [Number.NEGATIVE_INFINITY, ...BOUNDS].map((bound, index) =>
              count(
                byHand.filter(
                  ({ total }) =>
                    total !== null && total >= bound && total < (BOUNDS[index] ?? Number.POSITIVE_INFINITY),
                ),
              ),
            ),
          );
          for (const { ownerId: id, accepted, rejected } of acceptanceByOwner(judged)) {
            const own = byHand.filter((one) => (one.ownerId === ownerId) === (id === ownerId));
            expect([accepted, rejected]).toEqual(count(own));
          }
          const rates = await readAcceptanceByRule(read, scope);
          compileModel(MODEL).rules.forEach(({ ordinal, key }) => {
            const own = byHand.filter(({ rules }) => rules.includes(key));
            const rate = rates.get(ordinal);
            expect([rate?.numerator ?? 0, rate?.denominator ?? 0]).toEqual([count(own)[0], own.length]);
          });
          const said = (type: string) =>
            [...raw.values()].filter((entries) =>
              entries.some(
                (one) =>
                  one.kind === 'action' &&
                  one.type === type &&
                  one.atMs >= scope.range.fromMs &&
                  one.atMs < scope.range.toMs,
              ),
            ).length;
          expect(await readSettledBySales(read, scope)).toEqual({
            converted: said('lead_converted'),
            lost: said('lead_lost'),
          });
        },
      ),
      { numRuns },
    );
  }, 300_000);

  test('leaves the rules that leads had met before their outcome to a fit', async () => {
    const scope = await kit.analytics.scope(kit.tenantId, {
      range: { from: '2026-01-10', to: '2026-02-05' },
    });
    const { fromMs, toMs } = scope.range;
    const keys = compileModel(MODEL).rules.map(({ key }) => key);
    const byHand = [...(await kit.timelines()).values()].flatMap((entries) => {
      const seen = entries.filter(({ atMs }) => atMs < toMs);
      const first = (type: string) => seen.find((one) => one.kind === 'action' && one.type === type)?.atMs;
      const wonMs = first('lead_converted');
      const settledMs = wonMs ?? first('lead_lost');
      if (seen.length === 0 || (settledMs !== undefined && settledMs < fromMs)) return [];
      const before = seen.filter(({ atMs }) => atMs < (settledMs ?? toMs));
      return [`${wonMs !== undefined} ${rulesIn(before).join()}`];
    });
    const rows = await readInsightRows(kit.analytics.read, scope, byHand.length);
    expect(
      rows
        .map(
          ({ won, rules }) =>
            `${won} ${rules
              .map((rule) => keys[rule])
              .sort()
              .join()}`,
        )
        .sort(),
    ).toEqual(byHand.sort());
    expect(rows.length).toBeGreaterThan(0);
  });
});
