import type { ActivityCondition, AttributeCondition } from '../scoring/model-definition.js';

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
  /** A saved filter, which asks its own models whatever encloses it. */
  segmentId?: string | null;
  /** What the contact did, by its timeline. */
  activity?: ActivityCondition | null;
  ownerIds?: string[] | null;
  /** True: somebody owns the contact. */
  owned?: boolean | null;
  /** Words, each of which occurs in name, email or company, or nearly so. */
  text?: string | null;
  activeSince?: Date | null;
  inactiveSince?: Date | null;
  /** Last active less than so many days of 24 h ago. */
  activeWithinDays?: number | null;
  /** Not active for so many days of 24 h, or never. */
  inactiveForDays?: number | null;
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
/** Days that a relative part may look back. */
export const FILTER_DAYS_MAX = 36_500;

/** Every filter that a filter is made of, itself first; saved ones are not looked into. */
export function* partsOf(filter: ContactFilter): Generator<ContactFilter> {
  yield filter;
  for (const part of [...(filter.all ?? []), ...(filter.any ?? [])]) yield* partsOf(part);
  if (filter.not) yield* partsOf(filter.not);
}

/** Letters of a word that may be misspelt, at least and at most; `misspelling_likeness` in the database says the same. */
const MISSPELT_CHARS_MIN = 4;
const MISSPELT_CHARS_MAX = 60;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII but its letters
const NO_LETTER = /[\u0001-@[-`{-\u007f]/;

/** Whether a word is only ever taken literally: it is short, or has anything but letters in it. */
export function isLiteral(word: string): boolean {
  const { length } = [...word];
  return length < MISSPELT_CHARS_MIN || length > MISSPELT_CHARS_MAX || NO_LETTER.test(word);
}

/** The words of a `text`, as they are looked for. */
export function wordsOfText(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}
