import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFilter } from '../../src/contacts/saved-filter.js';
import type { ContactFilter } from '../../src/store/contact-filter.js';
import type { ScoreRow } from '../../src/store/score-row.js';
import { SegmentBoundaries } from '../../src/store/segment-boundaries.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const PRIMARY = '00000000-0000-7000-8000-00000000000a';
const OTHER = '00000000-0000-7000-8000-00000000000b';

function row(parts: Partial<ScoreRow>): ScoreRow {
  return {
    contactId: '00000000-0000-7000-8000-0000000000c0',
    modelId: PRIMARY,
    version: 1,
    revision: 1,
    total: 0,
    previousTotal: null,
    stage: 'cold',
    label: null,
    dimensions: [0, 0],
    asOfMs: NOW_MS,
    foldedAtMs: NOW_MS,
    lastActivityAtMs: null,
    dueAtMs: null,
    pendingAtMs: null,
    state: '',
    ...parts,
  };
}

function boundaries(...filters: ContactFilter[]): SegmentBoundaries {
  return new SegmentBoundaries(filters.map(encodeFilter), PRIMARY);
}

describe('the boundaries of segments', () => {
  const bands = boundaries({ minTotal: 76, maxTotal: 100 }, { minTotal: 51, maxTotal: 75 }, { maxTotal: 50 });

  it.each([
    [10, 50, false],
    [50, 51, true],
    [51, 75, false],
    [75, 76, true],
    [76, 100, false],
    [100, 101, true],
    [100, 0, true],
    [60, 60, false],
  ])('of hot, warm and cold: from %i to %i crosses one: %s', (before, after, crossed) => {
    expect(bands.isCrossed(row({ total: before }), row({ total: after }))).toBe(crossed);
  });

  it('are those of the model that is asked', () => {
    const before = row({ modelId: OTHER, total: 0 });
    const after = row({ modelId: OTHER, total: 100 });
    expect(bands.isCrossed(before, after)).toBe(false);
    expect(boundaries({ modelId: OTHER.toUpperCase(), not: { minTotal: 50 } }).isCrossed(before, after)).toBe(
      true,
    );
  });

  it('are crossed by the first score, and by any entry when a segment asks what contacts did', () => {
    expect(boundaries().isCrossed(undefined, row({}))).toBe(true);
    expect(boundaries().isCrossed(row({}), row({ total: 100 }))).toBe(false);
    const activity = boundaries({ any: [{ activity: { actionType: 'click' } }, { minTotal: 5 }] });
    expect(activity.isCrossed(row({}), row({}))).toBe(true);
  });

  it('never miss a write that moves a contact', () => {
    fc.assert(
      fc.property(filters, scores, scores, (filter, before, after) => {
        fc.pre(isMember(filter, before, PRIMARY) !== isMember(filter, after, PRIMARY));
        expect(boundaries(filter).isCrossed(before, after)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

const totals = fc.integer({ min: 0, max: 12 });
const stages = fc.constantFrom('cold', 'warm', 'hot');
const labels = fc.constantFrom('A1', 'B2');
const instants = fc.integer({ min: -40, max: 0 }).map((days) => NOW_MS + days * DAY_MS);
const parts = fc.oneof(
  totals.map((minTotal): ContactFilter => ({ minTotal })),
  totals.map((maxTotal): ContactFilter => ({ maxTotal })),
  fc.uniqueArray(stages, { minLength: 1 }).map((keys): ContactFilter => ({ stages: keys })),
  fc.uniqueArray(labels, { minLength: 1 }).map((keys): ContactFilter => ({ labels: keys })),
  totals.map((min): ContactFilter => ({ dimension: { key: 'fit', min } })),
  instants.map((atMs): ContactFilter => ({ activeSince: new Date(atMs) })),
  instants.map((atMs): ContactFilter => ({ inactiveSince: new Date(atMs) })),
  fc.integer({ min: 1, max: 40 }).map((activeWithinDays): ContactFilter => ({ activeWithinDays })),
  fc.integer({ min: 1, max: 40 }).map((inactiveForDays): ContactFilter => ({ inactiveForDays })),
);
const { filter: filters } = fc.letrec<{ filter: ContactFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    parts,
    fc.tuple(parts, fc.constantFrom(PRIMARY, OTHER)).map(([part, modelId]) => ({ ...part, modelId })),
    fc.array(tie('filter'), { maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('filter'), { maxLength: 3 }).map((any) => ({ any })),
    tie('filter').map((not) => ({ not })),
  ),
}));
/** Rows of one contact on the primary model; version 2 has its dimensions the other way round. */
const scores = fc
  .record({
    version: fc.constantFrom(1, 2),
    total: totals,
    stage: stages,
    label: fc.option(labels),
    dimensions: fc.tuple(totals, totals).map((points): number[] => points),
    lastActivityAtMs: fc.option(instants),
  })
  .map(row);

/** A filter by its meaning; on another model the contact stays at nothing. */
function isMember(filter: ContactFilter, score: ScoreRow, outerModelId: string): boolean {
  const modelId = filter.modelId ?? outerModelId;
  const asked = modelId === PRIMARY ? score : row({ modelId: OTHER });
  const activeAtMs = asked.lastActivityAtMs ?? Number.NEGATIVE_INFINITY;
  const fit = asked.dimensions[asked.version === 1 ? 0 : 1] ?? 0;
  const holds = [
    filter.minTotal == null || asked.total >= filter.minTotal,
    filter.maxTotal == null || asked.total <= filter.maxTotal,
    !filter.stages || filter.stages.includes(asked.stage),
    !filter.labels || (asked.label !== null && filter.labels.includes(asked.label)),
    !filter.dimension || fit >= (filter.dimension.min ?? 0),
    filter.activeSince == null || activeAtMs >= filter.activeSince.getTime(),
    filter.inactiveSince == null || activeAtMs < filter.inactiveSince.getTime(),
    filter.activeWithinDays == null || activeAtMs > NOW_MS - filter.activeWithinDays * DAY_MS,
    filter.inactiveForDays == null || activeAtMs <= NOW_MS - filter.inactiveForDays * DAY_MS,
    !filter.all || filter.all.every((part) => isMember(part, score, modelId)),
    !filter.any || filter.any.some((part) => isMember(part, score, modelId)),
    !filter.not || !isMember(filter.not, score, modelId),
  ];
  return holds.every(Boolean);
}
