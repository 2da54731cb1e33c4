import {
  compileCondition,
  numberOf,
  POSITIVE_OF,
  type Scalar,
  scalarsOf,
  spacedWords,
  textOf,
  type ValueTest,
} from '../compile-condition.js';
import { parseIsoInstant } from '../iso-instant.js';
import type { JsonValue } from '../json-value.js';
import type { Condition, Operator } from '../model-definition.js';

/** A condition as something that can be reasoned about: a positive test that is to hold, or not to. */
export interface ValueLiteral {
  test: PositiveTest;
  holds: boolean;
}

/** What a positive condition asks of one value. */
export type PositiveTest =
  | { kind: 'exists' }
  | ClassesTest
  | RangeTest
  | TextTest
  /** Holds for nothing. */
  | { kind: 'nothing' };

/** EQUALS and IN: the value is among these. Numbers stand for all ways to write them, texts are trimmed and lowercased. */
export interface ClassesTest {
  kind: 'classes';
  values: (number | string)[];
  meets: ValueTest;
}

/** GT, GTE, LT, LTE and BETWEEN: the value is a number, or an ISO date, in a range. */
export interface RangeTest {
  kind: 'range';
  of: 'number' | 'instant';
  range: Range;
  meets: ValueTest;
}

/** Instants are in ms since 1970. */
export interface Range {
  low: number;
  /** Whether `low` itself belongs to it. */
  withLow: boolean;
  high: number;
  withHigh: boolean;
}

/** One of the needles is found in the value; those of MATCHES_WORD are words between single spaces. */
export interface TextTest {
  kind: 'text';
  operator: 'CONTAINS' | 'STARTS_WITH' | 'ENDS_WITH' | 'MATCHES_WORD';
  needles: string[];
  meets: ValueTest;
}

/** Reads a condition. @param condition without faults */
export function readLiteral({ operator, value }: Condition): ValueLiteral {
  const positive = POSITIVE_OF[operator];
  return { test: readTest(positive ?? operator, value), holds: positive === undefined };
}

/** The same text for conditions that hold for the same values as far as their operands show it. */
export function literalIdentity({ test, holds }: ValueLiteral): string {
  return JSON.stringify([holds, ...testIdentity(test)]);
}

function testIdentity(test: PositiveTest): JsonValue[] {
  switch (test.kind) {
    case 'classes':
      return [test.kind, sortedSet(test.values.map((value) => JSON.stringify(value)))];
    case 'range':
      return [test.kind, test.of, ...Object.values(test.range).map(String)];
    case 'text':
      return [test.operator, sortedSet(test.needles)];
    default:
      return [test.kind];
  }
}

function sortedSet(texts: string[]): string[] {
  return [...new Set(texts)].sort();
}

function readTest(operator: Operator, value: JsonValue | undefined): PositiveTest {
  const meets = compileCondition({ operator, value });
  switch (operator) {
    case 'EXISTS':
      return { kind: 'exists' };
    case 'EQUALS':
    case 'IN': {
      const operands = operator === 'IN' ? scalarsOf(value) : scalarsOf(value).slice(0, 1);
      return { kind: 'classes', values: operands.map(classOf), meets };
    }
    case 'CONTAINS':
    case 'STARTS_WITH':
    case 'ENDS_WITH':
      return { kind: 'text', operator, needles: scalarsOf(value).map(textOf), meets };
    case 'MATCHES_WORD': {
      const needles = scalarsOf(value).map((word) => spacedWords(String(word)));
      return { kind: 'text', operator, needles: needles.filter((words) => words !== ''), meets };
    }
    default:
      return readRange(operator, value, meets);
  }
}

function classOf(value: Scalar): number | string {
  return numberOf(value) ?? textOf(value);
}

function readRange(operator: Operator, value: JsonValue | undefined, meets: ValueTest): PositiveTest {
  const [first, second] = (Array.isArray(value) ? value : [value]).map(orderOf);
  if (!first) return { kind: 'nothing' };
  const { of, at } = first;
  const test = (low: number, withLow: boolean, high: number, withHigh: boolean): RangeTest => {
    return { kind: 'range', of, range: { low, withLow, high, withHigh }, meets };
  };
  const infinity = Number.POSITIVE_INFINITY;
  switch (operator) {
    case 'GT':
      return test(at, false, infinity, true);
    case 'GTE':
      return test(at, true, infinity, true);
    case 'LT':
      return test(-infinity, true, at, false);
    case 'LTE':
      return test(-infinity, true, at, true);
    default:
      return second?.of === of ? test(at, true, second.at, true) : { kind: 'nothing' };
  }
}

function orderOf(value: JsonValue | undefined): { of: RangeTest['of']; at: number } | null {
  const number = numberOf(value);
  if (number !== null) return { of: 'number', at: number };
  const instant = typeof value === 'string' ? parseIsoInstant(value) : null;
  return instant === null ? null : { of: 'instant', at: instant };
}
