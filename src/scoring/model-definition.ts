import type { JsonValue } from './json-value.js';

/** Action types that are no activity of the contact unless a model says otherwise: they never stop decay. */
export const DEFAULT_PASSIVE_ACTION_TYPES: readonly string[] = [
  'email_sent',
  'email_delivered',
  'email_bounced',
  'email_bounced_hard',
  'email_bounced_soft',
  'marked_spam',
  'unsubscribed',
];

/** A scoring model as its authors write it. Optional parts have the defaults of `normalizeModel`. */
export interface ModelDefinition {
  key: string;
  name: string;
  description?: string | null;
  /** Points; 0 when absent. */
  minScore?: number | null;
  /** Points; 100 when absent. */
  maxScore?: number | null;
  dimensions: DimensionDefinition[];
  decay?: DecayDefinition | null;
  recency?: RecencyStepDefinition[] | null;
  /** `DEFAULT_PASSIVE_ACTION_TYPES` when absent. */
  passiveActionTypes?: string[] | null;
  stages: StageDefinition[];
  scoreSets: ScoreSetDefinition[];
}

/** One axis of the score, such as engagement or fit. */
export interface DimensionDefinition {
  key: string;
  name?: string | null;
  /** Points; 0 when absent. */
  minPoints?: number | null;
  maxPoints: number;
  /** Factor on the way into the total; 1 when absent. */
  weight?: number | null;
  labels?: LabelDefinition[] | null;
}

/** The label of a dimension from `minPoints` on. */
export interface LabelDefinition {
  label: string;
  minPoints: number;
}

/** Awards lose `ratePercent` for each whole `intervalDays` without activity; the score stays at `minScore`. */
export interface DecayDefinition {
  ratePercent: number;
  intervalDays: number;
  /** Points; 0 when absent. */
  minScore?: number | null;
}

/** Awards younger than `withinHours` are multiplied; the step without `withinHours` is the rest. */
export interface RecencyStepDefinition {
  withinHours?: number | null;
  multiplier: number;
}

/** A stage of the funnel, from `minScore` on. */
export interface StageDefinition {
  key: string;
  name: string;
  minScore: number;
  hot?: boolean | null;
}

/** Rules that share a dimension (none: the overall score) and a cap on their positive points. */
export interface ScoreSetDefinition {
  key: string;
  name?: string | null;
  dimension?: string | null;
  active?: boolean | null;
  maxPoints?: number | null;
  rules: RuleDefinition[];
}

/** One rule; exactly one of `action`, `criteria` and `table` is given. `key` is unique in the model. */
export interface RuleDefinition {
  key: string;
  name?: string | null;
  description?: string | null;
  active?: boolean | null;
  maxPoints?: number | null;
  action?: ActionRuleDefinition | null;
  criteria?: CriteriaRuleDefinition | null;
  table?: TableRuleDefinition | null;
}

/** Each matching action earns an award. */
export interface ActionRuleDefinition {
  /** An exact type, a prefix with a star (`email_*`), or `*` for any activity. */
  actionType: string;
  where?: PropertyCondition[] | null;
  points: number;
  pointsBy?: PointsByDefinition | null;
  repeat?: RepeatDefinition | null;
  limit?: LimitDefinition | null;
  /** Whether decay works on the awards; absent: on positive awards only. */
  decays?: boolean | null;
  /** Whether recency works on the awards; absent: on positive awards only. */
  recency?: boolean | null;
  expiresAfterDays?: number | null;
  setScoreTo?: number | null;
}

/** An operator and its operand. */
export interface Condition {
  operator: Operator;
  value?: JsonValue;
}

/** A condition on a property of an action, named by its path. */
export interface PropertyCondition extends Condition {
  property: string;
}

/** Points by the first case that holds on one property. */
export interface PointsByDefinition {
  property: string;
  cases: PointsCase[];
}

/** One case of `pointsBy`. */
export interface PointsCase extends Condition {
  points: number;
}

/** The base is multiplied when the rule was matched before within `withinDays` (30 when absent). */
export interface RepeatDefinition {
  multiplier: number;
  withinDays?: number | null;
}

/** At most `maxAwards` in `perDays` (for ever, when absent). */
export interface LimitDefinition {
  maxAwards: number;
  perDays?: number | null;
}

/** Points while a condition holds. */
export interface CriteriaRuleDefinition {
  when: Criterion;
  points: number;
}

/** A tree of conditions; exactly one key is given. */
export interface Criterion {
  all?: Criterion[] | null;
  any?: Criterion[] | null;
  not?: Criterion | null;
  attribute?: AttributeCondition | null;
  activity?: ActivityCondition | null;
  inactivity?: InactivityCondition | null;
  list?: ListCondition | null;
}

/** A condition on one attribute, named by its path, as it stands. */
export interface AttributeCondition extends Condition {
  attribute: string;
}

/** At least `atLeast` (1) matching actions within `withinDays` (ever, when absent). */
export interface ActivityCondition {
  actionType: string;
  where?: PropertyCondition[] | null;
  atLeast?: number | null;
  withinDays?: number | null;
}

/** There was an activity, and the last one is at least `days` ago. */
export interface InactivityCondition {
  days: number;
}

/** Member of the list. */
export interface ListCondition {
  key: string;
}

/** Points looked up from one attribute; `match` is FIRST when absent. */
export interface TableRuleDefinition {
  attribute: string;
  match?: TableMatch | null;
  rows: TableRow[];
}

/** One row of a table. */
export interface TableRow extends Condition {
  points: number;
}

/** Which rows of a table count. */
export const TABLE_MATCHES = ['FIRST', 'HIGHEST', 'SUM'] as const;
export type TableMatch = (typeof TABLE_MATCHES)[number];

/** What a condition can ask of a value. */
export const OPERATORS = [
  'EQUALS',
  'NOT_EQUALS',
  'IN',
  'NOT_IN',
  'CONTAINS',
  'NOT_CONTAINS',
  'STARTS_WITH',
  'ENDS_WITH',
  'MATCHES_WORD',
  'GT',
  'GTE',
  'LT',
  'LTE',
  'BETWEEN',
  'EXISTS',
  'NOT_EXISTS',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** One fault of a model: where it is (`scoreSets.0.rules.2.key`) and what to do about it. */
export interface ModelFault {
  path: string;
  message: string;
}
