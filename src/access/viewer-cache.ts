import type { Viewer } from './viewer.js';

/** A revoked key stops to work at most this much later. */
const AGE_MS_MAX = 5_000;
const ENTRIES_MAX = 10_000;

/** A viewer with the instant at which its credential ends, ms since 1970; null for never. */
export interface Identified {
  viewer: Viewer;
  expiresAtMs: number | null;
}

interface Entry {
  found: Promise<Identified | null>;
  readAtMs: number;
}

/**
 * Remembers for a few seconds whom a credential belongs to. Requests that come together share one look-up; misses and
 * errors are not kept. Over `ENTRIES_MAX` the oldest go.
 */
export class ViewerCache {
  readonly #entries = new Map<string, Entry>();

  /**
   * @param credential a hash of what was presented; the secret itself stays out of memory.
   * @param find looks it up; null when nobody has it.
   */
  get(credential: string, nowMs: number, find: () => Promise<Identified | null>): Promise<Identified | null> {
    const known = this.#entries.get(credential);
    if (known && nowMs - known.readAtMs < AGE_MS_MAX) return known.found;
    const entry: Entry = { found: find(), readAtMs: nowMs };
    this.#entries.delete(credential);
    this.#entries.set(credential, entry);
    this.#trim();
    const forget = () => {
      if (this.#entries.get(credential) === entry) this.#entries.delete(credential);
    };
    entry.found.then((found) => {
      if (!found) forget();
    }, forget);
    return entry.found;
  }

  /** Forgets all of a key at once, in this process. */
  forgetKey(keyId: string): void {
    for (const [credential, entry] of this.#entries) {
      entry.found.then(
        (found) => {
          if (found?.viewer.keyId === keyId && this.#entries.get(credential) === entry)
            this.#entries.delete(credential);
        },
        () => undefined,
      );
    }
  }

  #trim(): void {
    if (this.#entries.size <= ENTRIES_MAX) return;
    const oldest = this.#entries.keys().next().value;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
