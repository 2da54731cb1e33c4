import {
  type ActionRuleDefinition,
  type ActivityCondition,
  type Condition,
  type Criterion,
  DEFAULT_PASSIVE_ACTION_TYPES,
  type DimensionDefinition,
  type ModelDefinition,
  type RuleDefinition,
  type ScoreSetDefinition,
  type TableRuleDefinition,
} from './model-definition.js';

/**
 * Fills in every default, so that a stored definition reads complete; optional parts that have none and are absent or
 * null are left out. Plain JSON comes out that shares nothing with the input, and normalising it again changes nothing.
 * @param input a model without faults.
 */
export function normalizeModel(input: ModelDefinition): ModelDefinition {
  return withoutAbsent({
    key: input.key,
    name: input.name,
    description: input.description,
    minScore: input.minScore ?? 0,
    maxScore: input.maxScore ?? 100,
    dimensions: input.dimensions.map(normalizeDimension),
    decay: input.decay && {
      ratePercent: input.decay.ratePercent,
      intervalDays: input.decay.intervalDays,
      minScore: input.decay.minScore ?? 0,
    },
    recency: (input.recency ?? []).map(({ withinHours, multiplier }) =>
      withoutAbsent({ withinHours, multiplier }),
    ),
    passiveActionTypes: [...(input.passiveActionTypes ?? DEFAULT_PASSIVE_ACTION_TYPES)],
    stages: input.stages.map(({ key, name, minScore, hot }) => ({ key, name, minScore, hot: hot ?? false })),
    scoreSets: input.scoreSets.map(normalizeScoreSet),
  });
}

/** One score set with its defaults. */
export function normalizeScoreSet(set: ScoreSetDefinition): ScoreSetDefinition {
  return withoutAbsent({
    key: set.key,
    name: set.name ?? set.key,
    dimension: set.dimension,
    active: set.active ?? true,
    maxPoints: set.maxPoints,
    rules: set.rules.map(normalizeRule),
  });
}

/** One rule with its defaults. */
export function normalizeRule(rule: RuleDefinition): RuleDefinition {
  return withoutAbsent({
    key: rule.key,
    name: rule.name ?? rule.key,
    description: rule.description,
    active: rule.active ?? true,
    maxPoints: rule.maxPoints,
    action: rule.action && normalizeAction(rule.action),
    criteria: rule.criteria && { when: normalizeCriterion(rule.criteria.when), points: rule.criteria.points },
    table: rule.table && normalizeTable(rule.table),
  });
}

function normalizeDimension(dimension: DimensionDefinition): DimensionDefinition {
  return {
    key: dimension.key,
    name: dimension.name ?? dimension.key,
    minPoints: dimension.minPoints ?? 0,
    maxPoints: dimension.maxPoints,
    weight: dimension.weight ?? 1,
    labels: (dimension.labels ?? []).map(({ label, minPoints }) => ({ label, minPoints })),
  };
}

function normalizeAction(action: ActionRuleDefinition): ActionRuleDefinition {
  return withoutAbsent({
    actionType: action.actionType,
    where: (action.where ?? []).map(({ property, ...rest }) => ({ property, ...normalizeCondition(rest) })),
    points: action.points,
    pointsBy: action.pointsBy && {
      property: action.pointsBy.property,
      cases: action.pointsBy.cases.map(({ points, ...rest }) => ({ ...normalizeCondition(rest), points })),
    },
    repeat: action.repeat && {
      multiplier: action.repeat.multiplier,
      withinDays: action.repeat.withinDays ?? 30,
    },
    limit:
      action.limit && withoutAbsent({ maxAwards: action.limit.maxAwards, perDays: action.limit.perDays }),
    decays: action.decays,
    recency: action.recency,
    expiresAfterDays: action.expiresAfterDays,
    setScoreTo: action.setScoreTo,
  });
}

function normalizeTable(table: TableRuleDefinition): TableRuleDefinition {
  return {
    attribute: table.attribute,
    match: table.match ?? 'FIRST',
    rows: table.rows.map(({ points, ...rest }) => ({ ...normalizeCondition(rest), points })),
  };
}

function normalizeCriterion(criterion: Criterion): Criterion {
  if (criterion.all) return { all: criterion.all.map(normalizeCriterion) };
  if (criterion.any) return { any: criterion.any.map(normalizeCriterion) };
  if (criterion.not) return { not: normalizeCriterion(criterion.not) };
  if (criterion.attribute) {
    const { attribute, ...rest } = criterion.attribute;
    return { attribute: { attribute, ...normalizeCondition(rest) } };
  }
  if (criterion.activity) return { activity: normalizeActivity(criterion.activity) };
  if (criterion.inactivity) return { inactivity: { days: criterion.inactivity.days } };
  return { list: { key: criterion.list?.key ?? '' } };
}

function normalizeActivity(activity: ActivityCondition): ActivityCondition {
  return withoutAbsent({
    actionType: activity.actionType,
    where: (activity.where ?? []).map(({ property, ...rest }) => ({ property, ...normalizeCondition(rest) })),
    atLeast: activity.atLeast ?? 1,
    withinDays: activity.withinDays,
  });
}

function normalizeCondition(condition: Condition): Condition {
  const { operator, value } = condition;
  return value === undefined || value === null ? { operator } : { operator, value: structuredCopy(value) };
}

function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** The same object without its keys that are undefined or null. */
function withoutAbsent<T extends object>(object: T): T {
  const present = Object.entries(object).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(present) as T;
}
