import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Condition,
  Criterion,
  ModelDefinition,
  RuleDefinition,
} from '../../../src/scoring/model-definition.js';
import { normalizeModel } from '../../../src/scoring/normalize-model.js';
import { replayer } from '../../../src/scoring/replay.js';
import type { TimelineEntry } from '../../../src/scoring/timeline-entry.js';
import type { ModelWarning, ModelWarningCode } from '../../../src/scoring/warnings/model-warning.js';
import { warnAbout } from '../../../src/scoring/warnings/warn-about.js';
import { arbitraryCondition, arbitraryModel } from '../../support/arbitrary-model.js';
import { arbitraryInstant, arbitraryTimeline } from '../../support/arbitrary-timeline.js';
import { modelOf } from '../../support/scoring-kit.js';
import { LIST_KEYS } from '../../support/scoring-vocabulary.js';

/** More runs are asked for with PROPERTY_RUNS when hunting. */
const numRuns = Number(process.env.PROPERTY_RUNS ?? 300);

const SOLO_POINTS = 7;

/** A timeline, and instants at which to look at it. */
type History = [TimelineEntry[], number[]];

function arbitraryHistory(): fc.Arbitrary<History> {
  return fc.tuple(arbitraryTimeline(), fc.array(arbitraryInstant(), { minLength: 3 }));
}

/** The totals at every entry and instant of a history. */
function totalsOf(definition: ModelDefinition, [entries, instants]: History): number[] {
  const scoreAt = replayer(definition);
  return [...entries.map(({ atMs }) => atMs), ...instants].map((atMs) => scoreAt(entries, atMs).total);
}

/** What the rules alone make of a history. */
function byRules([entries, instants]: History): History {
  return [entries.filter(({ kind }) => kind !== 'adjustment'), instants];
}

/** The rule alone in a model, worth the same points on every occasion. */
function soloModel(model: ModelDefinition, rule: RuleDefinition): ModelDefinition {
  const { action, criteria, table } = rule;
  const alone: RuleDefinition = {
    key: 'rule',
    action: action && { actionType: action.actionType, where: action.where, points: SOLO_POINTS },
    criteria: criteria && { ...criteria, points: SOLO_POINTS },
    table: table && { ...table, rows: table.rows.map((row) => ({ ...row, points: SOLO_POINTS })) },
  };
  return modelOf([alone], { passiveActionTypes: model.passiveActionTypes });
}

function ruleOf(model: ModelDefinition, key: string | null): RuleDefinition {
  const rule = model.scoreSets.flatMap(({ rules }) => rules).find((one) => one.key === key);
  if (rule === undefined) throw new Error(`no rule ${key}`);
  return rule;
}

/** A model without some rule. */
function without(model: ModelDefinition, key: string | null): ModelDefinition {
  const scoreSets = model.scoreSets.map((set) => ({
    ...set,
    rules: set.rules.filter((rule) => rule.key !== key),
  }));
  return { ...model, scoreSets };
}

/** Checks every warning of a code in random models, and that there were such warnings at all. */
function checkEach(
  code: ModelWarningCode,
  models: fc.Arbitrary<ModelDefinition>,
  check: (warning: ModelWarning, model: ModelDefinition, history: History) => void,
): void {
  let warned = 0;
  fc.assert(
    fc.property(models, arbitraryHistory(), (definition, history) => {
      const model = normalizeModel(definition);
      for (const warning of warnAbout(model, null).filter((one) => one.code === code)) {
        warned++;
        check(warning, model, history);
      }
    }),
    { numRuns },
  );
  expect(warned).toBeGreaterThan(numRuns / 20);
}

/** A model whose rules ask for activities and inactivity in ways that easily contradict each other. */
function contradictingModel(): fc.Arbitrary<ModelDefinition> {
  const days = fc.constantFrom(1, 2, 3);
  const activity = fc.record({
    actionType: fc.constantFrom('email_opened', 'email_bounced', 'email_*', '*'),
    atLeast: fc.constantFrom(null, 2),
    withinDays: fc.oneof(fc.constant(null), days),
    where: fc.array(
      arbitraryCondition().map((one) => ({ ...one, property: 'minutes' })),
      { maxLength: 1 },
    ),
  });
  const leaf: fc.Arbitrary<Criterion> = fc.oneof(
    activity.map((one) => ({ activity: one })),
    days.map((idle) => ({ inactivity: { days: idle } })),
    fc.constantFrom(...LIST_KEYS).map((key) => ({ list: { key } })),
  );
  const part = fc.oneof(
    leaf,
    leaf.map((not) => ({ not })),
  );
  const branch = fc.array(part, { minLength: 2, maxLength: 4 }).map((all) => ({ all }));
  const when = fc.oneof(
    branch,
    fc.tuple(branch, branch, part).map(([one, other, all]) => ({ all: [all, { any: [one, other] }] })),
  );
  const passive = fc.constantFrom<string[] | null>(null, [], ['email_bounced']);
  return fc.tuple(fc.array(when, { minLength: 8 }), passive).map(([criteria, passiveActionTypes]) => {
    const rules = criteria.map((one, index) => ({ key: `rule${index}`, criteria: { when: one, points: 5 } }));
    return modelOf(rules, { passiveActionTypes });
  });
}

/** Models whose rules each ask several things of one attribute or property. */
function demandingModel(): fc.Arbitrary<ModelDefinition> {
  const demands = fc.infiniteStream(fc.array(arbitraryCondition(), { minLength: 2, maxLength: 3 }));
  return fc.tuple(arbitraryModel(), demands).map(([model, stream]) => {
    const demanding = (rule: RuleDefinition): RuleDefinition => {
      const conditions: Condition[] = stream.next().value ?? [];
      const all = conditions.map((one) => ({ attribute: { ...one, attribute: 'jobTitle' } }));
      const where = conditions.map((one) => ({ ...one, property: 'minutes' }));
      return {
        ...rule,
        criteria: rule.criteria && { ...rule.criteria, when: { all } },
        action: rule.action && { ...rule.action, where },
      };
    };
    const scoreSets = model.scoreSets.map((set) => ({ ...set, rules: set.rules.map(demanding) }));
    return { ...model, scoreSets };
  });
}

/** Models whose caps and bounds are often as low as they can be. */
function tightModel(): fc.Arbitrary<ModelDefinition> {
  const tight = fc.infiniteStream(fc.nat(9));
  return fc.tuple(arbitraryModel(), tight).map(([model, choices]) => {
    const isChosen = () => (choices.next().value ?? 0) === 0;
    return {
      ...model,
      dimensions: model.dimensions.map((dimension) => {
        if (isChosen()) return { ...dimension, maxPoints: dimension.minPoints ?? 0 };
        if (isChosen()) return { ...dimension, minPoints: -30, maxPoints: -5 };
        return isChosen() ? { ...dimension, weight: 0 } : dimension;
      }),
      scoreSets: model.scoreSets.map((set) => ({
        ...(isChosen() ? { ...set, maxPoints: 0 } : set),
        rules: set.rules.map((rule) => (isChosen() ? { ...rule, maxPoints: 0 } : rule)),
      })),
    };
  });
}

/** Models with few rules, which seldom reach their stages, and bounds that leave some stages out. */
function modestModel(): fc.Arbitrary<ModelDefinition> {
  const minScore = fc.constantFrom(-10, 0, 25);
  return fc.tuple(arbitraryModel(), minScore, fc.nat(2)).map(([model, min, count]) => ({
    ...model,
    minScore: min,
    stages: [
      { key: 'low', name: 'Low', minScore: -5 },
      { key: 'cold', name: 'Cold', minScore: 0.5 },
      { key: 'mild', name: 'Mild', minScore: 9.2 },
      { key: 'warm', name: 'Warm', minScore: 9.9 },
      { key: 'hot', name: 'Hot', minScore: 60.5, hot: true },
    ],
    scoreSets: model.scoreSets.slice(0, 1).map((set) => ({ ...set, rules: set.rules.slice(0, 1 + count) })),
  }));
}

/** Models in which rules come again under another key. */
function repetitiveModel(): fc.Arbitrary<ModelDefinition> {
  return arbitraryModel().map((model) => {
    const rules = model.scoreSets
      .flatMap((set) => set.rules)
      .map((rule) => ({ ...rule, key: `${rule.key}-again` }));
    return { ...model, scoreSets: [...model.scoreSets, { key: 'again', rules }] };
  });
}

describe('no history contradicts the warning', () => {
  it.each([
    ['contradicting', contradictingModel()],
    ['demanding', demandingModel()],
  ])('RULE_NEVER_HOLDS: the rule gives nothing (%s)', (_, models) => {
    checkEach('RULE_NEVER_HOLDS', models, ({ ruleKey, path }, model, history) => {
      if (/\.\d+$/.test(path)) return;
      const totals = totalsOf(soloModel(model, ruleOf(model, ruleKey)), byRules(history));
      expect(totals.filter((total) => total !== 0)).toEqual([]);
    });
  });

  it('RULE_NEVER_HOLDS: a row or case could as well not be there', () => {
    checkEach('RULE_NEVER_HOLDS', arbitraryModel(), ({ ruleKey, path }, model, history) => {
      const index = /\.(?:rows|cases)\.(\d+)$/.exec(path)?.[1];
      if (index === undefined) return;
      const { action, table, ...rule } = ruleOf(model, ruleKey);
      const rows = table?.rows.filter((_, row) => row !== Number(index)) ?? [];
      const cases = action?.pointsBy?.cases.filter((_, row) => row !== Number(index)) ?? [];
      const shorter: RuleDefinition = {
        ...rule,
        table: table && { ...table, rows },
        action: action && { ...action, pointsBy: action.pointsBy && { ...action.pointsBy, cases } },
      };
      const longer = { ...rule, action, table };
      expect(totalsOf(modelOf([shorter]), history)).toEqual(totalsOf(modelOf([longer]), history));
    });
  });

  it('RULE_HOLDS_ONLY_FOR_LISTS: the rule gives nothing when there are no lists', () => {
    checkEach('RULE_HOLDS_ONLY_FOR_LISTS', demandingModel(), ({ ruleKey }, model, history) => {
      const [entries, instants] = byRules(history);
      const totals = totalsOf(soloModel(model, ruleOf(model, ruleKey)), [
        entries.map(withoutLists),
        instants,
      ]);
      expect(totals.filter((total) => total !== 0)).toEqual([]);
    });
  });

  it('RULE_REPEATS_ANOTHER: both rules count on the same occasions', () => {
    checkEach('RULE_REPEATS_ANOTHER', repetitiveModel(), ({ ruleKey, suggestion }, model, history) => {
      const [one, other] = [ruleKey, suggestion].map((key) => soloModel(model, ruleOf(model, key)));
      expect(totalsOf(one as ModelDefinition, history)).toEqual(totalsOf(other as ModelDefinition, history));
    });
  });

  it('RULE_SWALLOWED_BY_CAP: the total is the same without the rule', () => {
    checkEach('RULE_SWALLOWED_BY_CAP', tightModel(), ({ ruleKey }, model, history) => {
      expect(totalsOf(without(model, ruleKey), history)).toEqual(totalsOf(model, history));
    });
  });

  it.each(['STAGES_OVERLAP', 'STAGE_OUT_OF_REACH'] as const)('%s: nobody is in the stage', (code) => {
    checkEach(code, modestModel(), ({ stage }, model, history) => {
      const [entries, instants] = byRules(history);
      const scoreAt = replayer(model);
      const index = model.stages.findIndex(({ key }) => key === stage);
      for (const atMs of [...entries.map((entry) => entry.atMs), ...instants]) {
        expect(scoreAt(entries, atMs).stage).not.toBe(index);
      }
    });
  });
});

/** The entry with `cto` instead of every list. */
function withoutLists(entry: TimelineEntry): TimelineEntry {
  return JSON.parse(JSON.stringify(entry, (_, value) => (Array.isArray(value) ? 'cto' : value)));
}
