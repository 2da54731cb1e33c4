import { describe, expect, it } from 'vitest';
import type { ActionRuleDefinition, RuleDefinition } from '../../src/scoring/model-definition.js';
import { action, adjustment, listChange, modelOf, profile, totalsAt } from '../support/scoring-kit.js';

function rule(
  key: string,
  points: number,
  extras: Partial<ActionRuleDefinition> & { maxPoints?: number } = {},
): RuleDefinition {
  const { maxPoints, ...rest } = extras;
  return { key, maxPoints, action: { actionType: key, points, ...rest } };
}

const decay = { ratePercent: 5, intervalDays: 30 };
const recency = [
  { withinHours: 24, multiplier: 2 },
  { withinHours: 168, multiplier: 1.5 },
  { withinHours: 720, multiplier: 1 },
  { multiplier: 0.5 },
];

describe('decay', () => {
  const model = modelOf([rule('big', 80), rule('ten', 10)], { decay });

  it('takes 5 % for each 30 idle days', () => {
    expect(totalsAt(model, [action(0, 'big')], [29, 30, 60, 90])).toEqual([80, 76, 72, 68]);
  });

  it('starts over with an activity and keeps what it took', () => {
    const entries = [action(0, 'big'), action(95, 'ten')];
    expect(totalsAt(model, entries, [95, 124.9, 125])).toEqual([78, 78, 74]);
  });

  it('does not start over with a passive action, whose award decays from its own instant', () => {
    const passive = modelOf([rule('big', 80), rule('email_sent', 20)], { decay });
    const entries = [action(0, 'big'), action(40, 'email_sent')];
    expect(totalsAt(passive, entries, [40, 59.9, 60])).toEqual([96, 96, 91]);
  });

  it('never works before the first activity', () => {
    const passive = modelOf([rule('email_sent', 20)], { decay });
    expect(totalsAt(passive, [action(0, 'email_sent')], [0, 300])).toEqual([20, 20]);
  });

  it('stops at its floor but never lifts above what it took', () => {
    const floored = modelOf([rule('big', 80), rule('small', 10)], { decay: { ...decay, minScore: 75 } });
    expect(totalsAt(floored, [action(0, 'big')], [30, 60, 900])).toEqual([76, 75, 75]);
    expect(totalsAt(floored, [action(0, 'small')], [30, 900])).toEqual([10, 10]);
  });

  it('leaves bad signals alone unless told', () => {
    const rules = [rule('big', 80), rule('bad', -40), rule('fading', -40, { decays: true })];
    const half = { ratePercent: 50, intervalDays: 10 };
    const entries = (bad: string) => [action(0, 'big'), action(0, bad)];
    expect(totalsAt(modelOf(rules, { decay: half }), entries('bad'), [0, 10])).toEqual([40, 0]);
    expect(totalsAt(modelOf(rules, { decay: half }), entries('fading'), [0, 10])).toEqual([40, 20]);
  });

  it('of 100 % leaves nothing', () => {
    const all = modelOf([rule('big', 80)], { decay: { ratePercent: 100, intervalDays: 10 } });
    expect(totalsAt(all, [action(0, 'big'), action(25, 'big')], [9, 10, 25, 35])).toEqual([80, 0, 80, 0]);
  });
});

describe('recency', () => {
  it('multiplies young awards', () => {
    const model = modelOf([rule('open', 5)], { recency });
    expect(totalsAt(model, [action(0, 'open')], [0, 1, 7, 30])).toEqual([10, 7, 5, 2]);
  });

  it('is 1 where no step fits', () => {
    const model = modelOf([rule('open', 5)], { recency: [{ withinHours: 24, multiplier: 2 }] });
    expect(totalsAt(model, [action(0, 'open')], [0, 1])).toEqual([10, 5]);
  });

  it('can come back from nothing', () => {
    const steps = [{ withinHours: 24, multiplier: 0 }, { multiplier: 2 }];
    expect(totalsAt(modelOf([rule('open', 5)], { recency: steps }), [action(0, 'open')], [0, 1])).toEqual([
      0, 10,
    ]);
  });
});

describe('repeats and limits', () => {
  it('multiplies a click within 30 days of another', () => {
    const model = modelOf([rule('click', 10, { repeat: { multiplier: 1.5, withinDays: 30 } })]);
    const entries = [action(0, 'click'), action(10, 'click'), action(50, 'click')];
    expect(totalsAt(model, entries, [0, 10, 50])).toEqual([10, 25, 35]);
  });

  it('counts a repeat at the very same instant, and none from the far end of the window', () => {
    const model = modelOf([rule('click', 10, { repeat: { multiplier: 2, withinDays: 5 } })]);
    expect(totalsAt(model, [action(0, 'click'), action(0, 'click')], [0])).toEqual([30]);
    expect(totalsAt(model, [action(0, 'click'), action(5, 'click')], [5])).toEqual([20]);
  });

  it('counts a repeat after a match that the limit gave nothing', () => {
    const model = modelOf([
      rule('click', 10, { repeat: { multiplier: 2, withinDays: 5 }, limit: { maxAwards: 1, perDays: 6 } }),
    ]);
    const entries = [action(0, 'click'), action(4, 'click'), action(8, 'click')];
    expect(totalsAt(model, entries, [0, 4, 8])).toEqual([10, 10, 30]);
  });

  it('holds a lifetime limit, across resets and expired awards too', () => {
    const model = modelOf([
      rule('open', 10, { limit: { maxAwards: 2 }, expiresAfterDays: 1 }),
      rule('unsubscribed', 0, { setScoreTo: 0 }),
    ]);
    const entries = [action(0, 'open'), action(1, 'unsubscribed'), action(2, 'open'), action(3, 'open')];
    expect(totalsAt(model, entries, [0, 1, 2, 3])).toEqual([10, 0, 10, 0]);
  });

  it('fills a limit with awards worth nothing', () => {
    const pointsBy = { property: 'kind', cases: [{ operator: 'EQUALS' as const, value: 'free', points: 0 }] };
    const model = modelOf([rule('open', 10, { pointsBy, limit: { maxAwards: 1 } })]);
    expect(totalsAt(model, [action(0, 'open', { kind: 'free' }), action(1, 'open')], [0, 1])).toEqual([0, 0]);
  });
});

describe('expiry', () => {
  it('ends each award on its own', () => {
    const model = modelOf([rule('open', 1, { expiresAfterDays: 180 })]);
    const entries = [action(0, 'open'), action(100, 'open')];
    expect(totalsAt(model, entries, [179, 180, 279, 280])).toEqual([2, 1, 1, 0]);
  });
});

describe('caps', () => {
  it('meet the positives first, so that a bad signal always bites', () => {
    const dimensions = [{ key: 'engagement', maxPoints: 40 }];
    const model = modelOf([rule('open', 50), rule('spam', -50)], { dimensions });
    const entries = [...[0, 1, 2, 3].map((day) => action(day, 'open')), action(4, 'spam')];
    expect(totalsAt(model, entries, [3, 4])).toEqual([40, 0]);
  });

  it('hold for a rule, a set and the score, adjustments of people included', () => {
    const scoreSets = [
      {
        key: 'a',
        dimension: 'engagement',
        maxPoints: 50,
        rules: [rule('open', 30, { maxPoints: 40 }), rule('click', 30)],
      },
      { key: 'b', rules: [rule('vip', 60)] },
    ];
    const model = modelOf([], { scoreSets });
    const entries = [
      action(0, 'open'),
      action(1, 'open'),
      action(2, 'click'),
      action(3, 'vip'),
      adjustment(4, 30),
      adjustment(5, -10),
    ];
    expect(totalsAt(model, entries, [0, 1, 2, 3, 4, 5])).toEqual([30, 40, 50, 100, 100, 90]);
  });

  it('weigh dimensions and clamp them from below', () => {
    const dimensions = [{ key: 'engagement', maxPoints: 100, minPoints: -20, weight: 0.5 }];
    const model = modelOf([rule('good', 61), rule('bad', -90)], { dimensions, minScore: -50 });
    expect(totalsAt(model, [action(0, 'good'), action(1, 'bad'), action(2, 'bad')], [0, 1, 2])).toEqual([
      30, -10, -10,
    ]);
  });
});

describe('a reset', () => {
  const fit: RuleDefinition = {
    key: 'fit',
    criteria: { when: { attribute: { attribute: 'country', operator: 'EQUALS', value: 'de' } }, points: 40 },
  };

  it('sets the score, on which the next action builds', () => {
    const model = modelOf([
      fit,
      rule('open', 5),
      rule('big', 30),
      rule('unsubscribed', -100, { setScoreTo: 0 }),
    ]);
    const entries = [
      profile(0, { country: 'DE' }),
      action(1, 'big'),
      action(2, 'unsubscribed'),
      action(3, 'open'),
    ];
    expect(totalsAt(model, entries, [1, 2, 3])).toEqual([70, 0, 5]);
  });

  it('drops adjustments and what came before it at the same instant, not what comes after', () => {
    const model = modelOf([rule('open', 5), rule('unsubscribed', 0, { setScoreTo: 20 })]);
    const entries = [action(0, 'open'), adjustment(0, 9), action(0, 'unsubscribed'), action(0, 'open')];
    expect(totalsAt(model, entries, [0])).toEqual([25]);
  });

  it('is the last of several in model order, and replaces the one before', () => {
    const model = modelOf([
      rule('out', 0, { setScoreTo: 30 }),
      { ...rule('out', 0, { setScoreTo: 10 }), key: 'late' },
    ]);
    expect(totalsAt(model, [action(0, 'out')], [0])).toEqual([10]);
    const twice = modelOf([rule('out', 0, { setScoreTo: 30 }), rule('stop', 0, { setScoreTo: 5 })]);
    expect(totalsAt(twice, [action(0, 'out'), action(1, 'stop')], [0, 1])).toEqual([30, 5]);
  });

  it('is not held back by a limit, and pays no penalty back', () => {
    const bad: RuleDefinition = { key: 'idle', criteria: { when: { list: { key: 'bad' } }, points: -70 } };
    const limited = rule('out', 0, { setScoreTo: 0, limit: { maxAwards: 1 } });
    const model = modelOf([rule('open', 20), limited, bad], {
      dimensions: [{ key: 'engagement', maxPoints: 100, minPoints: -100 }],
    });
    const entries = [
      listChange(0, 'bad', true),
      action(1, 'out'),
      listChange(2, 'bad', false),
      action(3, 'open'),
      action(4, 'out'),
    ];
    expect(totalsAt(model, entries, [1, 2, 3, 4])).toEqual([0, 0, 20, 0]);
  });
});

describe('criteria and tables', () => {
  it('count three visits in 30 days until the first of them falls out', () => {
    const when = { activity: { actionType: 'visit', atLeast: 3, withinDays: 30 } };
    const model = modelOf([{ key: 'c', criteria: { when, points: 20 } }]);
    const entries = [action(0, 'visit'), action(1, 'visit'), action(20, 'visit')];
    expect(totalsAt(model, entries, [1, 20, 29.9, 30])).toEqual([0, 20, 20, 0]);
  });

  it('tell a contact that was never active from one that is idle', () => {
    const idle = { key: 'idle', criteria: { when: { inactivity: { days: 90 } }, points: 7 } };
    const model = modelOf([idle]);
    expect(totalsAt(model, [profile(0, { country: 'de' })], [0, 200])).toEqual([0, 0]);
    expect(totalsAt(model, [action(0, 'x'), action(80, 'email_sent')], [89, 90])).toEqual([0, 7]);
  });

  it('match any activity with a star, which leaves out passive actions', () => {
    const model = modelOf([
      { key: 'any', action: { actionType: '*', points: 1 } },
      { key: 'mail', action: { actionType: 'email_*', points: 10 } },
    ]);
    expect(totalsAt(model, [action(0, 'email_sent'), action(1, 'page')], [0, 1])).toEqual([10, 11]);
  });

  it('follow an attribute named by its whole path before one below another', () => {
    const when = { attribute: { attribute: 'answers.budget', operator: 'GTE' as const, value: 50 } };
    const model = modelOf([{ key: 'c', criteria: { when, points: 20 } }]);
    const entries = [
      profile(0, { answers: { budget: 80 } }),
      profile(1, { 'answers.budget': 10 }),
      profile(2, { 'answers.budget': null }),
      profile(3, { answers: { other: 1 } }),
    ];
    expect(totalsAt(model, entries, [0, 1, 2, 3])).toEqual([20, 0, 20, 0]);
  });

  it.each([
    ['Director of Sales', 15],
    ['VP, Marketing', 20],
    ['CTO', 25],
    ['Head of Growth', 15],
    ['Headmaster', 0],
  ])('look "%s" up as %d', (jobTitle, points) => {
    const row = (value: string, worth: number) => ({
      operator: 'MATCHES_WORD' as const,
      value,
      points: worth,
    });
    const rows = [row('cto', 25), row('vp', 20), row('director', 15), row('head_of', 15), row('manager', 10)];
    const model = modelOf([{ key: 'title', table: { attribute: 'jobTitle', rows } }]);
    expect(totalsAt(model, [profile(0, { jobTitle })], [0])).toEqual([points]);
  });

  it('take the first row, the highest or the sum, and nothing of a missing attribute', () => {
    const rows = [
      { operator: 'EXISTS' as const, points: 3 },
      { operator: 'GT' as const, value: 10, points: 8 },
      { operator: 'NOT_EXISTS' as const, points: 50 },
      { operator: 'GT' as const, value: 20, points: -2 },
    ];
    const answers = (['FIRST', 'HIGHEST', 'SUM'] as const).map((match) => {
      const model = modelOf([{ key: 't', table: { attribute: 'size', match, rows } }]);
      return totalsAt(model, [profile(0, { size: 30 }), profile(1, { size: null })], [-1, 0, 1]);
    });
    expect(answers).toEqual([
      [0, 3, 0],
      [0, 8, 0],
      [0, 9, 0],
    ]);
  });

  it('watch a video from 75 percent', () => {
    const where = [{ property: 'percent', operator: 'GTE' as const, value: 75 }];
    const model = modelOf([rule('watched', 30, { where })]);
    expect(
      totalsAt(
        model,
        [action(0, 'watched', { percent: 74 }), action(1, 'watched', { percent: '75' })],
        [0, 1],
      ),
    ).toEqual([0, 30]);
  });
});
