import { badInput } from '../../errors.js';

/** Parameters of an address, each checked when it is read. */
export class QueryParameters {
  readonly #values: URLSearchParams;

  /**
   * @param url path and query.
   * @param known names that there are.
   * @throws LeadpulseError BAD_USER_INPUT for a name that there is not: a slip would go unnoticed.
   */
  constructor(url: string, known: readonly string[]) {
    const start = url.indexOf('?');
    this.#values = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
    for (const name of this.#values.keys()) {
      if (known.includes(name)) continue;
      throw badInput([{ path: name, message: `There is no such parameter; there are ${known.join(', ')}.` }]);
    }
  }

  text(name: string): string | null {
    return this.#values.get(name);
  }

  texts(name: string): string[] {
    return this.#values.getAll(name);
  }

  flag(name: string): boolean {
    const text = this.#values.get(name);
    if (text === null || text === 'false') return false;
    if (text === 'true' || text === '') return true;
    throw badInput([{ path: name, message: 'Give true or false.' }]);
  }

  /** A whole number from 0 on; 0 when absent. */
  count(name: string): number {
    const text = this.#values.get(name) ?? '0';
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw badInput([{ path: name, message: 'Give a whole number from 0 on.' }]);
  }

  /** One of some words, in any case; null when absent. */
  choice<T extends string>(name: string, choices: readonly T[]): T | null {
    const text = this.#values.get(name);
    if (text === null) return null;
    const found = choices.find((choice) => choice === text.toUpperCase());
    if (found) return found;
    throw badInput([{ path: name, message: `Give one of ${choices.join(', ').toLowerCase()}.` }]);
  }
}
