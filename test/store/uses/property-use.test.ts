import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/scoring/json-value.js';
import {
  mergePropertyUses,
  PROPERTIES_BYTES_MAX,
  PROPERTIES_MAX,
  PropertyTally,
  type PropertyUse,
  SAMPLES_MAX,
} from '../../../src/store/uses/property-use.js';

function usesIn(...actions: JsonObject[]): PropertyUse[] {
  const tally = new PropertyTally();
  for (const properties of actions) tally.add(properties);
  return tally.uses;
}

function named(name: string, ...samples: string[]): PropertyUse {
  return { name, kinds: ['TEXT'], samples };
}

it('names the properties of actions by the paths that rules use, with kinds and values', () => {
  expect(
    usesIn(
      { resource: 'ebook', pages: 12, answers: { budget: 500 } },
      { resource: 7, gone: null, topics: ['seo', 'crm'], done: true },
    ),
  ).toEqual([
    { name: 'resource', kinds: ['TEXT', 'NUMBER'], samples: ['ebook', 7] },
    { name: 'pages', kinds: ['NUMBER'], samples: [12] },
    { name: 'answers', kinds: ['OTHER'], samples: [] },
    { name: 'answers.budget', kinds: ['NUMBER'], samples: [500] },
    { name: 'topics', kinds: ['LIST'], samples: ['seo', 'crm'] },
    { name: 'done', kinds: ['BOOLEAN'], samples: [true] },
  ]);
});

it('a property may be called __proto__', () => {
  const [use] = usesIn(JSON.parse('{"__proto__": {"polluted": "yes"}}') as JsonObject);
  expect(use).toEqual({ name: '__proto__', kinds: ['OTHER'], samples: [] });
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

it('keeps bounds: names, values, levels and the length of a name', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`p${index}`, index]));
  expect(usesIn(many)).toHaveLength(PROPERTIES_MAX);
  const values = Array.from({ length: 100 }, (_, index) => ({ page: `/${index}` }));
  expect(usesIn(...values)[0]?.samples).toHaveLength(SAMPLES_MAX);
  expect(usesIn({ a: { b: { c: { d: 1 } } } }).map((use) => use.name)).toEqual(['a', 'a.b', 'a.b.c']);
  expect(usesIn({ ['x'.repeat(257)]: 1, short: 1 }).map((use) => use.name)).toEqual(['short']);
});

it('what is newer comes first among the samples, and names stay in their order', () => {
  const merged = mergePropertyUses(
    [named('page', '/a', '/b'), named('old', '1')],
    [{ name: 'page', kinds: ['NUMBER'], samples: ['/c', '/a'] }, named('new')],
  );
  expect(merged).toEqual([
    { name: 'page', kinds: ['NUMBER', 'TEXT'], samples: ['/c', '/a', '/b'] },
    named('old', '1'),
    named('new'),
  ]);
});

it('merging again and again never grows over the bounds', () => {
  let merged: PropertyUse[] = [];
  for (let round = 0; round < 30; round++) {
    const samples = Array.from({ length: SAMPLES_MAX }, (_, index) => `${round}-${index}-${'ü'.repeat(50)}`);
    const names = Array.from({ length: 10 }, (_, index) => `${round * 7 + index} ${'ü'.repeat(60)}`);
    merged = mergePropertyUses(
      merged,
      names.map((name) => named(name, ...samples)),
    );
    expect(merged.length).toBeLessThanOrEqual(PROPERTIES_MAX);
    expect(Buffer.byteLength(JSON.stringify(merged))).toBeLessThanOrEqual(PROPERTIES_BYTES_MAX + 2);
  }
  expect(merged).toHaveLength(PROPERTIES_MAX);
});
