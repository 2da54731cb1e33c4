import type { ModelFault } from './model-definition.js';

/** How many faults are reported at most; what comes after them is left out. */
export const MODEL_FAULTS_MAX = 100;

/** A JSON object whose parts have not been looked at yet. */
export type Unchecked = Record<string, unknown>;

/** Bounds of a number; both ends are allowed. */
export interface NumberBounds {
  min?: number;
  max?: number;
  whole?: boolean;
  /** Said instead of the bounds. */
  hint?: string;
}

/** The largest points, either way, so that no sum can overflow. */
export const POINTS_MAX = 1e9;

const KEY_FORMAT = /^[A-Za-z0-9_.-]{1,64}$/;
const NAME_CHARACTERS_MAX = 200;
const KEY_SHOWN_CHARACTERS_MAX = 64;

/**
 * Collects the faults of a model. Every check takes the path of what it looks at, reports what is wrong and answers
 * with the value when it is right, null otherwise; undefined and null both count as absent.
 */
export class FaultList {
  readonly faults: ModelFault[] = [];

  add(path: string, message: string): void {
    if (this.faults.length < MODEL_FAULTS_MAX) this.faults.push({ path, message });
  }

  /** An object with no other keys than these. */
  object(value: unknown, path: string, keys: readonly string[]): Unchecked | null {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.add(path, `Give an object with ${keys.join(', ')}.`);
      return null;
    }
    for (const key of Object.keys(value)) {
      if (!keys.includes(key))
        this.add(
          join(path, key.slice(0, KEY_SHOWN_CHARACTERS_MAX)),
          `Unknown key. Known are ${keys.join(', ')}.`,
        );
    }
    return value as Unchecked;
  }

  /** A list with so many entries. */
  list(value: unknown, path: string, min: number, max: number): unknown[] | null {
    if (!Array.isArray(value)) {
      this.add(path, 'Give a list.');
      return null;
    }
    if (value.length < min) this.add(path, `Give at least ${min}.`);
    if (value.length > max) {
      this.add(path, `At most ${max} are allowed; these are ${value.length}.`);
      return null;
    }
    return value;
  }

  optionalList(value: unknown, path: string, max: number): unknown[] {
    return isAbsent(value) ? [] : (this.list(value, path, 0, max) ?? []);
  }

  text(value: unknown, path: string, charactersMax = NAME_CHARACTERS_MAX): string | null {
    if (typeof value !== 'string' || value.trim() === '') {
      this.add(path, 'Give a text.');
      return null;
    }
    if (value.length > charactersMax) {
      this.add(path, `At most ${charactersMax} characters are allowed.`);
      return null;
    }
    return this.storable(value, path) ? value : null;
  }

  optionalText(value: unknown, path: string, charactersMax = NAME_CHARACTERS_MAX): void {
    if (!isAbsent(value) && value !== '') this.text(value, path, charactersMax);
  }

  /** Whether a database takes the text: no NUL, no half of a surrogate pair. */
  storable(text: string, path: string): boolean {
    const isStorable = !text.includes('\u0000') && text.isWellFormed();
    if (!isStorable) this.add(path, 'Take out the NUL characters and lone surrogates.');
    return isStorable;
  }

  key(value: unknown, path: string): string | null {
    if (typeof value === 'string' && KEY_FORMAT.test(value)) return value;
    this.add(path, 'Give a key of 1 to 64 letters, digits, "_", "-" or ".".');
    return null;
  }

  /** A key that is not among those taken, and is from then on. */
  freshKey(value: unknown, path: string, taken: Set<string>): string | null {
    const key = this.key(value, path);
    if (key === null) return null;
    if (taken.has(key)) this.add(path, `The key "${key}" is taken. Give another one.`);
    taken.add(key);
    return key;
  }

  number(value: unknown, path: string, bounds: NumberBounds = {}): number | null {
    const { min = -POINTS_MAX, max = POINTS_MAX, whole = false, hint } = bounds;
    const isRight =
      typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
    if (isRight) return value;
    this.add(path, hint ?? `Give a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`);
    return null;
  }

  optionalNumber(value: unknown, path: string, bounds: NumberBounds = {}): number | null {
    return isAbsent(value) ? null : this.number(value, path, bounds);
  }

  optionalFlag(value: unknown, path: string): void {
    if (!isAbsent(value) && typeof value !== 'boolean') this.add(path, 'Give true or false.');
  }

  /** A duration of at least a millisecond and at most a hundred years. */
  days(value: unknown, path: string): number | null {
    const bounds = { min: 1 / 86_400_000, max: 36_500, hint: 'Give days, more than 0 and at most 36500.' };
    return this.number(value, path, bounds);
  }

  optionalDays(value: unknown, path: string): number | null {
    return isAbsent(value) ? null : this.days(value, path);
  }

  /** The one key of these that is given. */
  exactlyOne<K extends string>(object: Unchecked, path: string, keys: readonly K[]): K | null {
    const given = keys.filter((key) => !isAbsent(object[key]));
    const [only] = given;
    if (given.length === 1 && only !== undefined) return only;
    this.add(path, `Give exactly one of ${keys.join(', ')}.`);
    return null;
  }
}

/** Whether an optional part is left out. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** The path of a part. */
export function join(path: string, part: string | number): string {
  return path === '' ? String(part) : `${path}.${part}`;
}
