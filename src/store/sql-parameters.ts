/** Collects the values of a statement while its text is being put together; nothing of a caller's ever enters the text. */
export class SqlParameters {
  readonly values: unknown[] = [];
  readonly #shared = new Map<string, string>();

  /**
   * @param type the SQL type, so that PostgreSQL never has to guess it.
   * @returns the placeholder, such as `$3::uuid[]`.
   */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }

  /** Like `add`, but a value given before under the same name is used again. */
  shared(name: string, type: string, value: () => unknown): string {
    const known = this.#shared.get(name);
    if (known !== undefined) return known;
    const placeholder = this.add(value(), type);
    this.#shared.set(name, placeholder);
    return placeholder;
  }
}
