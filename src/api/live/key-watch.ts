import { LeadpulseError } from '../../errors.js';
import type { Log } from '../../log.js';

/**
 * Asks again and again whether the keys that sockets were opened with still work. One question per key, however many
 * sockets it opened, one key at a time.
 */
export class KeyWatch {
  readonly #holders = new Map<string, Set<() => void>>();
  readonly #check: (authorization: string) => Promise<unknown>;
  readonly #log: Log;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param check rejects with UNAUTHENTICATED when the key works no more; other faults say nothing about the key. */
  constructor(check: (authorization: string) => Promise<unknown>, everyMs: number, log: Log) {
    this.#check = check;
    this.#everyMs = everyMs;
    this.#log = log;
  }

  /**
   * Calls `refused` once the key works no more.
   * @returns what ends the watch.
   */
  watch(authorization: string, refused: () => void): () => void {
    const holders = this.#holders.get(authorization) ?? new Set();
    holders.add(refused);
    this.#holders.set(authorization, holders);
    if (this.#timer === undefined) this.#later();
    return () => {
      holders.delete(refused);
      if (holders.size === 0 && this.#holders.get(authorization) === holders)
        this.#holders.delete(authorization);
    };
  }

  /** Asks no more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(async () => {
      for (const authorization of [...this.#holders.keys()]) await this.#ask(authorization);
      this.#timer = undefined;
      if (this.#holders.size > 0) this.#later();
    }, this.#everyMs);
  }

  async #ask(authorization: string): Promise<void> {
    try {
      await this.#check(authorization);
    } catch (error) {
      if (!(error instanceof LeadpulseError) || error.code !== 'UNAUTHENTICATED') {
        this.#log.warn({ err: error }, 'could not check the key of open sockets; they stay open');
        return;
      }
      for (const refused of [...(this.#holders.get(authorization) ?? [])]) refused();
    }
  }
}
