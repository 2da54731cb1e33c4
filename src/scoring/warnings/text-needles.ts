import type { TextTest } from './value-test.js';

/** Whether every value that meets one test meets the other as well, as far as their needles prove it. */
export function impliesText(test: TextTest, other: TextTest): boolean {
  return test.needles.every((needle) => other.needles.some((part) => finds(test, needle, other, part)));
}

/** Whether a value in which `needle` is found by one operator has `part` found in it by the other. */
function finds({ operator }: TextTest, needle: string, { operator: other }: TextTest, part: string): boolean {
  const isWords = operator === 'MATCHES_WORD';
  if (isWords !== (other === 'MATCHES_WORD')) return false;
  switch (other) {
    case 'STARTS_WITH':
      return operator === 'STARTS_WITH' && needle.startsWith(part);
    case 'ENDS_WITH':
      return operator === 'ENDS_WITH' && needle.endsWith(part);
    default:
      return needle.includes(part);
  }
}

/** Whether no single value can meet both: two beginnings, or two ends, of which neither fits the other. */
export function clashingTexts(test: TextTest, other: TextTest): boolean {
  if (test.operator !== other.operator) return false;
  const fits = fitOf(test.operator);
  return fits !== null && !test.needles.some((a) => other.needles.some((b) => fits(a, b) || fits(b, a)));
}

function fitOf(operator: TextTest['operator']): ((text: string, part: string) => boolean) | null {
  if (operator === 'STARTS_WITH') return (text, part) => text.startsWith(part);
  return operator === 'ENDS_WITH' ? (text, part) => text.endsWith(part) : null;
}
