const LINE_CHARS_MAX = 110;

/** A fenced block of a page that shows operations and what they are answered with, in the order of the page. */
export type TourBlock = OperationBlock | ConsoleBlock;

/** An operation (`graphql`) with the answer (`json`) that follows it. */
export interface OperationBlock {
  kind: 'operation';
  query: string;
  /** The answer as the page has it; null when the page has none yet. */
  documented: unknown;
  /** Fields whose values differ from run to run: `<!-- varies: id, cursor -->` ahead of the operation. */
  varies: ReadonlySet<string>;
  /** The field of an earlier answer that holds the API key: `<!-- as: secret -->` ahead of the operation. */
  keyField: string | null;
  /** Where the text of the answer lies on the page. */
  start: number;
  end: number;
}

/** A program (`$ node file arguments`), or what the last one went on to print when no line begins with `$`. */
export interface ConsoleBlock {
  kind: 'console';
  /** Null when the block goes on with the last program. */
  command: string | null;
  /** What it prints, line by line. */
  lines: readonly string[];
  /** Where the printed lines lie on the page. */
  start: number;
  end: number;
}

const BLOCK =
  /(?<marks>(?:<!--[^\n]*-->\n)*)```graphql\n(?<query>[\s\S]+?)```\s+```json\n(?<answer>[\s\S]*?)```|```console\n(?<console>[\s\S]+?)```/g;

/** Finds the operations and the programs of a page, in its order. @throws SyntaxError for an answer that is no JSON. */
export function readTour(page: string): TourBlock[] {
  return [...page.matchAll(BLOCK)].map((match) => {
    const { marks = '', query, answer = '', console: shown } = match.groups ?? {};
    const end = match.index + match[0].length - '```'.length;
    if (shown !== undefined) return consoleBlock(shown, end);
    const varies = /varies: ([^-]+?) *-->/.exec(marks)?.[1]?.split(/, */) ?? [];
    return {
      kind: 'operation',
      query: query ?? '',
      documented: answer.trim() === '' ? null : JSON.parse(answer),
      varies: new Set(varies),
      keyField: /as: (\w+)/.exec(marks)?.[1] ?? null,
      start: end - answer.length,
      end,
    };
  });
}

function consoleBlock(shown: string, end: number): ConsoleBlock {
  const lines = shown.trimEnd().split('\n');
  const command = lines[0]?.startsWith('$ ') ? lines[0].slice(2) : null;
  const printed = command === null ? lines : lines.slice(1);
  const start = end - printed.map((line) => `${line}\n`).join('').length;
  return { kind: 'console', command, lines: printed, start, end };
}

/** Documented values that differ from run to run, and what they are in this run. */
export class VaryingValues {
  readonly #realOf = new Map<string, string>();
  readonly #lastOf = new Map<string, string>();

  /** The value that a field had in this run when it was answered last. @throws Error when it was not. */
  last(field: string): string {
    const value = this.#lastOf.get(field);
    if (value === undefined) throw new Error(`No answer before had the field '${field}'.`);
    return value;
  }

  /** A text of the page as it has to read in this run. */
  toReal(text: string): string {
    return [...this.#realOf].reduce(
      (result, [documented, real]) => result.replaceAll(documented, real),
      text,
    );
  }

  /**
   * Learns that one text of the page stands for another in this run.
   * @returns the text for the page: `documented`, or `real` when `documented` stood for something else before.
   */
  learn(documented: string, real: string): string {
    const known = this.#realOf.get(documented) ?? real;
    if (known !== real) return real;
    this.#realOf.set(documented, real);
    return documented;
  }

  /** An answer of this run as the page may show it: varying fields keep their documented values. */
  toDocumented(real: unknown, documented: unknown, varies: ReadonlySet<string>, field = ''): unknown {
    if (Array.isArray(real)) {
      const items: unknown[] = Array.isArray(documented) ? documented : [];
      return real.map((item, index) => this.toDocumented(item, items[index], varies, field));
    }
    if (isRecord(real)) {
      const shown = isRecord(documented) ? documented : {};
      return Object.fromEntries(
        Object.entries(real).map(([name, value]) => [
          name,
          this.toDocumented(value, shown[name], varies, name),
        ]),
      );
    }
    if (!varies.has(field)) return real;
    if (typeof real === 'string') this.#lastOf.set(field, real);
    if (typeof documented !== typeof real) return real;
    return typeof documented === 'string' ? this.learn(documented, String(real)) : documented;
  }
}

/** JSON for reading: what fits into a line stands in one. `ahead` counts the characters before it on its first line. */
export function printAnswer(value: unknown, indent = '', ahead = 0): string {
  const inline = printInline(value);
  if (indent.length + ahead + inline.length <= LINE_CHARS_MAX) return inline;
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.length > 0)
    return `[\n${value.map((item) => inner + printAnswer(item, inner)).join(',\n')}\n${indent}]`;
  if (isRecord(value)) {
    const entries = Object.entries(value);
    // An object around a single value costs no lines of its own.
    if (entries[0] && entries.length === 1)
      return `{ "${entries[0][0]}": ${printAnswer(entries[0][1], indent)} }`;
    const fields = entries.map(
      ([name, field]) => `${inner}"${name}": ${printAnswer(field, inner, name.length + 4)}`,
    );
    return `{\n${fields.join(',\n')}\n${indent}}`;
  }
  return inline;
}

function printInline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printInline).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `"${name}": ${printInline(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
