const CODE_POINT_MAX = 0x10ffff;
const SURROGATE_FIRST = 0xd800;
const SURROGATE_LAST = 0xdfff;
const CHUNK_CODE_POINTS = 4_096;
const WORD_RUN = /[\p{L}\p{N}]+/gu;

let ranges: string | undefined;

/**
 * The inside of a regular expression's bracket that holds the letters and digits of `\p{L}\p{N}`, spelled out as ranges
 * (`0-9A-Za-z...`). PostgreSQL's own classes depend on the server's locale; these are the very characters of which the
 * scoring core's words are made. Computed once, about 1,400 characters long.
 */
export function wordCharacterRanges(): string {
  ranges ??= findRanges();
  return ranges;
}

/** In a text of all characters in order each run of word characters is a range. */
function findRanges(): string {
  const found: string[] = [];
  for (let first = 0; first <= CODE_POINT_MAX; first += CHUNK_CODE_POINTS) {
    for (const [run] of codePointsFrom(first).matchAll(WORD_RUN)) {
      const characters = [...run];
      const [low, high] = [characters[0], characters.at(-1)];
      found.push(characters.length === 1 ? `${low}` : `${low}-${high}`);
    }
  }
  return found.join('');
}

function codePointsFrom(first: number): string {
  const points: number[] = [];
  for (let point = first; point < first + CHUNK_CODE_POINTS && point <= CODE_POINT_MAX; point += 1) {
    if (point < SURROGATE_FIRST || point > SURROGATE_LAST) points.push(point);
  }
  return String.fromCodePoint(...points);
}
