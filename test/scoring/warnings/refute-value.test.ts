import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../../src/scoring/compile-condition.js';
import type { JsonValue } from '../../../src/scoring/json-value.js';
import type { Condition, Operator } from '../../../src/scoring/model-definition.js';
import { Effort } from '../../../src/scoring/warnings/proof-context.js';
import { refuteValue, type ValueDomain } from '../../../src/scoring/warnings/refute-value.js';
import { literalIdentity, readLiteral } from '../../../src/scoring/warnings/value-test.js';
import { arbitraryCondition } from '../../support/arbitrary-model.js';
import { arbitraryValue } from '../../support/arbitrary-timeline.js';

const anyValue: ValueDomain = { missing: true, lists: true };
const single: ValueDomain = { missing: true, lists: false };

function refuted(conditions: Condition[], domain: ValueDomain, comparisons = 1e6): boolean {
  return refuteValue(conditions.map(readLiteral), domain, new Effort(comparisons));
}

/** `EQUALS 5`, `BETWEEN 1..3`, `IN a,b`, `NOT_EXISTS`, `GT 2026-01-01`. */
function condition(text: string): Condition {
  const [operator = '', ...rest] = text.split(' ');
  const operand = rest.join(' ');
  const value = operand.includes('..')
    ? operand.split('..').map(Number)
    : operand.includes(',')
      ? operand.split(',')
      : operand;
  return operand === '' ? { operator: operator as Operator } : { operator: operator as Operator, value };
}

describe('conditions that no value meets', () => {
  it.each([
    'EXISTS & NOT_EXISTS',
    'EQUALS a & NOT_EXISTS',
    'GT 5 & NOT_EXISTS',
    'EQUALS a & NOT_EQUALS A ',
    'EQUALS 5 & NOT_IN 05,7',
    'IN a,b & NOT_EQUALS a & NOT_EQUALS b',
    'EQUALS head of sales & NOT_CONTAINS sales',
    'CONTAINS sales & NOT_CONTAINS sale',
    'STARTS_WITH sales & NOT_CONTAINS ale',
    'ENDS_WITH cto,ceo & NOT_CONTAINS o',
    'EQUALS 5 & NOT_EQUALS 5.0',
    'BETWEEN 5..5 & NOT_EQUALS 5',
  ])('%s', (text) => {
    expect(refuted(text.split(' & ').map(condition), anyValue)).toBe(true);
  });

  it.each([
    'EQUALS a & EQUALS b',
    'IN a,b & IN c,d',
    'EQUALS a & GT 5',
    'GT 10 & LT 5',
    'GTE 5 & LT 5',
    'GT 5 & LTE 5',
    'GT 5 & BETWEEN 1..5',
    'GT 2026-01-02 & LT 2026-01-02',
    'GT 5 & GT 2026-01-02',
    'GTE 5 & LTE 5 & NOT_EQUALS 5',
    'EQUALS 5 & GT 6',
    'EQUALS cto & STARTS_WITH v',
    'EQUALS cto & MATCHES_WORD vp',
    'EQUALS 2026-01-01 & GT 2026-01-02',
    'STARTS_WITH sales & STARTS_WITH head',
    'ENDS_WITH .com & ENDS_WITH .org',
  ])('%s, unless it is a list', (text) => {
    const conditions = text.split(' & ').map(condition);
    expect(refuted(conditions, single)).toBe(true);
    expect(refuted(conditions, anyValue)).toBe(false);
  });

  it.each([
    'NOT_EQUALS a & NOT_EQUALS b',
    'NOT_EXISTS & NOT_EQUALS a & NOT_CONTAINS b',
    'GT 5 & LT 6',
    'GTE 5 & LTE 5',
    'EQUALS 5 & CONTAINS 0',
    'CONTAINS a & NOT_EQUALS a',
    'STARTS_WITH sales & STARTS_WITH sa',
    'STARTS_WITH sales & ENDS_WITH head',
    'MATCHES_WORD head of & NOT_CONTAINS head of',
    'GT 5 & NOT_EQUALS 6',
    'EXISTS & NOT_EQUALS a',
  ])('but not %s', (text) => {
    expect(refuted(text.split(' & ').map(condition), single)).toBe(false);
  });

  it('says nothing when the effort is spent', () => {
    expect(refuted([condition('GT 10'), condition('LT 5')], single, 0)).toBe(false);
  });
});

const runs = { numRuns: Number(process.env.PROPERTY_RUNS ?? 3_000) };

/** Values near the operands of conditions, which meet many of them. */
function nearbyValue(conditions: readonly Condition[]): fc.Arbitrary<JsonValue> {
  const operands = conditions.flatMap(({ value }) => value ?? []);
  const variants = operands.flatMap((operand): JsonValue[] => [
    operand,
    ` ${operand}  `,
    `${operand}`.toUpperCase(),
    `the ${operand} of`,
    `${operand}x`,
    Number(operand) + 1,
    Number(operand) - 0.5,
    `+${operand}`,
  ]);
  const usable = variants.filter((value) => !Number.isNaN(value));
  const one = fc.oneof(fc.constantFrom<JsonValue>('', ...usable), arbitraryValue());
  return fc.oneof(one, one, fc.array(one, { maxLength: 3 }), fc.array(fc.array(one), { maxLength: 1 }));
}

function arbitraryCase() {
  return fc
    .array(fc.oneof(arbitraryCondition(), pointRange()), { minLength: 1, maxLength: 4 })
    .chain((conditions) =>
      fc.tuple(fc.constant(conditions), fc.array(nearbyValue(conditions), { minLength: 20 })),
    );
}

function pointRange(): fc.Arbitrary<Condition> {
  const operator = fc.constantFrom<Operator>('GT', 'GTE', 'LT', 'LTE');
  return fc.oneof(
    fc.record({ operator, value: fc.constantFrom<JsonValue>(4, 5, '5', 6) }),
    fc.constant<Condition>({ operator: 'BETWEEN', value: [5, 5] }),
  );
}

describe('a refutation', () => {
  it('is never contradicted by a value', () => {
    let refutedCount = 0;
    fc.assert(
      fc.property(arbitraryCase(), ([conditions, values]) => {
        const tests = conditions.map(compileCondition);
        const meeting = [undefined, ...values].filter((value) => tests.every((meets) => meets(value)));
        const singles = meeting.filter((value) => !Array.isArray(value));
        if (refuted(conditions, anyValue)) expect(meeting).toEqual([]);
        if (refuted(conditions, single)) expect(singles).toEqual([]);
        if (refuted(conditions, { missing: false, lists: true })) {
          expect(meeting.filter((value) => value !== undefined && value !== null)).toEqual([]);
        }
        refutedCount += refuted(conditions, single) ? 1 : 0;
      }),
      runs,
    );
    expect(refutedCount).toBeGreaterThan(runs.numRuns / 20);
  });

  it('holds for the single value of a condition and its exact opposite, whatever the operator', () => {
    const opposites: [Operator, Operator][] = [
      ['EQUALS', 'NOT_EQUALS'],
      ['IN', 'NOT_IN'],
      ['CONTAINS', 'NOT_CONTAINS'],
    ];
    fc.assert(
      fc.property(arbitraryCondition(), ({ operator, value }) => {
        const opposite = opposites.find(([positive]) => positive === operator)?.[1];
        if (opposite !== undefined) {
          expect(
            refuted(
              [
                { operator, value },
                { operator: opposite, value },
              ],
              anyValue,
            ),
          ).toBe(true);
        }
      }),
    );
  });
});

describe('literalIdentity', () => {
  it('is the same only for conditions that hold for the same values', () => {
    fc.assert(
      fc.property(arbitraryCondition(), arbitraryCondition(), fc.array(arbitraryValue()), (a, b, values) => {
        if (literalIdentity(readLiteral(a)) !== literalIdentity(readLiteral(b))) return;
        for (const value of [undefined, ...values]) {
          expect(compileCondition(a)(value)).toBe(compileCondition(b)(value));
        }
      }),
      runs,
    );
  });
});
