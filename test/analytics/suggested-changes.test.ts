import { describe, expect, it } from 'vitest';
import { suggestedChanges, typicalPoints } from '../../src/analytics/insight/suggested-changes.js';
import type { RuleDefinition } from '../../src/scoring/model-definition.js';
import { modelOf } from '../support/scoring-kit.js';

const ACTION: RuleDefinition = { key: 'click', action: { actionType: 'clicked', points: 10 } };
const TABLE: RuleDefinition = {
  key: 'title',
  table: {
    attribute: 'jobTitle',
    rows: [
      { operator: 'EQUALS', value: 'cto', points: 20 },
      { operator: 'EQUALS', value: 'vp', points: 15 },
    ],
  },
};
const BY_PROPERTY: RuleDefinition = {
  key: 'form',
  action: {
    actionType: 'form',
    points: 5,
    pointsBy: { property: 'form', cases: [{ operator: 'EQUALS', value: 'demo', points: 30 }] },
  },
};
const RESET: RuleDefinition = {
  key: 'stop',
  action: { actionType: 'unsubscribed', points: 0, setScoreTo: 0 },
};
const CRITERIA: RuleDefinition = {
  key: 'quiet',
  criteria: { when: { inactivity: { days: 30 } }, points: -10 },
};

function changed(rule: RuleDefinition, suggestedPoints: number): RuleDefinition | undefined {
  const [change] = suggestedChanges(modelOf([rule]), [{ ruleKey: rule.key, suggestedPoints }]);
  return change?.putRule?.rule;
}

describe('what a rule gives when it is met once', () => {
  it.each([
    [ACTION, 10],
    [TABLE, 20],
    [BY_PROPERTY, 30],
    [CRITERIA, -10],
    [RESET, null],
  ])('%#', (rule, points) => expect(typicalPoints(rule)).toBe(points));
});

describe('a suggestion', () => {
  it('changes the points of an action or a criterion', () => {
    expect(changed(ACTION, 14)?.action?.points).toBe(14);
    expect(changed(CRITERIA, -3)?.criteria?.points).toBe(-3);
  });

  it('keeps the proportions of tables and of points by a property', () => {
    expect(changed(TABLE, 12)?.table?.rows.map(({ points }) => points)).toEqual([12, 9]);
    const { points, pointsBy } = changed(BY_PROPERTY, 12)?.action ?? {};
    expect([points, pointsBy?.cases[0]?.points]).toEqual([2, 12]);
  });

  it('is none for a rule that resets, that is unknown, or that stays as it is', () => {
    expect(changed(RESET, 12)).toBeUndefined();
    expect(changed(ACTION, 10)).toBeUndefined();
    expect(suggestedChanges(modelOf([ACTION]), [{ ruleKey: 'other', suggestedPoints: 3 }])).toEqual([]);
  });
});
