/**
 * Columns of many rows as parameters of one statement. Numbers and ids go as array literals, text as one string joined by
 * U+001E and split by the server: an array of quoted JSON cost a quarter more (see docs/performance.md).
 */

/** Separates texts; no text that is stored may contain it (JSON escapes it, plain text is checked). */
export const TEXT_SEPARATOR = '\u001e';

/** Numbers, ids and other values that need no quoting; null becomes NULL. */
export function arrayLiteral(values: readonly (string | number | boolean | null)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (index > 0) text += ',';
    text += value === null || value === undefined ? 'NULL' : value;
  }
  return `${text}}`;
}

/**
 * Texts for `string_to_array($n, U&'\001E')`; null and '' both arrive as '' (or, for a single one, as NULL): the
 * statement says `nullif(x, '')` where the column may be null, `coalesce(x, '')` where it may be empty.
 */
export function joinedTexts(values: readonly (string | null)[]): string {
  return values.join(TEXT_SEPARATOR);
}
