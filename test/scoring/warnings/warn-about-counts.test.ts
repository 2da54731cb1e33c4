import { describe, expect, it } from 'vitest';
import type { Criterion, RuleDefinition } from '../../../src/scoring/model-definition.js';
import { type ModelCounts, WARNINGS_MAX } from '../../../src/scoring/warnings/model-warning.js';
import { warnAboutCounts } from '../../../src/scoring/warnings/warn-about-counts.js';
import { modelOf } from '../../support/scoring-kit.js';

const customer: Criterion = { list: { key: 'customers' } };
const rule = (key: string, part: Partial<RuleDefinition> = {}): RuleDefinition => ({
  key,
  action: { actionType: key, points: 5 },
  ...part,
});
const never = rule('never', {
  action: null,
  criteria: { when: { all: [customer, { not: customer }] }, points: 5 },
});

const stages = [
  { key: 'cold', name: 'Cold', minScore: 0 },
  { key: 'warm', name: 'Warm', minScore: 20 },
  { key: 'hot', name: 'Hot', minScore: 50 },
  { key: 'top', name: 'Top', minScore: 101 },
];
const model = modelOf([rule('open'), rule('visit'), rule('off', { active: false }), never], { stages });

function counts(
  holders: Record<string, number>,
  stageContacts: Record<string, number>,
  contacts = 40,
): ModelCounts {
  const [ruleHolders, inStages] = [holders, stageContacts].map((one) => new Map(Object.entries(one)));
  return { contacts, ruleHolders: ruleHolders ?? new Map(), stageContacts: inStages ?? new Map() };
}

describe('warnAboutCounts', () => {
  it('tells active rules that nobody holds and stages that nobody has reached', () => {
    expect(warnAboutCounts(model, counts({ open: 3, visit: 0 }, { cold: 40 }))).toEqual([
      {
        code: 'STAGE_REACHED_BY_NOBODY',
        message:
          'None of 40 contacts has reached "Warm", which begins at 20. ' +
          'Lower its minScore, or check that the rules give enough points.',
        path: 'stages.1.minScore',
        ruleKey: null,
        scoreSet: null,
        stage: 'warm',
        suggestion: null,
      },
      expect.objectContaining({ code: 'STAGE_REACHED_BY_NOBODY', stage: 'hot' }),
      {
        code: 'RULE_MET_BY_NOBODY',
        message:
          'None of 40 contacts meets this rule. Check its conditions, or switch it off until there are contacts for it.',
        path: 'scoreSets.0.rules.1',
        ruleKey: 'visit',
        scoreSet: 'behaviour',
        stage: null,
        suggestion: null,
      },
    ]);
  });

  it('counts who is in a later stage as one who has reached those before', () => {
    const warnings = warnAboutCounts(model, counts({ open: 1, visit: 1 }, { hot: 1 }));
    expect(warnings).toEqual([]);
  });

  it('says nothing when there are no contacts', () => {
    expect(warnAboutCounts(model, counts({}, {}, 0))).toEqual([]);
  });

  it('gives at most 200', () => {
    const many = modelOf(Array.from({ length: 300 }, (_, n) => rule(`rule${n}`)));
    expect(warnAboutCounts(many, counts({}, { hot: 1 }))).toHaveLength(WARNINGS_MAX);
  });
});
