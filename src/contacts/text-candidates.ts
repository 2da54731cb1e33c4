import type pg from 'pg';
import { wordsOfText } from '../store/contact-filter.js';

/**
 * Contacts that a text may lead to before each contact is asked instead: with more of them a page in its order is soon full,
 * and a list of their ids would cost more than it saves.
 */
export const TEXT_CANDIDATES_MAX = 5_000;
/** Shorter words have no trigram to look up. */
const INDEXED_WORD_CHARS_MIN = 3;

/** Contacts by text; null where the index does not help, because nearly everybody may be meant. */
export type TextCandidates = ReadonlyMap<string, readonly string[] | null>;

/**
 * Looks texts up in the index by trigrams.
 * @param client a connection scoped to the tenant.
 */
export async function readTextCandidates(
  client: pg.ClientBase,
  texts: readonly string[],
): Promise<TextCandidates> {
  const found = texts.map(async (text) => [text, await candidatesOf(client, wordsOfText(text))] as const);
  return new Map(await Promise.all(found));
}

async function candidatesOf(client: pg.ClientBase, words: string[]): Promise<string[] | null> {
  if (!words.some((word) => [...word].length >= INDEXED_WORD_CHARS_MIN)) return null;
  const { rows } = await client.query<{ ids: string[] }>({
    name: 'contacts_by_text',
    text: 'SELECT ARRAY(SELECT find_contacts_by_text($1::text[], $2::int)) AS ids',
    values: [words, TEXT_CANDIDATES_MAX + 1],
  });
  const ids = rows[0]?.ids ?? [];
  return ids.length > TEXT_CANDIDATES_MAX ? null : ids;
}
