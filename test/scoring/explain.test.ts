import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/scoring/compile-model.js';
import { explain } from '../../src/scoring/explain.js';
import { decodeReasons, encodeReasons, explainChange } from '../../src/scoring/explain-change.js';
import type { ModelDefinition } from '../../src/scoring/model-definition.js';
import type { TimelineEntry } from '../../src/scoring/timeline-entry.js';
import { foldTimeline } from '../support/fold-timeline.js';
import { action, adjustment, dayMs, modelOf } from '../support/scoring-kit.js';

const definition: ModelDefinition = modelOf([], {
  dimensions: [{ key: 'engagement', name: 'Engagement', maxPoints: 40, weight: 1.5 }],
  decay: { ratePercent: 10, intervalDays: 10, minScore: 20 },
  scoreSets: [
    {
      key: 'email',
      name: 'Email',
      dimension: 'engagement',
      maxPoints: 50,
      rules: [
        {
          key: 'open',
          name: 'Opened an email',
          maxPoints: 45,
          action: { actionType: 'open', points: 20.5, expiresAfterDays: 30 },
        },
        { key: 'click', name: 'Clicked', action: { actionType: 'click', points: 10 } },
        { key: 'bad', name: 'Complained', action: { actionType: 'bad', points: -60 } },
        { key: 'out', name: 'Unsubscribed', action: { actionType: 'out', points: 0, setScoreTo: 30 } },
      ],
    },
  ],
});
const model = compileModel(definition);

function linesAt(entries: TimelineEntry[], day: number) {
  return explain(model, foldTimeline(model, entries, dayMs(day)), dayMs(day));
}

const opens = [0, 1, 2].map((day) => action(day, 'open'));

describe('explain', () => {
  it('says nothing about nothing', () => {
    expect(linesAt([], 0)).toEqual([]);
  });

  it('tells rules, their awards, and every cap', () => {
    const lines = linesAt([...opens, action(3, 'click')], 3);
    expect(lines).toEqual([
      {
        kind: 'RULE',
        ruleKey: 'open',
        title: 'Opened an email',
        dimension: 'engagement',
        points: 92.25,
        awards: 3,
        lastAwardAtMs: dayMs(2),
        expiresAtMs: dayMs(30),
      },
      {
        kind: 'CAP',
        scope: 'RULE',
        ruleKey: 'open',
        title: 'Opened an email is capped at 45',
        dimension: 'engagement',
        points: -24.75,
      },
      {
        kind: 'RULE',
        ruleKey: 'click',
        title: 'Clicked',
        dimension: 'engagement',
        points: 15,
        awards: 1,
        lastAwardAtMs: dayMs(3),
      },
      {
        kind: 'CAP',
        scope: 'SET',
        scoreSet: 'email',
        title: 'Email is capped at 50',
        dimension: 'engagement',
        points: -7.5,
      },
      {
        kind: 'CAP',
        scope: 'DIMENSION',
        title: 'Engagement is capped at 40',
        dimension: 'engagement',
        points: -15,
      },
    ]);
  });

  it('tells clamps, adjustments and the cap of the score', () => {
    const lines = linesAt(
      [action(0, 'bad'), adjustment(0, 70), adjustment(0, 50), adjustment(0, -5.5), adjustment(0, 3, 9)],
      0,
    );
    expect(lines.map(({ kind, title, points, expiresAtMs }) => [kind, title, points, expiresAtMs])).toEqual([
      ['RULE', 'Complained', -90, undefined],
      ['CLAMP', 'Engagement stays between 0 and 40', 90, undefined],
      ['ADJUSTMENT', 'Points added by hand', 120, undefined],
      ['ADJUSTMENT', 'Points taken off by hand', -5.5, undefined],
      ['ADJUSTMENT', 'Points added by hand for a time', 3, dayMs(9)],
      ['CAP', 'The score is capped at 100', -23, undefined],
      ['ROUNDING', 'Rounded down to a whole number', -0.5, undefined],
    ]);
  });

  it('tells a reset, the clamp of the score and the decay floor', () => {
    const reset = linesAt([action(0, 'out'), adjustment(1, -50)], 1);
    expect(reset).toMatchObject([
      { kind: 'ADJUSTMENT', points: -50, awards: 1 },
      {
        kind: 'RESET',
        ruleKey: 'out',
        title: 'Score set by Unsubscribed',
        points: 30,
        lastAwardAtMs: dayMs(0),
      },
      { kind: 'CLAMP', scope: 'SCORE', title: 'The score stays between 0 and 100', points: 20 },
    ]);
    const floored = linesAt([action(0, 'click'), action(0, 'click')], 60);
    expect(floored.map(({ kind, title, points }) => [kind, title, points])).toEqual([
      ['RULE', 'Clicked', 15.94323],
      ['CLAMP', 'Decay stops at 20', 4.05677],
    ]);
  });
});

describe('explainChange', () => {
  it('leaves no dust of rounding behind: 5 points are 5, and what does not move is not there', () => {
    const line = (ruleKey: string, points: number) => ({
      kind: 'RULE' as const,
      ruleKey,
      title: ruleKey,
      points,
    });
    const rounding = (points: number) => ({ kind: 'ROUNDING' as const, title: 'Rounded', points });
    const before = [line('a', 3.123456), line('b', 1.000001), rounding(-0.123457)];
    const after = [line('a', 8.123457), line('b', 1), rounding(-0.123457)];
    expect(explainChange(before, after)).toEqual([line('a', 5)]);
  });

  it('tells what moved, with counts as they are after', () => {
    const entries = [...opens.slice(0, 1), action(3, 'click')];
    const moved = explainChange(linesAt(entries, 0), linesAt(entries, 3));
    expect(moved.map(({ kind, title, points, awards }) => [kind, title, points, awards])).toEqual([
      ['RULE', 'Clicked', 15, 1],
    ]);
  });

  it('tells what is gone', () => {
    const moved = explainChange(linesAt(opens.slice(0, 1), 0), linesAt(opens.slice(0, 1), 30));
    expect(moved.map(({ kind, points }) => [kind, points])).toEqual([
      ['RULE', -30.75],
      ['ROUNDING', 0.75],
    ]);
  });
});

describe('stored reasons', () => {
  it('come back as they were, with the titles of the model', () => {
    const lines = linesAt([...opens, action(3, 'click'), adjustment(3, 7, 2), adjustment(3, -1.25)], 3);
    const text = encodeReasons(lines);
    expect(text).not.toContain('Opened');
    expect(decodeReasons(model, text)).toEqual(lines);
  });

  it('name by its key what the model no longer has', () => {
    const other = compileModel(modelOf([]));
    const lines = [
      { kind: 'RULE' as const, ruleKey: 'gone', title: 'Gone', dimension: 'engagement', points: 5 },
    ];
    expect(decodeReasons(other, encodeReasons(lines))).toMatchObject([{ title: 'gone', points: 5 }]);
  });
});
