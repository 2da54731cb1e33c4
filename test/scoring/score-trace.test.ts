import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import { wholeTotal } from '../../src/scoring/points.js';
import { replay } from '../../src/scoring/replay.js';
import { ScoreTrace } from '../../src/scoring/score-trace.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { arbitraryModel } from '../support/arbitrary-model.js';
import {
  arbitraryInstant,
  arbitraryTimeline,
  TIMELINE_MS,
  TIMELINE_START_MS,
} from '../support/arbitrary-timeline.js';
import { foldTimeline } from '../support/fold-timeline.js';
import { action, dayMs, modelOf, profile } from '../support/scoring-kit.js';

const numRuns = Number(process.env.PROPERTY_RUNS ?? 300);
const END_MS = TIMELINE_START_MS + 3 * TIMELINE_MS;

function traceOf(
  definition: ModelDefinition,
  entries: readonly TimelineEntry[],
  untilMs = END_MS,
): ScoreTrace {
  const trace = new ScoreTrace(compileModel(definition));
  for (const entry of entries) trace.fold(entry);
  trace.finish(untilMs);
  return trace;
}

function gainsOf(definition: ModelDefinition, entries: readonly TimelineEntry[]): unknown[] {
  const keys = compileModel(definition).rules.map(({ key }) => key);
  return traceOf(definition, entries, dayMs(400)).gains.map(({ atMs, rule, points, actionType }) => [
    (atMs - dayMs(0)) / 86_400_000,
    keys[rule],
    points,
    actionType,
  ]);
}

describe('a trace', () => {
  it('says of any instant what a replay says of it, whole points of dimensions included', () => {
    fc.assert(
      fc.property(
        arbitraryModel(),
        arbitraryTimeline(),
        fc.array(arbitraryInstant(), { minLength: 1, maxLength: 30 }),
        (definition, entries, instants) => {
          const { steps } = traceOf(definition, entries);
          const model = compileModel(definition);
          for (const atMs of [...instants, ...entries.map((entry) => entry.atMs)]) {
            const step = steps.findLast((one) => one.atMs <= atMs);
            if (entries[0] === undefined || atMs < entries[0].atMs) expect(step).toBeUndefined();
            else {
              const { total, stage, label } = replay(definition, entries, atMs);
              const { dimensions } = evaluate(model, foldTimeline(model, entries, atMs), atMs);
              expect(step).toMatchObject({ total, stage, label, dimensions: dimensions.map(wholeTotal) });
            }
          }
        },
      ),
      { numRuns },
    );
  });

  it('has one step an instant, ascending, each another than the one before', () => {
    fc.assert(
      fc.property(arbitraryModel(), arbitraryTimeline(), (definition, entries) => {
        const { steps, gains } = traceOf(definition, entries);
        steps.slice(1).forEach((step, index) => {
          expect(step.atMs).toBeGreaterThan(steps[index]?.atMs ?? 0);
          expect({ ...step, atMs: 0 }).not.toEqual({ ...steps[index], atMs: 0 });
        });
        expect(gains.map(({ atMs }) => atMs)).toEqual(gains.map(({ atMs }) => atMs).sort((a, b) => a - b));
      }),
      { numRuns },
    );
  });

  it('holds as many gains of a criteria rule as times it began to hold', () => {
    fc.assert(
      fc.property(arbitraryModel(), arbitraryTimeline(), (definition, entries) => {
        const model = compileModel(definition);
        const { gains } = traceOf(definition, entries);
        const stepMs = 3_600_000;
        for (const rule of model.criteriaRules.filter(({ points }) => points !== 0)) {
          let begun = 0;
          let held = false;
          for (let atMs = entries[0]?.atMs ?? END_MS; atMs < END_MS; atMs += stepMs) {
            const holds = rule.holds(foldTimeline(model, entries, atMs), atMs);
            if (holds && !held) begun++;
            held = holds;
          }
          expect(gains.filter((gain) => gain.rule === rule.ordinal)).toHaveLength(begun);
        }
      }),
      { numRuns: Math.ceil(numRuns / 10) },
    );
  });

  it('gives awards with limit and repeat, and before decay and caps', () => {
    const model = modelOf(
      [
        {
          key: 'click',
          maxPoints: 12,
          action: {
            actionType: 'clicked',
            points: 10,
            repeat: { multiplier: 1.5, withinDays: 30 },
            limit: { maxAwards: 2, perDays: 60 },
          },
        },
      ],
      { decay: { ratePercent: 50, intervalDays: 5 } },
    );
    const days = [0, 10, 20, 70];
    expect(
      gainsOf(
        model,
        days.map((day) => action(day, 'clicked')),
      ),
    ).toEqual([
      [0, 'click', 10, 'clicked'],
      [10, 'click', 15, 'clicked'],
      [70, 'click', 10, 'clicked'],
    ]);
  });

  it('gives what a table or a criterion adds, at the instant it does, and nothing when it is lost', () => {
    const model = modelOf([
      {
        key: 'title',
        table: {
          attribute: 'jobTitle',
          rows: [
            { operator: 'EQUALS', value: 'vp', points: 20 },
            { operator: 'EQUALS', value: 'director', points: 15 },
          ],
        },
      },
      { key: 'quiet', criteria: { when: { inactivity: { days: 30 } }, points: -5 } },
    ]);
    const timeline = [
      profile(0, { jobTitle: 'director' }),
      action(1, 'opened'),
      profile(2, { jobTitle: 'vp' }),
      profile(3, { jobTitle: 'intern' }),
      profile(4, { jobTitle: 'director' }),
      action(50, 'opened'),
    ];
    expect(gainsOf(model, timeline)).toEqual([
      [0, 'title', 15, null],
      [2, 'title', 5, null],
      [4, 'title', 15, null],
      [31, 'quiet', -5, null],
      [80, 'quiet', -5, null],
    ]);
  });
});
