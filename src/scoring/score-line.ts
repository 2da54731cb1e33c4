/** What a line of an explanation stands for. */
export const SCORE_LINE_KINDS = ['RULE', 'ADJUSTMENT', 'CAP', 'RESET', 'CLAMP', 'ROUNDING'] as const;
export type ScoreLineKind = (typeof SCORE_LINE_KINDS)[number];

/** Which cap or clamp a CAP or CLAMP line speaks of. */
export const SCORE_LINE_SCOPES = ['RULE', 'SET', 'DIMENSION', 'SCORE', 'DECAY_FLOOR'] as const;
export type ScoreLineScope = (typeof SCORE_LINE_SCOPES)[number];

/**
 * One line of an explanation. `points` are already times the dimension's weight, rounded to 1e-6; the lines of one
 * explanation add up to the total.
 */
export interface ScoreLine {
  kind: ScoreLineKind;
  ruleKey?: string;
  title: string;
  /** Key of the dimension the points go into; absent for the overall score. */
  dimension?: string;
  points: number;
  /** How many awards (or adjustments) the line holds. */
  awards?: number;
  lastAwardAtMs?: number;
  /** When the next of them expires. */
  expiresAtMs?: number;
  /** CAP and CLAMP lines: what is capped or clamped. */
  scope?: ScoreLineScope;
  /** CAP lines of a score set: its key. */
  scoreSet?: string;
}
