/** What a model can be warned of. */
export const MODEL_WARNING_CODES = [
  'RULE_NEVER_HOLDS',
  'RULE_HOLDS_ONLY_FOR_LISTS',
  'RULE_MET_BY_NOBODY',
  'RULE_REPEATS_ANOTHER',
  'RULE_SWALLOWED_BY_CAP',
  'UNKNOWN_ACTION_TYPE',
  'UNKNOWN_ATTRIBUTE',
  'STAGES_OVERLAP',
  'STAGE_OUT_OF_REACH',
  'STAGE_REACHED_BY_NOBODY',
] as const;
export type ModelWarningCode = (typeof MODEL_WARNING_CODES)[number];

/** How many warnings are given at most; what comes after them is left out. */
export const WARNINGS_MAX = 200;

/** Something in a model without faults that is most likely not meant. */
export interface ModelWarning {
  code: ModelWarningCode;
  /** Says what is the matter and what to do about it. */
  message: string;
  /** Where in the definition: `scoreSets.0.rules.2.criteria.when`. */
  path: string;
  /** Key of the rule it is about; null when it is about none. */
  ruleKey: string | null;
  /** Key of the score set it is about; null when it is about none. */
  scoreSet: string | null;
  /** Key of the stage it is about; null when it is about none. */
  stage: string | null;
  /** What may have been meant: a known action type or attribute, or the key of the rule that is repeated. */
  suggestion: string | null;
}

/** What the data of a tenant has. An empty set says nothing: no name is unknown then. */
export interface SeenUse {
  /** Those of all recorded actions. */
  actionTypes: ReadonlySet<string>;
  /** By their top-level name: all standard ones, filled or not, and the custom ones that some contact has. */
  attributes: ReadonlySet<string>;
}

/** Who meets a model, as counted at one instant. */
export interface ModelCounts {
  /** All contacts counted. */
  contacts: number;
  /** Contacts that hold a rule, by the rule's key; a rule that is absent is held by nobody. */
  ruleHolders: ReadonlyMap<string, number>;
  /** Contacts in a stage, by the stage's key; a stage that is absent has nobody. */
  stageContacts: ReadonlyMap<string, number>;
}
