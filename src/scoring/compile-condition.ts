import { parseIsoInstant } from './iso-instant.js';
import type { JsonValue } from './json-value.js';
import type { Condition, Operator } from './model-definition.js';

/** Whether a value, or its absence, meets a condition. */
export type ValueTest = (value: JsonValue | undefined) => boolean;

export type Scalar = string | number | boolean;
type ScalarTest = (value: Scalar) => boolean;

const NUMERIC_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WORDS = /[\p{L}\p{N}]+/gu;

/** What the negative operators negate. */
export const POSITIVE_OF: Partial<Record<Operator, Operator>> = {
  NOT_EQUALS: 'EQUALS',
  NOT_IN: 'IN',
  NOT_CONTAINS: 'CONTAINS',
  NOT_EXISTS: 'EXISTS',
};

/**
 * Makes a condition ready to be asked many times: its operand is read, trimmed and lowercased once.
 * @param condition without faults; an operand of the wrong kind makes a positive condition hold for nothing.
 */
export function compileCondition(condition: Condition): ValueTest {
  const positive = POSITIVE_OF[condition.operator];
  if (positive !== undefined) {
    const test = compilePositive(positive, condition.value);
    return (value) => !test(value);
  }
  return compilePositive(condition.operator, condition.value);
}

/** The number that a value is or spells; null when it is none or too large to be one. */
export function numberOf(value: JsonValue | undefined): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (!NUMERIC_TEXT.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** The words (runs of letters and digits) of a text, lowercased, each between single spaces: ` head of sales `. */
export function spacedWords(text: string): string {
  const words = text.toLowerCase().match(WORDS);
  return words === null ? '' : ` ${words.join(' ')} `;
}

function compilePositive(operator: Operator, operand: JsonValue | undefined): ValueTest {
  if (operator === 'EXISTS') return (value) => value !== undefined && value !== null;
  return onSomeElement(compileScalarTest(operator, operand));
}

function onSomeElement(test: ScalarTest): ValueTest {
  const holds: ValueTest = (value) => {
    if (value === undefined || value === null) return false;
    if (typeof value !== 'object') return test(value);
    return Array.isArray(value) && value.some(holds);
  };
  return holds;
}

function compileScalarTest(operator: Operator, operand: JsonValue | undefined): ScalarTest {
  switch (operator) {
    case 'EQUALS':
      return equalTo(scalarsOf(operand).slice(0, 1));
    case 'IN':
      return equalTo(scalarsOf(operand));
    case 'CONTAINS':
      return textTest(operand, (text, needle) => text.includes(needle));
    case 'STARTS_WITH':
      return textTest(operand, (text, needle) => text.startsWith(needle));
    case 'ENDS_WITH':
      return textTest(operand, (text, needle) => text.endsWith(needle));
    case 'MATCHES_WORD':
      return wordTest(scalarsOf(operand));
    case 'GT':
      return orderTest(operand, (order) => order > 0);
    case 'GTE':
      return orderTest(operand, (order) => order >= 0);
    case 'LT':
      return orderTest(operand, (order) => order < 0);
    case 'LTE':
      return orderTest(operand, (order) => order <= 0);
    case 'BETWEEN':
      return betweenTest(Array.isArray(operand) ? operand : []);
    default:
      return () => false;
  }
}

/** The entries of an operand that can be compared: of a list all, else itself. */
export function scalarsOf(operand: JsonValue | undefined): Scalar[] {
  const entries = Array.isArray(operand) ? operand : [operand];
  return entries.filter((entry) => entry !== undefined && entry !== null && typeof entry !== 'object');
}

/** The text that a value is compared as. */
export function textOf(value: Scalar): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : String(value);
}

/** Numbers and numeric strings meet as numbers. Equal texts are both numeric or both not, so the two sets suffice. */
function equalTo(operands: Scalar[]): ScalarTest {
  const numbers = new Set<number>();
  const texts = new Set<string>();
  for (const operand of operands) {
    const number = numberOf(operand);
    if (number === null) texts.add(textOf(operand));
    else numbers.add(number);
  }
  return (value) => {
    const number = numberOf(value);
    return number === null ? texts.has(textOf(value)) : numbers.has(number);
  };
}

function textTest(
  operand: JsonValue | undefined,
  holds: (text: string, needle: string) => boolean,
): ScalarTest {
  const needles = scalarsOf(operand).map(textOf);
  return (value) => {
    const text = textOf(value);
    return needles.some((needle) => holds(text, needle));
  };
}

function wordTest(keywords: Scalar[]): ScalarTest {
  const needles = keywords.map((keyword) => spacedWords(String(keyword))).filter((words) => words !== '');
  return (value) => {
    const words = spacedWords(String(value));
    return needles.some((needle) => words.includes(needle));
  };
}

type Comparison = (value: Scalar) => number;

/** Negative, zero or positive as the value is below, at or above the operand; NaN when they have no order. */
function comparisonWith(operand: JsonValue | undefined): Comparison {
  const number = numberOf(operand);
  if (number !== null) {
    return (value) => (numberOf(value) ?? Number.NaN) - number;
  }
  const instant = typeof operand === 'string' ? parseIsoInstant(operand) : null;
  if (instant === null) return () => Number.NaN;
  return (value) =>
    (typeof value === 'string' ? (parseIsoInstant(value) ?? Number.NaN) : Number.NaN) - instant;
}

function orderTest(operand: JsonValue | undefined, holds: (order: number) => boolean): ScalarTest {
  const compare = comparisonWith(operand);
  return (value) => holds(compare(value));
}

function betweenTest(bounds: JsonValue[]): ScalarTest {
  const [low, high] = [comparisonWith(bounds[0]), comparisonWith(bounds[1])];
  return (value) => low(value) >= 0 && high(value) <= 0;
}
