import type { JsonValue } from './json-value.js';
import type {
  ActionRuleDefinition,
  Operator,
  RuleDefinition,
  StageDefinition,
  TableRow,
} from './model-definition.js';

/** What an action rule of a preset adds to its type and points. */
export type ActionExtras = Omit<ActionRuleDefinition, 'actionType' | 'points'>;

/** A rule that gives points for each action of a type; its key is the type unless another is given. */
export function actionRule(
  actionType: string,
  name: string,
  points: number,
  extras: ActionExtras & { key?: string } = {},
): RuleDefinition {
  const { key = actionType, ...rest } = extras;
  return { key, name, action: { actionType, points, ...rest } };
}

/** A rule that looks points up from an attribute. */
export function tableRule(key: string, name: string, attribute: string, rows: TableRow[]): RuleDefinition {
  return { key, name, table: { attribute, match: 'FIRST', rows } };
}

/** One row of a table. */
export function row(operator: Operator, value: JsonValue, points: number): TableRow {
  return { operator, value, points };
}

/** A rule that takes points while the contact has been idle for so many days. */
export function idleRule(days: number, points: number): RuleDefinition {
  return {
    key: `inactive_${days}_days`,
    name: `No activity for ${days} days`,
    criteria: { when: { inactivity: { days } }, points },
  };
}

/** The four stages all presets share. */
export function presetStages(): StageDefinition[] {
  return [
    { key: 'cold', name: 'Cold lead', minScore: 0, hot: false },
    { key: 'nurture', name: 'Nurture', minScore: 26, hot: false },
    { key: 'mql', name: 'Marketing qualified lead', minScore: 51, hot: false },
    { key: 'sql', name: 'Sales qualified lead', minScore: 76, hot: true },
  ];
}

/** Words in a job title that tell somebody who decides. */
export const DECISION_MAKER_TITLES = [
  'ceo',
  'cto',
  'cfo',
  'coo',
  'cmo',
  'cio',
  'chief',
  'founder',
  'cofounder',
  'owner',
  'president',
  'partner',
  'managing_director',
  'vp',
  'svp',
  'evp',
  'vice_president',
  'director',
  'head_of',
];
