import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { evaluate } from '../../src/scoring/evaluate.js';
import { forecast } from '../../src/scoring/forecast.js';
import type {
  ActionRuleDefinition,
  ModelDefinition,
  RuleDefinition,
} from '../../src/scoring/model-definition.js';
import { type NextChange, nextChange } from '../../src/scoring/next-change.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { foldTimeline } from '../support/fold-timeline.js';
import { action, adjustment, DAY_ZERO_MS, dayMs, modelOf } from '../support/scoring-kit.js';

const rule = (key: string, points: number, extras: Partial<ActionRuleDefinition> = {}): RuleDefinition => ({
  key,
  action: { actionType: key, points, ...extras },
});

function nextAfter(
  definition: ModelDefinition,
  entries: TimelineEntry[],
  day: number,
): { day: number; causes: NextChange['causes'] } | null {
  const model = compileModel(definition);
  const next = nextChange(model, foldTimeline(model, entries), dayMs(day));
  return next && { day: (next.atMs - DAY_ZERO_MS) / 86_400_000, causes: next.causes };
}

const minutely = { ratePercent: 0.01, intervalDays: 1 / 1_440 };

describe('nextChange', () => {
  it('is null when nothing is ahead', () => {
    expect(nextAfter(modelOf([rule('a', 10)]), [action(0, 'a')], 0)).toBeNull();
    expect(nextAfter(modelOf([rule('a', 10)]), [], 0)).toBeNull();
  });

  it('finds the decay interval that moves the total, not the first one', () => {
    const slow = modelOf([rule('a', 80.9)], { decay: { ratePercent: 0.5, intervalDays: 1 } });
    expect(nextAfter(slow, [action(0, 'a')], 0)).toEqual({ day: 3, causes: ['DECAY'] });
    expect(nextAfter(slow, [action(0, 'a')], 3)).toEqual({ day: 5, causes: ['DECAY'] });
  });

  it('finds expiries of awards and adjustments', () => {
    const model = modelOf([rule('a', 10, { expiresAfterDays: 180 })]);
    expect(nextAfter(model, [action(0, 'a'), action(5, 'a')], 5)).toEqual({ day: 180, causes: ['EXPIRY'] });
    expect(nextAfter(model, [adjustment(0, 5, 7)], 0)).toEqual({ day: 7, causes: ['EXPIRY'] });
  });

  it('names everything that happens at the instant', () => {
    const inactivity = { criteria: { when: { inactivity: { days: 2 } }, points: -7 } };
    const rules = [rule('a', 10), rule('b', 10, { expiresAfterDays: 2 }), { key: 'idle', ...inactivity }];
    const model = modelOf(rules, {
      decay: { ratePercent: 1, intervalDays: 2 },
      recency: [{ withinHours: 48, multiplier: 2 }],
    });
    const next = nextAfter(model, [action(0, 'a'), action(0, 'b')], 0);
    expect(next?.day).toBe(2);
    expect(next?.causes.toSorted()).toEqual(['DECAY', 'EXPIRY', 'RECENCY', 'WINDOW']);
  });

  it('finds a label that changes while the total stays', () => {
    const dimensions = [
      { key: 'engagement', maxPoints: 100, weight: 0, labels: [{ label: 'A', minPoints: 5 }] },
    ];
    const model = modelOf([rule('a', 10, { expiresAfterDays: 3 })], { dimensions });
    expect(nextAfter(model, [action(0, 'a')], 0)).toEqual({ day: 3, causes: ['EXPIRY'] });
  });

  it('passes over what a cap or a clamp hides', () => {
    const model = modelOf([rule('a', 60, { expiresAfterDays: 10 })]);
    const entries = [0, 1, 2, 3].map((day) => action(day, 'a'));
    expect(nextAfter(model, entries, 3)).toEqual({ day: 12, causes: ['EXPIRY'] });
  });

  it('looks no further than its horizon, that instant included', () => {
    const model = compileModel(modelOf([rule('a', 10, { expiresAfterDays: 7 })]));
    const state = foldTimeline(model, [action(0, 'a')]);
    expect(nextChange(model, state, dayMs(0), dayMs(7) - dayMs(0))?.atMs).toBe(dayMs(7));
    expect(nextChange(model, state, dayMs(0), dayMs(7) - dayMs(0) - 1)).toBeNull();
    expect(nextChange(model, state, dayMs(7))).toBeNull();
  });

  it('goes through minutes of decay in few steps', () => {
    const model = compileModel(modelOf([rule('a', 100)], { decay: minutely }));
    const state = foldTimeline(model, [action(0, 'a')]);
    const first = nextChange(model, state, dayMs(0))?.atMs ?? 0;
    expect(first).toBe(dayMs(0) + 60_000);
    const points = forecast(model, state, dayMs(0), dayMs(3_650), 1_000);
    expect(points.map(({ total }) => total)).toEqual(Array.from({ length: 101 }, (_, i) => 100 - i));
    const last = points.at(-1)?.atMs ?? 0;
    expect(evaluate(model, state, last - 1).total).toBe(1);
    expect(nextChange(model, state, last)).toBeNull();
  });

  it('goes through minutes of decay also when good and bad signals fade against each other', () => {
    const rules = [rule('a', 90), rule('b', -90.5, { decays: true })];
    const dimensions = [{ key: 'engagement', minPoints: -100, maxPoints: 100 }];
    const model = compileModel(modelOf(rules, { decay: minutely, dimensions, minScore: -100 }));
    const state = foldTimeline(model, [action(0, 'a'), action(0, 'b')]);
    expect(evaluate(model, state, dayMs(0)).total).toBe(-1);
    const next = nextChange(model, state, dayMs(0));
    expect(next).not.toBeNull();
    expect(evaluate(model, state, (next?.atMs ?? 0) - 1).total).toBe(-1);
    expect(evaluate(model, state, next?.atMs ?? 0).total).toBe(0);
  });
});

describe('a sweep through time', () => {
  it('sees a total that moves and comes back where a dimension weighs against the others', () => {
    const definition = modelOf([], {
      decay: { ratePercent: 1, intervalDays: 1 },
      dimensions: [
        { key: 'good', maxPoints: 50 },
        { key: 'risk', maxPoints: 100, weight: -1 },
      ],
      scoreSets: [
        { key: 'good', dimension: 'good', rules: [rule('a', 200)] },
        { key: 'risk', dimension: 'risk', rules: [rule('b', 40)] },
      ],
    });
    const model = compileModel(definition);
    const state = foldTimeline(model, [action(0, 'a'), action(0, 'b')]);
    const totals = [0, 2, 3, 271].map((day) => evaluate(model, state, dayMs(day)).total);
    expect(totals).toEqual([10, 10, 11, 10]);
    expect(nextChange(model, state, dayMs(0), dayMs(271) - dayMs(0))?.atMs).toBe(dayMs(3));
  });

  it('takes off all of an award that expires where a recency step begins', () => {
    const model = compileModel(
      modelOf([rule('a', 10, { expiresAfterDays: 1 }), rule('b', 10, { expiresAfterDays: 2 })], {
        dimensions: [{ key: 'engagement', maxPoints: 10 }],
        recency: [{ withinHours: 24, multiplier: 2 }],
      }),
    );
    const state = foldTimeline(model, [action(0, 'a'), action(0, 'b')]);
    expect(nextChange(model, state, dayMs(0))?.atMs).toBe(dayMs(2));
    expect(evaluate(model, state, dayMs(2)).total).toBe(0);
  });
});

describe('forecast', () => {
  const model = compileModel(modelOf([rule('a', 60, { expiresAfterDays: 10 })]));
  const state = foldTimeline(model, [action(0, 'a'), action(2, 'a')]);

  it('begins where it is asked to and tells every change up to the end', () => {
    expect(forecast(model, state, dayMs(3), dayMs(12), 10)).toEqual([
      { atMs: dayMs(3), total: 100, stage: 1 },
      { atMs: dayMs(10), total: 60, stage: 1 },
      { atMs: dayMs(12), total: 0, stage: 0 },
    ]);
  });

  it('gives no more points than asked for', () => {
    expect(forecast(model, state, dayMs(3), dayMs(12), 2)).toHaveLength(2);
    expect(forecast(model, state, dayMs(3), dayMs(11), 10)).toHaveLength(2);
  });
});
