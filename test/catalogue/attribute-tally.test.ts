import { expect, it } from 'vitest';
import type { AttributeCount } from '../../src/catalogue/attribute-count.js';
import { AttributeTally, CUSTOM_ATTRIBUTES_MAX } from '../../src/catalogue/attribute-tally.js';
import type { JsonObject } from '../../src/scoring/json-value.js';
import { STANDARD_NAMES } from '../../src/store/standard-attributes.js';

function tallyOf(...profiles: JsonObject[]): AttributeTally {
  const tally = new AttributeTally();
  for (const profile of profiles) tally.add(profile);
  return tally;
}

function custom(counts: AttributeCount[]): AttributeCount[] {
  return counts.slice(STANDARD_NAMES.length);
}

it('standard attributes come first and always, the others by how many contacts have them', () => {
  const counts = tallyOf({ plan: 'pro', country: 'DE' }, { seats: 5, plan: 'pro' }).counts(2);
  expect(counts.map((count) => count.attribute)).toEqual([...STANDARD_NAMES, 'plan', 'seats']);
  expect(counts.find((count) => count.attribute === 'country')).toMatchObject({ filled: 1, kind: 'TEXT' });
  expect(counts.find((count) => count.attribute === 'companySize')).toMatchObject({
    filled: 0,
    kind: 'NUMBER',
  });
});

it('the kind is the most frequent one, parts of objects are counted by their path, nulls are not', () => {
  const counts = tallyOf(
    { code: 1, answers: { budget: 500, when: null } },
    { code: 'x', answers: { budget: 500 } },
    { code: 'y', topics: ['seo'] },
    { topics: ['seo', 'crm'], gone: null },
  ).counts(4);
  expect(custom(counts).map(({ attribute, kind, filled }) => [attribute, kind, filled])).toEqual([
    ['code', 'TEXT', 3],
    ['answers', 'OTHER', 2],
    ['answers.budget', 'NUMBER', 2],
    ['topics', 'LIST', 2],
  ]);
  expect(custom(counts).at(-1)?.samples).toEqual(['seo']);
});

it('shows the most frequent values that more than one contact has', () => {
  const plans = ['pro', 'max', 'free', 'pro', 'team', 'pro', 'free', 'secret', 'max'];
  const [plan] = custom(tallyOf(...plans.map((plan) => ({ plan }))).counts(plans.length));
  expect(plan?.samples).toEqual(['pro', 'free', 'max']);
});

it('never shows who somebody is', () => {
  const twin = { email: 'a@b.c', externalId: 'crm-1', firstName: 'Ada', lastName: 'Byron', contact: 'a@b.c' };
  const counts = tallyOf(twin, twin, twin).counts(3);
  expect(counts.flatMap((count) => count.samples)).toEqual([]);
  expect(counts.find((count) => count.attribute === 'firstName')?.filled).toBe(3);
});

it('scales counts up to the contacts that a sample stands for', () => {
  const tally = tallyOf({ plan: 'pro' }, { plan: 'pro' }, {}, {});
  expect(custom(tally.counts(4))[0]).toMatchObject({ filled: 2, sampled: false });
  expect(custom(tally.counts(1_000))[0]).toMatchObject({ filled: 500, sampled: true });
});

it('keeps the most filled attributes, and says when it is not all of them', () => {
  const wide = Object.fromEntries(
    Array.from({ length: CUSTOM_ATTRIBUTES_MAX + 10 }, (_, nth) => [`a${nth}`, 1]),
  );
  const tally = tallyOf(wide, { a509: 1 });
  expect(tally.complete).toBe(false);
  const counts = custom(tally.counts(2));
  expect(counts).toHaveLength(CUSTOM_ATTRIBUTES_MAX);
  expect(counts[0]?.attribute).toBe('a509');
  expect(tallyOf({ plan: 'pro' }).complete).toBe(true);
});

it('stays bounded whatever contacts hold', () => {
  const tally = new AttributeTally();
  for (let contact = 0; contact < 50; contact++) {
    tally.add(Object.fromEntries(Array.from({ length: 500 }, (_, nth) => [`${contact}-${nth}`, nth])));
  }
  expect(tally.complete).toBe(false);
  expect(tally.names.length).toBeLessThanOrEqual(2_000);
});
