import type { JsonValue } from '../../scoring/json-value.js';

/** A value as it is shown to whoever builds a rule. */
export type SampleValue = string | number | boolean;

/** Characters of a sample; a longer text is cut and ends in `…`. */
export const SAMPLE_CHARS_MAX = 64;
/** Elements of a list that are taken as samples. */
const LIST_SAMPLES_MAX = 8;

/**
 * What of a value may be shown: a text (cut to `SAMPLE_CHARS_MAX`), a number, true or false; of a list those among its first
 * elements. Blank texts and what looks like an email address are left out.
 */
export function samplesOf(value: JsonValue): SampleValue[] {
  const values = Array.isArray(value) ? value.slice(0, LIST_SAMPLES_MAX) : [value];
  const samples: SampleValue[] = [];
  for (const one of values) {
    const sample = sampleOf(one);
    if (sample !== null && !samples.includes(sample)) samples.push(sample);
  }
  return samples;
}

function sampleOf(value: JsonValue): SampleValue | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string' || hasEmail(value)) return null;
  const text = value.trim();
  if (text === '') return null;
  if (text.length <= SAMPLE_CHARS_MAX) return text;
  // Half of a surrogate pair is nothing that PostgreSQL would store.
  return `${text.slice(0, SAMPLE_CHARS_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Whether something before and after an `@` (also `%40`, as in links) looks like an email address. Takes linear time. */
export function hasEmail(text: string): boolean {
  const plain = text.includes('%40') ? text.replaceAll('%40', '@') : text;
  for (let at = plain.indexOf('@'); at >= 0; at = plain.indexOf('@', at + 1)) {
    if (isPartOfWord(plain[at - 1]) && isPartOfWord(plain[at + 1])) return true;
  }
  return false;
}

function isPartOfWord(char: string | undefined): boolean {
  return char !== undefined && char !== '@' && char.trim() !== '';
}
