/** What ended a wait. */
export type WaitEnd = 'woken' | 'timeout' | 'aborted';

/** Lets any number of waiters wait for the next call of `wake`. Holds nothing when nobody waits. */
export class SignalWait {
  readonly #waiters = new Set<(end: WaitEnd) => void>();

  /** How many wait now. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Ends every wait that is under way. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter('woken');
  }

  /**
   * Waits for `wake`, for `signal`, or for the time to pass, whatever comes first; never rejects.
   * @param timeoutMs Infinity waits without limit.
   */
  wait(signal: AbortSignal, timeoutMs: number): Promise<WaitEnd> {
    if (signal.aborted) return Promise.resolve('aborted');
    return new Promise((resolve) => {
      const finish = (end: WaitEnd) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#waiters.delete(finish);
        resolve(end);
      };
      const onAbort = () => finish('aborted');
      const timer = Number.isFinite(timeoutMs) ? setTimeout(finish, timeoutMs, 'timeout') : undefined;
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(finish);
    });
  }
}
