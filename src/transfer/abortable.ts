/**
 * The parts of a source until the signal aborts, also while the next one is waited for.
 * @throws the signal's reason; whatever the source throws.
 */
export async function* abortable(source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const parts = source[Symbol.asyncIterator]();
  let giveUp: (() => void) | null = null;
  signal.addEventListener('abort', () => giveUp?.(), { once: true });
  for (;;) {
    signal.throwIfAborted();
    // No Promise.race with one promise for all turns: that promise would keep every part until it is settled.
    const next = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
      giveUp = () => reject(signal.reason);
      parts.next().then(resolve, reject);
    });
    if (next.done) return;
    yield next.value;
  }
}
