import { numberOf, spacedWords } from './compile-condition.js';
import { type FaultList, isAbsent, join, type Unchecked } from './fault-list.js';
import { parseIsoInstant } from './iso-instant.js';
import type { JsonValue } from './json-value.js';
import { OPERATORS, type Operator } from './model-definition.js';

const OPERANDS_MAX = 1_000;
const OPERAND_CHARACTERS_MAX = 1_000;

/** Checks `operator` and `value` of a condition, and that they go together. */
export function validateCondition(faults: FaultList, condition: Unchecked, path: string): void {
  const operator = OPERATORS.find((one) => one === condition.operator);
  if (operator === undefined) {
    faults.add(join(path, 'operator'), `Give one of ${OPERATORS.join(', ')}.`);
    return;
  }
  validateOperand(faults, operator, condition.value, join(path, 'value'));
}

function validateOperand(faults: FaultList, operator: Operator, value: unknown, path: string): void {
  switch (operator) {
    case 'EXISTS':
    case 'NOT_EXISTS':
      if (!isAbsent(value)) faults.add(path, `${operator} takes no value. Leave it out.`);
      return;
    case 'EQUALS':
    case 'NOT_EQUALS':
      validateScalar(faults, value, path);
      return;
    case 'IN':
    case 'NOT_IN':
      faults.list(value, path, 1, OPERANDS_MAX)?.forEach((one, i) => {
        validateScalar(faults, one, join(path, i));
      });
      return;
    case 'CONTAINS':
    case 'NOT_CONTAINS':
    case 'STARTS_WITH':
    case 'ENDS_WITH':
      validateNeedles(faults, value, path, 'Give a text that is not blank.', (text) => text.trim() !== '');
      return;
    case 'MATCHES_WORD':
      validateNeedles(faults, value, path, 'Give at least one word.', (text) => spacedWords(text) !== '');
      return;
    case 'BETWEEN':
      validateRange(faults, value, path);
      return;
    default:
      if (orderOf(value) === null) faults.add(path, 'Give a number or an ISO date.');
  }
}

function validateScalar(faults: FaultList, value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return true;
  if (typeof value === 'number' && Number.isFinite(value)) return true;
  if (typeof value !== 'string') {
    faults.add(path, 'Give a text, a number, true or false.');
    return false;
  }
  if (value.length > OPERAND_CHARACTERS_MAX) {
    faults.add(path, `At most ${OPERAND_CHARACTERS_MAX} characters are allowed.`);
    return false;
  }
  return faults.storable(value, path);
}

/** One needle or a list of them. */
function validateNeedles(
  faults: FaultList,
  value: unknown,
  path: string,
  message: string,
  isUsable: (text: string) => boolean,
): void {
  const check = (one: unknown, at: string) => {
    if (validateScalar(faults, one, at) && !isUsable(String(one))) faults.add(at, message);
  };
  if (!Array.isArray(value)) {
    check(value, path);
    return;
  }
  faults.list(value, path, 1, OPERANDS_MAX)?.forEach((one, i) => {
    check(one, join(path, i));
  });
}

type Order = { kind: 'number' | 'instant'; at: number };

/** What an order comparison compares with; null when it is neither number nor date. */
function orderOf(value: unknown): Order | null {
  const number = numberOf(value as JsonValue);
  if (number !== null) return Number.isFinite(number) ? { kind: 'number', at: number } : null;
  const instant = typeof value === 'string' ? parseIsoInstant(value) : null;
  return instant === null ? null : { kind: 'instant', at: instant };
}

function validateRange(faults: FaultList, value: unknown, path: string): void {
  const [low, high] = Array.isArray(value) && value.length === 2 ? value.map(orderOf) : [null, null];
  if (!low || !high || low.kind !== high.kind) {
    faults.add(path, 'Give [low, high]: two numbers or two ISO dates.');
  } else if (low.at > high.at) faults.add(path, 'Give the lower end first.');
}
