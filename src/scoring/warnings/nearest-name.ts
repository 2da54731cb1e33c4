/** How many letters two names may differ by, for each so many letters of the longer one, and at most. */
const LETTERS_PER_EDIT = 4;
const EDITS_MAX = 3;

/** A known name, read once. */
interface KnownName {
  name: string;
  /** Its words in lower case, with single spaces between them. */
  words: string;
}

/** Known names, among which those are found that were most likely meant by unknown ones. */
export class NameIndex {
  private readonly names: KnownName[];
  /** By the words run together: another case or separation. */
  private readonly byLetters = new Map<string, string>();
  /** By the words in the order of the alphabet, in the singular. */
  private readonly bySortedWords = new Map<string, string>();

  constructor(known: Iterable<string>) {
    this.names = [...known].sort().map((name) => ({ name, words: wordsOf(name).join(' ') }));
    // From the last to the first: of several, the first in the alphabet stays.
    for (const { name, words } of this.names.toReversed()) {
      this.byLetters.set(lettersOf(words), name);
      this.bySortedWords.set(sortedWordsOf(words), name);
    }
  }

  /**
   * The known name nearest to one that is unknown: the same words in another case, separation, order or number, or else
   * the name that the fewest letters added, left out, exchanged or swapped lead to.
   * @returns null when none is near
   */
  nearestTo(unknown: string): string | null {
    const words = wordsOf(unknown).join(' ');
    return (
      this.byLetters.get(lettersOf(words)) ??
      this.bySortedWords.get(sortedWordsOf(words)) ??
      this.fewestEditsFrom(words)
    );
  }

  private fewestEditsFrom(words: string): string | null {
    let nearest: string | null = null;
    let editsMax = EDITS_MAX;
    for (const known of this.names) {
      const allowed = Math.min(editsMax, allowedEdits(words, known.words));
      const edits = editDistance(words, known.words, allowed);
      if (edits > allowed) continue;
      nearest = known.name;
      // The next one has to be nearer still.
      editsMax = edits - 1;
    }
    return nearest;
  }
}

function allowedEdits(one: string, other: string): number {
  return Math.floor(Math.max(one.length, other.length) / LETTERS_PER_EDIT);
}

/** The words of a name in lower case: `pricingPages`, `pricing-page` and `Pricing page` are "pricing", "page(s)". */
function wordsOf(name: string): string[] {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function lettersOf(words: string): string {
  return words.replaceAll(' ', '');
}

function sortedWordsOf(words: string): string {
  return words.split(' ').map(singular).sort().join(' ');
}

function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word;
}

/**
 * Letters added, left out, exchanged, or swapped with the next one; more than `editsMax` when there are more. Only cells
 * within `editsMax` of the diagonal can be part of the answer.
 */
function editDistance(a: string, b: string, editsMax: number): number {
  const tooMany = editsMax + 1;
  if (Math.abs(a.length - b.length) > editsMax) return tooMany;
  let [beforeLast, last, next] = [0, 1, 2].map(() => new Uint8Array(b.length + 1).fill(tooMany)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (let column = 0; column <= Math.min(b.length, editsMax); column++) last[column] = column;
  for (let row = 1; row <= a.length; row++) {
    const from = Math.max(1, row - editsMax);
    const to = Math.min(b.length, row + editsMax);
    next[from - 1] = from === 1 && row <= editsMax ? row : tooMany;
    let fewest = next[from - 1] as number;
    for (let column = from; column <= to; column++) {
      const [letter, other] = [a.charCodeAt(row - 1), b.charCodeAt(column - 1)];
      let edits = Math.min(
        (column < row + editsMax ? (last[column] as number) : tooMany) + 1,
        (next[column - 1] as number) + 1,
        (last[column - 1] as number) + (letter === other ? 0 : 1),
      );
      const isSwap =
        row > 1 && column > 1 && letter === b.charCodeAt(column - 2) && a.charCodeAt(row - 2) === other;
      if (isSwap) edits = Math.min(edits, (beforeLast[column - 2] as number) + 1);
      next[column] = edits;
      fewest = Math.min(fewest, edits);
    }
    if (fewest > editsMax) return tooMany;
    [beforeLast, last, next] = [last, next, beforeLast];
  }
  return last[b.length] as number;
}
