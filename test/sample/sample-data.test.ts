import { expect, test } from 'vitest';
import { checkItem } from '../../src/ingest/check-item.js';
import { PERSONAS } from '../../src/sample/persona.js';
import { generateSampleData } from '../../src/sample/sample-data.js';

const nowMs = Date.UTC(2026, 2, 1, 12);
const data = generateSampleData({ seed: 1, nowMs, contactsCount: 200 });

test('the same seed gives the same data, another one other people', () => {
  expect(generateSampleData({ seed: 1, nowMs, contactsCount: 200 })).toEqual(data);
  const others = generateSampleData({ seed: 2, nowMs, contactsCount: 200 });
  expect(others.contacts).not.toEqual(data.contacts);
});

test('there are about 200 contacts of every persona, with an address of their own', () => {
  expect(data.contacts.length).toBeGreaterThanOrEqual(195);
  expect(data.contacts.length).toBeLessThanOrEqual(205);
  expect(new Set(data.contacts.map((contact) => contact.persona)).size).toBe(PERSONAS.length);
  expect(PERSONAS.reduce((sum, persona) => sum + persona.share, 0)).toBeCloseTo(1);
  expect(new Set(data.contacts.map((contact) => contact.person.email)).size).toBe(data.contacts.length);
});

test('no address could belong to anybody', () => {
  const emails = [
    ...data.contacts.map((contact) => contact.person.email),
    ...data.reps.map((rep) => rep.email),
  ];
  expect(emails.filter((email) => !/^[a-z0-9.]+@[a-z0-9-]+\.example$/.test(email))).toEqual([]);
});

test('every entry can be recorded, oldest first and none in the future', () => {
  for (const { item } of data.entries) expect(() => checkItem(item)).not.toThrow();
  const instants = data.entries.map((entry) => entry.item.occurredAtMs);
  expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  expect(instants.at(-1)).toBeLessThanOrEqual(nowMs);
  expect(instants[0]).toBeLessThan(nowMs - 200 * 86_400_000);
});
