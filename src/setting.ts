/** One environment variable: how it reads, what it means and what holds without it. */
export interface Setting<T> {
  variable: string;
  /** One or two sentences for users. */
  description: string;
  /** What the variable must be, to follow "must be". */
  kind: string;
  /** The value when the variable is absent or empty. */
  fallback: T;
  /** How the fallback is shown to users. */
  shownFallback: string;
  /** Secrets are never repeated in a message. */
  secret: boolean;
  /** The value, or undefined when the text is not of that kind. */
  parse(text: string): T | undefined;
}

type About = Pick<Setting<unknown>, 'variable' | 'description'>;

const YES = ['on', 'true', 'yes', '1'];
const NO = ['off', 'false', 'no', '0'];

/** A whole number in a range, both ends included. */
export function wholeNumber(
  about: About,
  bounds: { min: number; max: number; fallback: number },
): Setting<number> {
  const { min, max, fallback } = bounds;
  return {
    ...about,
    kind: `a whole number from ${min} to ${max}`,
    fallback,
    shownFallback: String(fallback),
    secret: false,
    parse: (text) => {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** One of some words. */
export function choice<T extends string>(about: About, words: readonly T[], fallback: T): Setting<T> {
  return {
    ...about,
    kind: `one of ${words.join(', ')}`,
    fallback,
    shownFallback: fallback,
    secret: false,
    parse: (text) => words.find((word) => word === text),
  };
}

/**
 * On or off; `true`, `yes`, `1` and their opposites will do.
 * @param fallback null when it depends on other variables; `shownFallback` then says on what.
 */
export function flag<T extends boolean | null>(
  about: About,
  fallback: T,
  shownFallback?: string,
): Setting<T | boolean> {
  return {
    ...about,
    kind: 'on or off',
    fallback,
    shownFallback: shownFallback ?? (fallback ? 'on' : 'off'),
    secret: false,
    parse: (text) => {
      const word = text.toLowerCase();
      if (YES.includes(word)) return true;
      return NO.includes(word) ? false : undefined;
    },
  };
}

/** Any text that `accepts` takes; null without one. */
export function optionalText(
  about: About,
  rule: { kind: string; accepts: (text: string) => boolean; secret?: boolean; shownFallback?: string },
): Setting<string | null> {
  return {
    ...about,
    kind: rule.kind,
    fallback: null,
    shownFallback: rule.shownFallback ?? 'none',
    secret: rule.secret ?? false,
    parse: (text) => (rule.accepts(text) ? text : undefined),
  };
}

/** Any text that `accepts` takes. */
export function text(
  about: About,
  rule: { kind: string; accepts: (text: string) => boolean; fallback: string },
): Setting<string> {
  return {
    ...optionalText(about, rule),
    fallback: rule.fallback,
    shownFallback: rule.fallback,
  } as Setting<string>;
}

/** Words between commas, each of which `accepts` takes; none without it. */
export function list(
  about: About,
  rule: { kind: string; accepts: (word: string) => boolean; itemsMax: number },
): Setting<readonly string[]> {
  return {
    ...about,
    kind: `${rule.kind}, at most ${rule.itemsMax}, with commas between`,
    fallback: [],
    shownFallback: 'none',
    secret: false,
    parse: (words) => {
      const items = words.split(',').map((word) => word.trim());
      return items.length <= rule.itemsMax && items.every(rule.accepts) ? items : undefined;
    },
  };
}

/** Whether the text is an absolute address with one of these protocols (`https:`). */
export function isUrl(address: string, protocols: readonly string[]): boolean {
  return URL.canParse(address) && protocols.includes(new URL(address).protocol);
}
