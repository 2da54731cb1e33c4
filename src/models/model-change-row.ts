import type { ModelDiff } from '../scoring/diff-model.js';

/** What can be done to a model. */
export const MODEL_CHANGE_KINDS = [
  'CREATED',
  'CLONED',
  'IMPORTED',
  'PUBLISHED',
  'ROLLED_BACK',
  'DRAFT_SAVED',
  'DRAFT_REBASED',
  'DRAFT_DISCARDED',
  'SWITCHED_ON',
  'SWITCHED_OFF',
  'MADE_PRIMARY',
  'NO_LONGER_PRIMARY',
] as const;
export type ModelChangeKind = (typeof MODEL_CHANGE_KINDS)[number];

/** One entry of the log of what was done to models, without its diff. */
export interface ModelChangeRow {
  id: string;
  modelId: string;
  kind: ModelChangeKind;
  /** The version that it published; null when it published none. */
  version: number | null;
  changedBy: string;
  changedAtMs: number;
  message: string | null;
}

/** What a logged change did to the definition, or to the draft. */
export interface LoggedDiff {
  diff: ModelDiff;
  /** False when it was too large to be kept: it then names what changed without the single fields. */
  complete: boolean;
}
