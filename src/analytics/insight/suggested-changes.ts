import type { ModelChange } from '../../scoring/model-change.js';
import type { ModelDefinition, RuleDefinition } from '../../scoring/model-definition.js';
import { roundPoints } from '../../scoring/points.js';

/**
 * What a rule gives when it is met once: the points of an action or a criterion; of a table, or of points by a property, the
 * case that gives or takes most. Null for a rule that resets the score: what it gives is no question of points.
 */
export function typicalPoints({ action, criteria, table }: RuleDefinition): number | null {
  if (action && typeof action.setScoreTo === 'number') return null;
  if (criteria) return criteria.points;
  if (table) return largest(table.rows.map(({ points }) => points));
  if (!action) return null;
  return largest([action.points, ...(action.pointsBy?.cases ?? []).map(({ points }) => points)]);
}

function largest(points: readonly number[]): number {
  return points.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0);
}

/** Suggested points of a rule. */
export interface RuleSuggestion {
  ruleKey: string;
  suggestedPoints: number;
}

/**
 * Changes of a model that give rules their suggested points. A rule with several cases, a table or points by a property, keeps
 * their proportions: all are multiplied alike, to 0.01 points. Rules that reset, or that stay as they are, are left out.
 */
export function suggestedChanges(
  { scoreSets }: ModelDefinition,
  suggestions: readonly RuleSuggestion[],
): ModelChange[] {
  const pointsOf = new Map(suggestions.map((one) => [one.ruleKey, one.suggestedPoints]));
  return scoreSets.flatMap(({ key, rules }) =>
    rules.flatMap((rule): ModelChange[] => {
      const [present, suggested] = [typicalPoints(rule), pointsOf.get(rule.key)];
      if (present === null || suggested === undefined || suggested === present) return [];
      return [{ putRule: { scoreSet: key, rule: withPoints(rule, present, suggested) } }];
    }),
  );
}

const HUNDREDTHS = 100;

function withPoints(rule: RuleDefinition, present: number, suggested: number): RuleDefinition {
  const scaled = (points: number) =>
    present === 0
      ? suggested
      : roundPoints(Math.round((points * suggested * HUNDREDTHS) / present) / HUNDREDTHS);
  const { action, criteria, table } = rule;
  if (criteria) return { ...rule, criteria: { ...criteria, points: suggested } };
  if (table) {
    const rows = table.rows.map((row) => ({ ...row, points: scaled(row.points) }));
    return { ...rule, table: { ...table, rows } };
  }
  if (!action) return rule;
  const points = scaled(action.points);
  if (!action.pointsBy) return { ...rule, action: { ...action, points } };
  const cases = action.pointsBy.cases.map((one) => ({ ...one, points: scaled(one.points) }));
  return { ...rule, action: { ...action, points, pointsBy: { ...action.pointsBy, cases } } };
}
