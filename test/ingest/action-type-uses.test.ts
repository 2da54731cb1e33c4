import { expect, it } from 'vitest';
import { usesOf } from '../../src/ingest/action-type-uses.js';
import { PropertyMemory } from '../../src/ingest/property-memory.js';
import type { JsonObject } from '../../src/scoring/json-value.js';
import type { SequencedEntry } from '../../src/store/score-cursor.js';

const TENANT = '0192f0c1-2d3e-7f40-8a5b-6c7d8e9f0a1b';
const OTHER_TENANT = '0192f0c1-2d3e-7f40-8a5b-6c7d8e9f0a1c';
const MINUTE_MS = 60_000;

let seq = 0;

function act(type: string, properties: JsonObject = {}, atMs = 1_000): SequencedEntry {
  return { entry: { kind: 'action', atMs, type, properties }, seq: seq++ };
}

/** What a batch would store, and remembers as stored. */
function store(memory: PropertyMemory, nowMs: number, ...entries: SequencedEntry[]): unknown {
  const uses = memory.usesOf(TENANT, entries, nowMs);
  memory.remember(TENANT, uses, nowMs);
  return uses.map((use) => [use.type, use.count, use.properties]);
}

it('counts the actions of each type, with the first and the last instant, and nothing else', () => {
  const entries: SequencedEntry[] = [
    act('email_opened', {}, 5_000),
    { entry: { kind: 'profile', atMs: 1, set: { industry: 'saas' } }, seq: seq++ },
    act('visited', {}, 3_000),
    act('email_opened', {}, 2_000),
    act('email_opened', {}, 9_000),
    { entry: { kind: 'list', atMs: 1, list: 'news', joined: true }, seq: seq++ },
  ];
  const common = { looked: 0, properties: [] };
  expect(usesOf(entries, () => 0)).toEqual([
    { ...common, seq: entries[0]?.seq, type: 'email_opened', count: 3, firstAtMs: 2_000, lastAtMs: 9_000 },
    { ...common, seq: entries[2]?.seq, type: 'visited', count: 1, firstAtMs: 3_000, lastAtMs: 3_000 },
  ]);
  expect(usesOf([], () => 1)).toEqual([]);
});

it('looks at the properties of as many actions as it is told to', () => {
  const entries = ['a', 'b', 'c'].map((page) => act('visited', { page }));
  const [use] = usesOf(entries, () => 2);
  expect(use).toMatchObject({ count: 3, looked: 2, properties: [{ name: 'page', samples: ['a', 'b'] }] });
});

it('stores names and samples once, and later only what is new', () => {
  const memory = new PropertyMemory();
  const page = (...samples: string[]) => ({ name: 'page', kinds: ['TEXT'], samples });
  expect(store(memory, 0, act('visited', { page: '/a' }))).toEqual([['visited', 1, [page('/a')]]]);
  expect(store(memory, 1, act('visited', { page: '/a' }), act('visited', { page: '/a' }))).toEqual([
    ['visited', 2, []],
  ]);
  expect(store(memory, 2, act('visited', { page: '/b' }))).toEqual([
    ['visited', 1, [{ ...page('/b'), kinds: [] }]],
  ]);
  expect(store(memory, 3, act('visited', { page: 5 }))).toEqual([
    ['visited', 1, [{ name: 'page', kinds: ['NUMBER'], samples: [5] }]],
  ]);
});

it('what was not committed is not remembered, nor is what another tenant stored', () => {
  const memory = new PropertyMemory();
  const entries = [act('visited', { page: '/a' })];
  const uses = memory.usesOf(TENANT, entries, 0);
  expect(memory.usesOf(TENANT, entries, 1)).toEqual(uses);
  memory.remember(OTHER_TENANT, uses, 1);
  expect(memory.usesOf(TENANT, entries, 2)).toEqual(uses);
});

it('after some actions it looks no more, and after ten minutes it looks again', () => {
  const memory = new PropertyMemory();
  for (let batch = 0; batch < 50; batch++) store(memory, batch, ...[1, 2, 3, 4].map(() => act('visited')));
  expect(store(memory, 60, act('visited', { late: 1 }))).toEqual([['visited', 1, []]]);
  expect(store(memory, 10 * MINUTE_MS + 1, act('visited', { late: 1 }))).toEqual([
    ['visited', 1, [{ name: 'late', kinds: ['NUMBER'], samples: [1] }]],
  ]);
});

it('remembers no more than 50 properties of a type', () => {
  const memory = new PropertyMemory();
  const batchOf = (first: number) =>
    act('visited', Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`p${first + index}`, 1])));
  store(memory, 0, batchOf(0));
  store(memory, 1, batchOf(40));
  expect(store(memory, 2, batchOf(80))).toEqual([['visited', 1, []]]);
});
