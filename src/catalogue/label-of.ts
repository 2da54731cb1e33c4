/** Where a name parts into words: at all but letters and digits, and where a capital begins one (`demoVideo`, `CRMCall`). */
const SEPARATORS = /[^\p{L}\p{N}]+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
/** A word that stays as it is written: `CRM`, `B2B`. */
const ACRONYM = /^[\p{Lu}\p{N}]{2,}$/u;

/** The words of a name in lower case: `visited_pricing_page` and `visitedPricingPage` have the same three. */
export function wordsOf(name: string): string[] {
  return splitWords(name).map((word) => word.toLowerCase());
}

/** A name as people read it: `visited_pricing_page` is `Visited pricing page`. A name without any word stays as it is. */
export function labelOf(name: string): string {
  const words = splitWords(name);
  const isShouting = words.length > 1 && name === name.toUpperCase();
  const text = words.map((word) => (ACRONYM.test(word) && !isShouting ? word : word.toLowerCase())).join(' ');
  return text === '' ? name : text.replace(/^./u, (first) => first.toUpperCase());
}

function splitWords(name: string): string[] {
  return name.split(SEPARATORS).filter((word) => word !== '');
}
