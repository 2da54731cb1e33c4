import fc from 'fast-check';
import type { JsonValue } from '../../src/scoring/json-value.js';
import type {
  ActionRuleDefinition,
  Condition,
  Criterion,
  ModelDefinition,
  RecencyStepDefinition,
  RuleDefinition,
  ScoreSetDefinition,
  TableRuleDefinition,
} from '../../src/scoring/model-definition.js';
import { ACTION_TYPES, ATTRIBUTE_PATHS, LIST_KEYS, PROPERTY_PATHS, VALUES } from './scoring-vocabulary.js';

/**
 * Valid models over the small vocabulary that `arbitraryTimeline` uses too, so that rules meet entries, with short
 * durations in whole hours and days, so that boundaries coincide.
 */
export function arbitraryModel(): fc.Arbitrary<ModelDefinition> {
  const parts = fc.record({
    minScore: fc.constantFrom(0, 0, -20),
    maxScore: fc.constantFrom(100, 100, 60),
    dimensions: fc.array(arbitraryAxis(), { minLength: 1, maxLength: 3 }),
    decay: oneIn(2, arbitraryDecay()),
    recency: oneIn(2, arbitraryRecency()),
    passiveActionTypes: fc.constantFrom<string[] | null>(null, [], ['email_bounced', 'page']),
    scoreSets: fc.array(arbitrarySet(), { minLength: 1, maxLength: 4 }),
  });
  return parts.map(({ dimensions, scoreSets, ...rest }) => ({
    key: 'model',
    name: 'Model',
    ...rest,
    dimensions: dimensions.map((axis, i) => ({ key: `d${i}`, name: `Dimension ${i}`, ...axis })),
    stages: [
      { key: 'cold', name: 'Cold', minScore: 0 },
      { key: 'warm', name: 'Warm', minScore: 20 },
      { key: 'hot', name: 'Hot', minScore: 50, hot: true },
    ],
    scoreSets: scoreSets.map((set, s) => placeSet(set, s, dimensions.length)),
  }));
}

type UnplacedSet = Omit<ScoreSetDefinition, 'key' | 'dimension' | 'rules'> & {
  axis: number;
  rules: Omit<RuleDefinition, 'key'>[];
};

function placeSet(
  { axis, rules, ...set }: UnplacedSet,
  index: number,
  dimensionCount: number,
): ScoreSetDefinition {
  return {
    key: `s${index}`,
    ...set,
    dimension: axis < 0 ? null : `d${axis % dimensionCount}`,
    rules: rules.map((rule, r) => ({ key: `s${index}r${r}`, ...rule })),
  };
}

function arbitraryAxis() {
  const labels = [
    { label: 'B', minPoints: 5 },
    { label: 'A', minPoints: 15.5 },
  ];
  return fc.record({
    minPoints: fc.constantFrom(0, 0, -15),
    maxPoints: fc.constantFrom(20, 40, 100),
    weight: fc.constantFrom(1, 1, 0.5, 2, -0.5),
    labels: fc.constantFrom(null, labels),
  });
}

function arbitraryDecay() {
  return fc.record({
    ratePercent: fc.constantFrom(5, 10, 50, 100, 0),
    intervalDays: fc.constantFrom(1, 2, 7, 0.125),
    minScore: fc.constantFrom(null, 0, 12),
  });
}

function arbitraryRecency(): fc.Arbitrary<RecencyStepDefinition[]> {
  return fc.constantFrom<RecencyStepDefinition[]>(
    [{ withinHours: 24, multiplier: 2 }, { withinHours: 72, multiplier: 1.5 }, { multiplier: 0.5 }],
    [
      { withinHours: 12, multiplier: 1 },
      { withinHours: 48, multiplier: 3 },
    ],
    [{ withinHours: 24, multiplier: 0 }, { multiplier: 1.25 }],
    [],
  );
}

function arbitrarySet(): fc.Arbitrary<UnplacedSet> {
  return fc.record({
    axis: fc.integer({ min: -1, max: 2 }),
    active: fc.constantFrom(true, true, true, false),
    maxPoints: fc.constantFrom(null, null, 15, 30),
    rules: fc.array(arbitraryRule(), { minLength: 1, maxLength: 4 }),
  });
}

const points = fc.constantFrom(5, 10, 3.3, 27, -4, -12.5, 0);
const days = fc.constantFrom(0.5, 1, 2, 3, 10);

function arbitraryRule(): fc.Arbitrary<Omit<RuleDefinition, 'key'>> {
  const shared = {
    active: fc.constantFrom(true, true, true, true, false),
    maxPoints: fc.constantFrom(null, null, null, 12, 25),
  };
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ ...shared, action: arbitraryAction() }) },
    {
      weight: 2,
      arbitrary: fc.record({ ...shared, criteria: fc.record({ when: arbitraryCriterion(), points }) }),
    },
    { weight: 1, arbitrary: fc.record({ ...shared, table: arbitraryTable() }) },
  );
}

function arbitraryAction(): fc.Arbitrary<ActionRuleDefinition> {
  return fc.record({
    actionType: arbitraryActionType(),
    where: oneIn(4, arbitraryWhere()),
    points,
    pointsBy: oneIn(
      4,
      fc.record({
        property: fc.constantFrom(...PROPERTY_PATHS),
        cases: fc.array(worth(), { minLength: 1, maxLength: 2 }),
      }),
    ),
    repeat: oneIn(3, fc.record({ multiplier: fc.constantFrom(1.5, 0, 2), withinDays: days })),
    limit: oneIn(
      3,
      fc.record({ maxAwards: fc.integer({ min: 1, max: 3 }), perDays: fc.constantFrom(null, 1, 3) }),
    ),
    decays: fc.constantFrom(null, null, true, false),
    recency: fc.constantFrom(null, null, true, false),
    expiresAfterDays: oneIn(2, days),
    setScoreTo: oneIn(8, fc.constantFrom(0, 10, 55)),
  });
}

/** Null but for one time in so many. */
function oneIn<T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

function arbitraryActionType(): fc.Arbitrary<string> {
  return fc.constantFrom(...ACTION_TYPES, 'email_*', '*');
}

function arbitraryWhere() {
  const condition = fc
    .tuple(fc.constantFrom(...PROPERTY_PATHS), arbitraryCondition())
    .map(([property, rest]) => ({ property, ...rest }));
  return fc.array(condition, { maxLength: 1 });
}

function worth() {
  return fc.tuple(arbitraryCondition(), points).map(([condition, worthPoints]) => ({
    ...condition,
    points: worthPoints,
  }));
}

/** Any operator with an operand that fits it. */
export function arbitraryCondition(): fc.Arbitrary<Condition> {
  const scalar = fc.constantFrom<JsonValue>(...VALUES.scalars);
  const needle = fc.constantFrom<JsonValue>(...VALUES.needles, [...VALUES.needles]);
  const ordered = fc.constantFrom<JsonValue>(...VALUES.ordered);
  return fc.oneof(
    fc.record({ operator: fc.constantFrom('EQUALS' as const, 'NOT_EQUALS' as const), value: scalar }),
    fc.record({
      operator: fc.constantFrom('IN' as const, 'NOT_IN' as const),
      value: fc.array(scalar, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      operator: fc.constantFrom(
        'CONTAINS' as const,
        'NOT_CONTAINS' as const,
        'STARTS_WITH' as const,
        'ENDS_WITH' as const,
        'MATCHES_WORD' as const,
      ),
      value: needle,
    }),
    fc.record({
      operator: fc.constantFrom('GT' as const, 'GTE' as const, 'LT' as const, 'LTE' as const),
      value: ordered,
    }),
    fc.constantFrom<Condition>(
      { operator: 'BETWEEN', value: [5, 50] },
      { operator: 'EXISTS' },
      { operator: 'NOT_EXISTS' },
    ),
  );
}

function arbitraryCriterion(): fc.Arbitrary<Criterion> {
  return fc.letrec<{ tree: Criterion; leaf: Criterion }>((tie) => ({
    leaf: fc.oneof(
      fc
        .tuple(fc.constantFrom(...ATTRIBUTE_PATHS), arbitraryCondition())
        .map(([attribute, rest]) => ({ attribute: { attribute, ...rest } })),
      fc
        .record({
          actionType: arbitraryActionType(),
          where: oneIn(4, arbitraryWhere()),
          atLeast: fc.constantFrom(null, 2, 3),
          withinDays: oneIn(2, days),
        })
        .map((activity) => ({ activity })),
      days.map((idle) => ({ inactivity: { days: idle } })),
      fc.constantFrom(...LIST_KEYS).map((key) => ({ list: { key } })),
    ),
    tree: fc.oneof(
      { maxDepth: 2 },
      tie('leaf'),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('tree').map((not) => ({ not })),
    ),
  })).tree;
}

function arbitraryTable(): fc.Arbitrary<TableRuleDefinition> {
  return fc.record({
    attribute: fc.constantFrom(...ATTRIBUTE_PATHS),
    match: fc.constantFrom(null, 'FIRST' as const, 'HIGHEST' as const, 'SUM' as const),
    rows: fc.array(worth(), { minLength: 1, maxLength: 4 }),
  });
}
