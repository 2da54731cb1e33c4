import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../src/scoring/compile-condition.js';
import { parseIsoInstant } from '../../src/scoring/iso-instant.js';
import type { JsonValue } from '../../src/scoring/json-value.js';
import type { Operator } from '../../src/scoring/model-definition.js';
import { valueAtPath } from '../../src/scoring/property-path.js';
import { arbitraryCondition } from '../support/arbitrary-model.js';
import { arbitraryValue } from '../support/arbitrary-timeline.js';

type Case = [Operator, JsonValue | undefined, JsonValue | undefined, boolean];

/** Operator, operand, value, whether it holds. */
const CASES: Case[] = [
  ['EQUALS', 'CTO', '  cto ', true],
  ['EQUALS', 'cto', 'cto of sales', false],
  ['EQUALS', 5, '5.0', true],
  ['EQUALS', '5', 5, true],
  ['EQUALS', '5.0', ' 05 ', true],
  ['EQUALS', '1e3', 1000, true],
  ['EQUALS', '.5', '+0.5', true],
  ['EQUALS', '5.', 5, true],
  ['EQUALS', '0x10', 16, false],
  ['EQUALS', 'Infinity', '1e999', false],
  ['EQUALS', '1e999', '1E999', true],
  ['EQUALS', true, true, true],
  ['EQUALS', true, 'True', true],
  ['EQUALS', 'true', true, true],
  ['EQUALS', true, 1, false],
  ['EQUALS', '', '', true],
  ['EQUALS', '', '   ', true],
  ['EQUALS', 'a', ['b', 'A'], true],
  ['EQUALS', 'a', [['x', ['a']]], true],
  ['EQUALS', 'a', [], false],
  ['EQUALS', 'a', { a: 'a' }, false],
  ['EQUALS', 'a', null, false],
  ['EQUALS', 'a', undefined, false],
  ['NOT_EQUALS', 'a', undefined, true],
  ['NOT_EQUALS', 'a', null, true],
  ['NOT_EQUALS', 'a', ['b', 'a'], false],
  ['IN', ['us', 7], 'US', true],
  ['IN', ['us', 7], '7.0', true],
  ['IN', ['us', 7], 'usa', false],
  ['NOT_IN', ['us'], 'de', true],
  ['NOT_IN', ['us'], undefined, true],
  ['NOT_IN', ['us'], ['de', 'US'], false],
  ['CONTAINS', '/Pricing', 'https://x.test/pricing/a', true],
  ['CONTAINS', ['/demo', '/pricing'], '/PRICING', true],
  ['CONTAINS', ' cto ', 'director', true],
  ['CONTAINS', 'a', ['xx', 'bab'], true],
  ['CONTAINS', 5, 1523, true],
  ['NOT_CONTAINS', 'a', 'bbb', true],
  ['NOT_CONTAINS', 'a', 'bab', false],
  ['NOT_CONTAINS', 'a', undefined, true],
  ['STARTS_WITH', 'head', ' Head of Sales', true],
  ['STARTS_WITH', ['x', 'head'], 'Sales head', false],
  ['ENDS_WITH', '.EDU', 'me@mit.edu ', true],
  ['ENDS_WITH', '.edu', 'mit.edu.org', false],
  ['MATCHES_WORD', 'cto', 'Director', false],
  ['MATCHES_WORD', 'cto', 'CTO, Example Inc', true],
  ['MATCHES_WORD', 'cto', 'CTO/CIO', true],
  ['MATCHES_WORD', 'head_of', 'Head of Sales', true],
  ['MATCHES_WORD', 'head_of', 'Head-of-Growth', true],
  ['MATCHES_WORD', 'head_of', 'Headmaster of Arts', false],
  ['MATCHES_WORD', 'head_of', 'of the head', false],
  ['MATCHES_WORD', ['vp', 'vice president'], 'Vice-President', true],
  ['MATCHES_WORD', 'größe', 'Die GRÖSSE', false],
  ['MATCHES_WORD', 'öl', 'Öl & Gas', true],
  ['MATCHES_WORD', '3d', 'Senior 3D artist', true],
  ['MATCHES_WORD', 'cto', ['ceo', 'the cto'], true],
  ['GT', 5, 5, false],
  ['GT', 5, '5.1', true],
  ['GT', '5', 6, true],
  ['GT', 5, 'many', false],
  ['GT', 5, true, false],
  ['GT', 5, undefined, false],
  ['GT', 5, [1, 9], true],
  ['GTE', 75, 75, true],
  ['LT', 0, -1, true],
  ['LTE', 5, '5', true],
  ['GT', '2026-01-02', '2026-01-02T00:00:00.001Z', true],
  ['GTE', '2026-01-02', '2026-01-02', true],
  ['LT', '2026-01-02T12:00:00+02:00', '2026-01-02T09:59:59Z', true],
  ['LT', '2026-01-02T12:00:00+02:00', '2026-01-02T10:00:00', false],
  ['GT', '2026-01-02', 5, false],
  ['GT', '2026-01-02', '2026-02-30', false],
  ['LT', '2026-01-02', 'yesterday', false],
  ['BETWEEN', [51, 200], 51, true],
  ['BETWEEN', [51, 200], '200', true],
  ['BETWEEN', [51, 200], 200.5, false],
  ['BETWEEN', [51, 200], undefined, false],
  ['BETWEEN', ['2026-01-01', '2026-01-31'], '2026-01-31T00:00:00Z', true],
  ['BETWEEN', ['2026-01-01', '2026-01-31'], '2026-01-31T00:00:01Z', false],
  ['EXISTS', undefined, '', true],
  ['EXISTS', undefined, [], true],
  ['EXISTS', undefined, false, true],
  ['EXISTS', undefined, null, false],
  ['EXISTS', undefined, undefined, false],
  ['NOT_EXISTS', undefined, undefined, true],
  ['NOT_EXISTS', undefined, 0, false],
];

const NEGATIONS = [
  ['EQUALS', 'NOT_EQUALS'],
  ['IN', 'NOT_IN'],
  ['CONTAINS', 'NOT_CONTAINS'],
  ['EXISTS', 'NOT_EXISTS'],
] as const;

describe('a condition', () => {
  it.each(CASES)('%s %j asked of %j is %j', (operator, operand, value, expected) => {
    expect(compileCondition({ operator, value: operand })(value)).toBe(expected);
  });

  it.each(NEGATIONS)('%s is the exact opposite of %s', (positive, negative) => {
    const conditions = arbitraryCondition().filter(({ operator }) => operator === positive);
    fc.assert(
      fc.property(conditions, fc.option(arbitraryValue(), { nil: undefined }), (condition, value) => {
        const negated = compileCondition({ ...condition, operator: negative });
        expect(negated(value)).toBe(!compileCondition(condition)(value));
      }),
    );
  });
});

describe('a path', () => {
  it.each([
    [{ answers: { budget: 5 } }, 'answers.budget', 5],
    [{ answers: { budget: 5 }, 'answers.budget': 6 }, 'answers.budget', 6],
    [{ a: { 'b.c': 1, b: { c: 2 } } }, 'a.b.c', 1],
    [{ a: { b: { c: 2 } } }, 'a.b.c', 2],
    [{ 'a.b': { c: 3 } }, 'a.b.c', undefined],
    [{ a: [{ b: 1 }] }, 'a.b', undefined],
    [{ a: 'text' }, 'a.length', undefined],
    [{}, 'constructor', undefined],
    [{}, '__proto__.toString', undefined],
  ])('in %j: %s leads to %j', (object, path, expected) => {
    expect(valueAtPath(object, path)).toBe(expected);
  });
});

describe('an ISO instant', () => {
  it.each([
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['2026-01-02T03:04', Date.UTC(2026, 0, 2, 3, 4)],
    ['2026-01-02T03:04:05', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02 03:04:05.6789Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ['2026-01-02T03:04:05-05:30', Date.UTC(2026, 0, 2, 8, 34, 5)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-02-29', null],
    ['2026-13-01', null],
    ['2026-01-02T24:00', null],
    ['2026-01', null],
    ['20260102', null],
    ['next week', null],
  ])('%s', (text, expected) => {
    expect(parseIsoInstant(text)).toBe(expected);
  });
});
