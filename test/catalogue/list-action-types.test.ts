import { expect, it } from 'vitest';
import { type ActionTypeFilter, listActionTypes } from '../../src/catalogue/list-action-types.js';
import type { ActionTypeCount } from '../../src/store/uses/action-type-counts.js';
import { RuleUses } from '../../src/store/uses/rule-uses.js';

const ANY: ActionTypeFilter = { category: null, text: null };
const NO_RULES = new RuleUses([]);

function counts(...entries: [type: string, count: number][]): ActionTypeCount[] {
  return entries.map(([type, count]) => ({ type, count, firstAtMs: 1, lastAtMs: 2 }));
}

it('the most frequent first, then by name; what only rules name comes last with a count of 0', () => {
  const rules = new RuleUses([{ patterns: ['never_sent'], rules: 2 }]);
  const list = listActionTypes(counts(['b', 5], ['c', 9], ['a', 5]), rules, ANY, null, 10);
  expect(list.map((row) => [row.type, row.count, row.usedByRules])).toEqual([
    ['c', 9, 0],
    ['a', 5, 0],
    ['b', 5, 0],
    ['never_sent', 0, 2],
  ]);
  expect(list.at(-1)).toMatchObject({ label: 'Never sent', firstAtMs: null, lastAtMs: null });
});

it('counts every rule once, by its type or by a beginning, and not those for any activity', () => {
  const rules = new RuleUses([
    { patterns: ['email_opened'], rules: 3 },
    { patterns: ['email_*', 'email_opened'], rules: 1 },
    { patterns: ['email_*'], rules: 10 },
    { patterns: ['*'], rules: 100 },
  ]);
  expect(rules.count('email_opened')).toBe(14);
  expect(rules.count('email_sent')).toBe(11);
  expect(rules.count('Email_opened')).toBe(0);
  expect([...rules.namedTypes]).toEqual(['email_opened']);
});

it('finds text in the type and in its label, in any case, and types of a category', () => {
  const all = counts(['visited_pricing_page', 3], ['email_opened', 2], ['xyzzy', 1]);
  const types = (filter: Partial<ActionTypeFilter>) =>
    listActionTypes(all, NO_RULES, { ...ANY, ...filter }, null, 10).map((row) => row.type);
  expect(types({ text: 'PRICING_' })).toEqual(['visited_pricing_page']);
  expect(types({ text: ' Pricing Page ' })).toEqual(['visited_pricing_page']);
  expect(types({ text: 'e' })).toEqual(['visited_pricing_page', 'email_opened']);
  expect(types({ category: 'EMAIL' })).toEqual(['email_opened']);
  expect(types({ category: 'WEBSITE', text: 'opened' })).toEqual([]);
});

it('goes on behind a place, also when the type there is gone from it', () => {
  const all = counts(['a', 5], ['b', 5], ['c', 4]);
  const behind = (count: number, type: string) =>
    listActionTypes(all, NO_RULES, ANY, { count, type }, 10).map((row) => row.type);
  expect(behind(5, 'a')).toEqual(['b', 'c']);
  expect(behind(5, 'aa')).toEqual(['b', 'c']);
  expect(behind(4, 'c')).toEqual([]);
  expect(behind(100, 'z')).toEqual(['a', 'b', 'c']);
});

it('gives no more than are asked for, and passes over those that a filter leaves out', () => {
  const all = counts(['a_page', 9], ['b_email', 8], ['c_page', 7], ['d_page', 6]);
  const filter: ActionTypeFilter = { category: 'WEBSITE', text: null };
  expect(listActionTypes(all, NO_RULES, filter, null, 2).map((row) => row.type)).toEqual([
    'a_page',
    'c_page',
  ]);
});
