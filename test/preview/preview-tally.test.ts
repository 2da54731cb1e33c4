import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScoreComparison } from '../../src/preview/compare-scores.js';
import { emptyTally, MOVERS_KEPT_MAX, mergeTallies } from '../../src/preview/preview-tally.js';
import { bucketOf, bucketRange, layOutBuckets } from '../../src/preview/score-buckets.js';
import { TopList } from '../../src/preview/top-list.js';
import { compileModel } from '../../src/scoring/compile-model.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import { arbitraryTimeline, TIMELINE_MS, TIMELINE_START_MS } from '../support/arbitrary-timeline.js';
import { foldTimeline } from '../support/fold-timeline.js';
import { modelOf } from '../support/scoring-kit.js';

function rangesOf(minScore: number, maxScore: number): [number, number][] {
  const layout = layOutBuckets([modelOf([], { minScore, maxScore })]);
  return Array.from({ length: layout.count }, (_, index) => {
    const { from, to } = bucketRange(layout, index);
    return [from, to];
  });
}

describe('buckets of totals', () => {
  it('are equally wide and few, the last one takes what is left', () => {
    expect(rangesOf(0, 100).slice(0, 2)).toEqual([
      [0, 4],
      [5, 9],
    ]);
    expect(rangesOf(0, 100)).toHaveLength(20);
    expect(rangesOf(0, 100).at(-1)).toEqual([95, 100]);
    expect(rangesOf(0, 3)).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(rangesOf(7, 7)).toEqual([[7, 7]]);
  });

  it('hold every total that a model can give, each once', () => {
    const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(bound, bound, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
        const [minScore, maxScore] = [Math.min(a, b), Math.max(a, b)];
        const ranges = rangesOf(minScore, maxScore);
        expect(ranges.length).toBeLessThanOrEqual(21);
        ranges.forEach(([from, to], index) => {
          expect(from).toBeLessThanOrEqual(to);
          if (index > 0) expect(from).toBe((ranges[index - 1]?.[1] ?? Number.NaN) + 1);
        });
        const layout = layOutBuckets([modelOf([], { minScore, maxScore })]);
        const total = Math.floor(minScore + share * (maxScore - minScore) + 1e-9);
        const [from, to] = ranges[bucketOf(layout, total)] ?? [];
        expect(from).toBeLessThanOrEqual(total);
        expect(to).toBeGreaterThanOrEqual(total);
      }),
    );
  });
});

it('the first of any number of things are the first of all, sorted', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (numbers, kept) => {
      const list = new TopList<number>(kept, (a, b) => a - b);
      for (const number of numbers) list.add(number);
      expect(list.toArray()).toEqual(numbers.toSorted((a, b) => a - b).slice(0, kept));
    }),
  );
});

it('tallies of parts merge into the tally of all', () => {
  const atMs = TIMELINE_START_MS + TIMELINE_MS;
  fc.assert(
    fc.property(
      arbitraryModel(),
      arbitraryModel(),
      fc.array(arbitraryTimeline(), { maxLength: 8 }),
      fc.nat(8),
      (before, after, timelines, cut) => {
        const models = { before: compileModel(before), after: compileModel(after) };
        const count = (from: number, to: number) => {
          const comparison = new ScoreComparison(models, atMs);
          timelines.slice(from, to).forEach((entries, index) => {
            entries.forEach((entry) => {
              comparison.see(entry);
            });
            const states = [models.before, models.after].map((model) => foldTimeline(model, entries));
            const [was, is] = states;
            if (was && is) comparison.count(`c${from + index}`, was, is);
          });
          return comparison.tally();
        };
        const all = count(0, timelines.length);
        expect(mergeTallies(count(0, cut), count(cut, timelines.length))).toEqual(all);
        expect(mergeTallies(emptyTally(models), all)).toEqual(all);
      },
    ),
    { numRuns: 100 },
  );
});

it('a tally has a bounded size, however many contacts move', () => {
  const [before, after] = [1, 2].map((points) =>
    compileModel(modelOf([{ key: 'open', action: { actionType: 'open', points } }])),
  );
  if (!before || !after) throw new Error('two models');
  const comparison = new ScoreComparison({ before, after }, TIMELINE_START_MS);
  const opened = [{ kind: 'action' as const, atMs: TIMELINE_START_MS, type: 'open', properties: {} }];
  const [was, is] = [foldTimeline(before, opened), foldTimeline(after, opened)];
  for (let index = 0; index < 5_000; index++) comparison.count(`c${index}`, was, is);
  const tally = comparison.tally();
  expect(tally.contacts).toBe(5_000);
  expect(tally.movers).toHaveLength(MOVERS_KEPT_MAX);
  expect(JSON.stringify(tally).length).toBeLessThan(20_000);
});
