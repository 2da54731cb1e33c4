import { daysToMs } from '../duration.js';
import type {
  ActionRuleDefinition,
  ModelDefinition,
  RecencyStepDefinition,
  RuleDefinition,
  TableRuleDefinition,
} from '../model-definition.js';

/** What a rule can give: the most positive points at one time, and whether it can take points off. */
export interface PointsRange {
  /** 0 when it never gives any; Infinity when nothing bounds them. Before the rule's own cap. */
  positiveMax: number;
  takesOff: boolean;
}

/** What a rule can give, worked out from its points alone. @param rule normalised */
export function pointsRangeOf(
  { action, criteria, table }: RuleDefinition,
  model: ModelDefinition,
): PointsRange {
  if (action) return awardedRange(action, model.recency ?? []);
  if (criteria) return { positiveMax: Math.max(0, criteria.points), takesOff: criteria.points < 0 };
  return table ? tableRange(table) : { positiveMax: 0, takesOff: false };
}

function tableRange({ match, rows }: TableRuleDefinition): PointsRange {
  const positive = rows.map(({ points }) => Math.max(0, points));
  const positiveMax =
    match === 'SUM' ? positive.reduce((sum, points) => sum + points, 0) : Math.max(0, ...positive);
  return { positiveMax, takesOff: rows.some(({ points }) => points < 0) };
}

function awardedRange(action: ActionRuleDefinition, recency: readonly RecencyStepDefinition[]): PointsRange {
  const bases = [action.points, ...(action.pointsBy?.cases ?? []).map(({ points }) => points)];
  const baseMax = Math.max(0, ...bases) * Math.max(1, action.repeat?.multiplier ?? 1);
  const awardMax = action.recency === false ? baseMax : baseMax * recencyMax(recency);
  return {
    positiveMax: awardMax === 0 ? 0 : awardMax * awardsMax(action),
    takesOff: bases.some((points) => points < 0),
  };
}

function recencyMax(recency: readonly RecencyStepDefinition[]): number {
  const isWhole = recency.some(({ withinHours }) => typeof withinHours !== 'number');
  return Math.max(isWhole ? 0 : 1, ...recency.map(({ multiplier }) => multiplier));
}

/** How many awards a rule can hold at one time. A limit in a window bounds them only when they expire. */
function awardsMax({ limit, expiresAfterDays }: ActionRuleDefinition): number {
  if (!limit) return Number.POSITIVE_INFINITY;
  if (typeof limit.perDays !== 'number') return limit.maxAwards;
  if (typeof expiresAfterDays !== 'number') return Number.POSITIVE_INFINITY;
  return limit.maxAwards * Math.ceil(daysToMs(expiresAfterDays) / daysToMs(limit.perDays));
}
