import { hash } from 'node:crypto';
import type { IngestItem } from '../ingest/ingest-item.js';
import { normalizeIdentity } from '../store/identity.js';
import type { ImportRequest } from './import-request.js';

/**
 * Tells rows apart, so that the same file brings nothing twice.
 *
 * A row with an id of its own is known by that. A row with an instant is known by what it says: the same contact, type,
 * instant and values are the same event, in whatever file and place they come. Any other row is known by what it says and by
 * everything ahead of it in the file: the same file, or the same with rows added at its end, repeats it; two equal rows of
 * one file are two.
 */
export class RowIdentity {
  #chain: string;

  /** @param chain as it stood behind the last row; null at the beginning of a file. */
  constructor(request: ImportRequest, chain: string | null) {
    this.#chain = chain ?? digest(`import\n${request.kind}\n${JSON.stringify(request.mapping)}`);
  }

  /** Stands for all rows so far. */
  get chain(): string {
    return this.#chain;
  }

  /** To be called for every row, in their order. @param text of the row as the file has it. */
  pass(text: string): void {
    this.#chain = digest(`${this.#chain}\n${text}`);
  }

  /** Gives the item of the row passed last its key; `origin` names the row of this import. */
  mark(item: IngestItem, origin: string): void {
    const content = contentOf(item);
    const ownKey = item.idempotencyKey;
    const name =
      ownKey !== undefined
        ? `id\n${ownKey}`
        : item.occurredAtMs !== undefined
          ? `event\n${content}`
          : `row\n${this.#chain}\n${content}`;
    item.idempotencyKey = `import:${digest(name)}`;
    item.requestHash = Buffer.from(digest(content), 'base64url');
    item.origin = origin;
  }
}

/** What an item says, the same for the same: names of attributes in order, keys as they are compared. */
function contentOf(item: IngestItem): string {
  const { contact, occurredAtMs } = item;
  const key = [contact.kind, normalizeIdentity(contact.kind, contact.value)];
  if (item.kind === 'action') {
    return JSON.stringify([item.kind, key, occurredAtMs, item.type, sorted(item.properties)]);
  }
  if (item.kind === 'profile') {
    return JSON.stringify([item.kind, key, occurredAtMs, sorted(item.set), sorted(item.identities)]);
  }
  throw new Error(`no row is a ${item.kind}`);
}

function sorted(values: object): [string, unknown][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A text and not bytes: buffers of their own for every row are memory that is given back late. */
function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
