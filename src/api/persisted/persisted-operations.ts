import { createHash } from 'node:crypto';
import type { Config } from '../../config.js';
import { LeadpulseError } from '../../errors.js';
import { isJsonObject } from '../../scoring/json-value.js';

/** Texts remembered by hash in the automatic mode. */
const TEXTS_MAX = 1_000;
/** Longer texts are not remembered; their clients send them each time. */
const TEXT_CHARS_MAX = 20_000;

type PersistedMode = Config['persistedOperations'];

/**
 * Operations that requests name instead of sending them, for HTTP, sockets and event streams alike: in the automatic mode by
 * the hash of a text that was sent once (the protocol of Apollo's automatic persisted queries), in the locked mode by their
 * id in a list beside which nothing runs.
 */
export class PersistedOperations {
  readonly #mode: PersistedMode;
  readonly #listed: ReadonlyMap<string, string>;
  readonly #listedTexts: ReadonlySet<string>;
  /** By hash, the longest unused first. */
  readonly #sent = new Map<string, string>();

  /** @param listed texts by id; what the locked mode lets through, and the automatic one knows from the start. */
  constructor(mode: PersistedMode, listed: ReadonlyMap<string, string>) {
    this.#mode = mode;
    this.#listed = listed;
    this.#listedTexts = new Set(listed.values());
  }

  /** Whether a request has to be looked at: every one in the locked mode, else those that refer to an operation. */
  concerns(extensions: unknown): boolean {
    return this.#mode === 'locked' || (isJsonObject(extensions) && extensions.persistedQuery != null);
  }

  /**
   * The text to run.
   * @param query what was sent; empty when the request only refers to it.
   * @param extensions of the request, with `persistedQuery: { version: 1, sha256Hash }` when it refers to an operation.
   * @throws LeadpulseError PERSISTED_QUERY_NOT_FOUND when it has to be sent in full once, PERSISTED_QUERY_NOT_SUPPORTED,
   * PERSISTED_QUERY_NOT_IN_LIST, BAD_USER_INPUT.
   */
  textOf(query: string, extensions: unknown): string {
    const id = this.concerns(extensions) ? idOf(extensions) : null;
    if (this.#mode === 'locked') return this.#listedText(id, query);
    if (id === null) return query;
    if (this.#mode === 'off')
      throw new LeadpulseError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
    return this.#knownText(id, query);
  }

  #listedText(id: string | null, query: string): string {
    const text = id === null ? query : this.#listed.get(id);
    if (text !== undefined && this.#listedTexts.has(text) && (query === '' || query === text)) return text;
    const message =
      'This server runs only the operations on its list; this one is not on it, or differs from it.';
    throw new LeadpulseError('PERSISTED_QUERY_NOT_IN_LIST', message);
  }

  #knownText(id: string, query: string): string {
    const known = this.#listed.get(id) ?? this.#sent.get(id);
    if (known !== undefined && (query === '' || query === known)) {
      this.#remember(id, known);
      return known;
    }
    if (query === '') throw new LeadpulseError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    if (createHash('sha256').update(query).digest('hex') !== id) {
      throw new LeadpulseError('BAD_USER_INPUT', 'The sha256Hash is not that of the query.');
    }
    this.#remember(id, query);
    return query;
  }

  #remember(id: string, text: string): void {
    if (text.length > TEXT_CHARS_MAX || this.#listed.has(id)) return;
    this.#sent.delete(id);
    this.#sent.set(id, text);
    if (this.#sent.size <= TEXTS_MAX) return;
    const [oldest] = this.#sent.keys();
    if (oldest !== undefined) this.#sent.delete(oldest);
  }
}

function idOf(extensions: unknown): string | null {
  const given = isJsonObject(extensions) ? extensions.persistedQuery : null;
  if (given == null) return null;
  if (!isJsonObject(given) || given.version !== 1 || typeof given.sha256Hash !== 'string') {
    const message = 'extensions.persistedQuery has to be { version: 1, sha256Hash: "..." }.';
    throw new LeadpulseError('BAD_USER_INPUT', message);
  }
  return given.sha256Hash;
}
