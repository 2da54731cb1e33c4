import type { AttributeCondition } from '../scoring/model-definition.js';

/** Which contacts are meant: every given part must hold. Absent and null mean the same: not given. */
export interface ContactFilter {
  /** The model that the score parts ask about; that of the enclosing filter, at the top the primary one, when absent. */
  modelId?: string | null;
  minTotal?: number | null;
  maxTotal?: number | null;
  /** Stage keys. */
  stages?: string[] | null;
  labels?: string[] | null;
  dimension?: DimensionRange | null;
  attribute?: AttributeCondition | null;
  /** Key of a list. */
  list?: string | null;
  segmentId?: string | null;
  ownerIds?: string[] | null;
  /** Words, each of which occurs in name, email or company. */
  text?: string | null;
  activeSince?: Date | null;
  inactiveSince?: Date | null;
  all?: ContactFilter[] | null;
  any?: ContactFilter[] | null;
  not?: ContactFilter | null;
}

/** Points of one dimension, both ends included; at least one of them is given. */
export interface DimensionRange {
  key: string;
  min?: number | null;
  max?: number | null;
}

/** Filters within filters, the outermost included. */
export const FILTER_DEPTH_MAX = 8;
/** Conditions and nested filters of one filter altogether. */
export const FILTER_PARTS_MAX = 100;
/** Entries of a list in a filter: stages, labels, owners. */
export const FILTER_VALUES_MAX = 500;
/** Characters of any text in a filter. */
export const FILTER_TEXT_CHARS_MAX = 1_024;
/** Words of `text`. */
export const FILTER_WORDS_MAX = 10;
