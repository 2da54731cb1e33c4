import type {
  DecayDefinition,
  DimensionDefinition,
  RecencyStepDefinition,
  RuleDefinition,
  ScoreSetDefinition,
  StageDefinition,
} from './model-definition.js';

/** One step of an edit; exactly one key is given. */
export interface ModelChange {
  /** Creates or replaces the set and its rules. */
  putScoreSet?: ScoreSetDefinition | null;
  removeScoreSet?: string | null;
  /** Creates, replaces or moves one rule. */
  putRule?: PutRule | null;
  removeRule?: string | null;
  setActive?: SetActive | null;
  settings?: ModelSettings | null;
}

export interface PutRule {
  scoreSet: string;
  rule: RuleDefinition;
}

/** Exactly one of `scoreSet` and `rule`. */
export interface SetActive {
  scoreSet?: string | null;
  rule?: string | null;
  active: boolean;
}

/** Absent keeps; null clears description, decay, recency and goes back to the default elsewhere. */
export interface ModelSettings {
  name?: string | null;
  description?: string | null;
  minScore?: number | null;
  maxScore?: number | null;
  dimensions?: DimensionDefinition[] | null;
  decay?: DecayDefinition | null;
  recency?: RecencyStepDefinition[] | null;
  passiveActionTypes?: string[] | null;
  stages?: StageDefinition[] | null;
}
