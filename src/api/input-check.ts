import { badInput, type FieldFault } from '../errors.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * What is wrong with a name or a note, or null: blank, longer than `charsMax`, or with control characters or broken Unicode, which
 * PostgreSQL would refuse.
 */
export function textFault(text: string, charsMax: number): string | null {
  if (text.trim() === '') return 'must not be empty';
  if (text.length > charsMax) return `must have at most ${charsMax} characters`;
  if (CONTROL.test(text)) return 'must not have control characters';
  if (!text.isWellFormed()) return 'must be well-formed Unicode';
  return null;
}

/**
 * Refuses texts that `textFault` finds fault with; absent ones pass.
 * @param texts by their path in the arguments (`input.name`).
 * @throws LeadpulseError BAD_USER_INPUT with the path of each fault.
 */
export function checkTexts(texts: Record<string, string | null | undefined>, charsMax: number): void {
  const faults = Object.entries(texts).flatMap(([path, text]): FieldFault[] => {
    const message = text == null ? null : textFault(text, charsMax);
    return message === null ? [] : [{ path, message }];
  });
  if (faults.length > 0) throw badInput(faults);
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** @throws LeadpulseError BAD_USER_INPUT when a key is none. */
export function checkKey(key: string, path: string): void {
  if (KEY.test(key)) return;
  const message = 'Give 1 to 64 letters, digits, dots, dashes or underscores, a letter or digit first.';
  throw badInput([{ path, message }]);
}
