import type { Effort } from './proof-context.js';
import { cutRange, isEmptyRange, overlapOf } from './range.js';
import { clashingTexts, impliesText } from './text-needles.js';
import type { ClassesTest, PositiveTest, RangeTest, TextTest, ValueLiteral } from './value-test.js';

/** What a value that conditions look at can be. */
export interface ValueDomain {
  /** Whether it can be missing. */
  missing: boolean;
  /** Whether it can be a list, which meets a condition when one of its entries does. */
  lists: boolean;
}

/** A positive test that looks at the value itself. */
type ContentTest = ClassesTest | RangeTest | TextTest | { kind: 'nothing' };

/**
 * Whether it is proved that no value meets all literals at once. False says nothing: there may be such a value or not.
 * In a list each positive test may be met by an entry of its own, while a test that must not hold must hold for none.
 */
export function refuteValue(literals: readonly ValueLiteral[], domain: ValueDomain, effort: Effort): boolean {
  if (!effort.spend(literals.length)) return false;
  const asked = literals.filter(({ holds }) => holds).map(({ test }) => test);
  const barred = literals.filter(({ holds }) => !holds).map(({ test }) => test);
  return refuteTests(asked, barred, domain, effort);
}

/** The same for tests that have to hold (`asked`) and tests that must not. */
export function refuteTests(
  asked: readonly PositiveTest[],
  barred: readonly PositiveTest[],
  domain: ValueDomain,
  effort: Effort,
): boolean {
  if (barred.some(({ kind }) => kind === 'exists')) return asked.length > 0 || !domain.missing;
  const contents = asked.filter((test): test is ContentTest => test.kind !== 'exists');
  if (contents.length === 0) return false;
  if (domain.lists) return contents.some((test) => refuteScalar([test], barred, effort));
  return refuteScalar(contents, barred, effort);
}

/** Whether it is proved that no text, number, true or false meets all of `asked` and none of `barred`. */
function refuteScalar(
  asked: readonly ContentTest[],
  barred: readonly PositiveTest[],
  effort: Effort,
): boolean {
  if (!effort.spend(comparisonsOf(asked, barred))) return false;
  if (asked.some(({ kind }) => kind === 'nothing')) return true;
  const classes = asked.find((test) => test.kind === 'classes');
  if (classes !== undefined) return classes.values.every((value) => isRuledOut(value, asked, barred));
  return refuteRanges(asked, barred) || refuteTexts(asked, barred);
}

/** The comparisons of each value or needle asked for with each test; a set of values is looked up at once. */
function comparisonsOf(asked: readonly ContentTest[], barred: readonly PositiveTest[]): number {
  let sources = 0;
  let targets = 0;
  for (const test of asked) {
    sources += test.kind === 'classes' ? test.values.length : needlesOf(test);
    targets += needlesOf(test);
  }
  for (const test of barred) targets += needlesOf(test);
  return sources * targets;
}

function needlesOf(test: PositiveTest): number {
  return test.kind === 'text' ? test.needles.length : 1;
}

/** @param value stands for all values that EQUALS takes for the same */
function isRuledOut(
  value: number | string,
  asked: readonly ContentTest[],
  barred: readonly PositiveTest[],
): boolean {
  return (
    asked.some((test) => isDecidedBy(value, test) && !test.meets(value)) ||
    barred.some((test) => isDecidedBy(value, test) && test.meets(value))
  );
}

/** A number can be written in many ways, which look different to a test of texts. */
function isDecidedBy(value: number | string, test: PositiveTest): test is ClassesTest | RangeTest | TextTest {
  if (test.kind === 'text') return typeof value === 'string';
  return test.kind === 'classes' || test.kind === 'range';
}

function refuteRanges(asked: readonly ContentTest[], barred: readonly PositiveTest[]): boolean {
  const ranges = asked.filter((test) => test.kind === 'range');
  const [first] = ranges;
  if (first === undefined) return false;
  if (ranges.some(({ of }) => of !== first.of)) return true;
  const left = cutRange(
    overlapOf(ranges.map(({ range }) => range)),
    barred.flatMap((test) => (test.kind === 'range' && test.of === first.of ? [test.range] : [])),
  );
  if (isEmptyRange(left)) return true;
  return first.of === 'number' && left.low === left.high && isRuledOut(left.low, asked, barred);
}

function refuteTexts(asked: readonly ContentTest[], barred: readonly PositiveTest[]): boolean {
  const texts = asked.filter((test) => test.kind === 'text');
  const avoided = barred.filter((test) => test.kind === 'text');
  return texts.some(
    (text, index) =>
      avoided.some((other) => impliesText(text, other)) ||
      texts.slice(index + 1).some((other) => clashingTexts(text, other)),
  );
}
