import type { ActionTypeCount } from '../store/uses/action-type-counts.js';
import type { RuleUses } from '../store/uses/rule-uses.js';
import { type ActionCategory, actionCategoryOf } from './action-category.js';
import { labelOf } from './label-of.js';

/** A type with what is shown of it. */
export interface ActionTypeRow extends ActionTypeCount {
  label: string;
  category: ActionCategory;
  usedByRules: number;
}

/** Which types to show; null for any. */
export interface ActionTypeFilter {
  category: ActionCategory | null;
  /** Part of the type or of its label, in any case. */
  text: string | null;
}

/** The place of a type in the list: what is recorded meanwhile moves types, never places. */
export interface ActionTypePlace {
  count: number;
  type: string;
}

/**
 * The types that were recorded and those that rules name, the most frequent first, then by name.
 * @param after only what lies behind this place; null from the start.
 * @param rowsMax how many at most; the first ones.
 */
export function listActionTypes(
  counts: readonly ActionTypeCount[],
  rules: RuleUses,
  filter: ActionTypeFilter,
  after: ActionTypePlace | null,
  rowsMax: number,
): ActionTypeRow[] {
  const recorded = new Set(counts.map(({ type }) => type));
  const unseen = [...rules.namedTypes]
    .filter((type) => !recorded.has(type))
    .map((type): ActionTypeCount => ({ type, count: 0, firstAtMs: null, lastAtMs: null }));
  const candidates = [...counts, ...unseen]
    .filter((one) => after === null || comparePlaces(one, after) > 0)
    .sort(comparePlaces);
  const text = filter.text?.trim().toLowerCase() ?? '';
  const rows: ActionTypeRow[] = [];
  // Words are looked at only as far as the page goes: with thousands of types that takes longer than all the rest.
  for (const one of candidates) {
    if (rows.length >= rowsMax) break;
    const { type } = one;
    const label = labelOf(type);
    if (!type.toLowerCase().includes(text) && !label.toLowerCase().includes(text)) continue;
    const category = actionCategoryOf(type);
    if (filter.category !== null && category !== filter.category) continue;
    rows.push({ ...one, label, category, usedByRules: rules.count(type) });
  }
  return rows;
}

function comparePlaces(a: ActionTypePlace, b: ActionTypePlace): number {
  if (a.count !== b.count) return b.count - a.count;
  if (a.type === b.type) return 0;
  return a.type < b.type ? -1 : 1;
}
