/** An async iterator whose `return` takes effect at once. */
export type AbortableStream<T> = AsyncIterableIterator<T> & {
  return(): Promise<IteratorResult<T>>;
  throw(error: unknown): Promise<IteratorResult<T>>;
};

/**
 * Makes a generator that can be ended while it waits. `return` of a plain async generator stands in line behind the `next`
 * that is under way, so that a subscription which waits for its next event would never end.
 * @param produce gets the signal that is aborted by `return`; every wait in it has to heed it.
 */
export function abortableStream<T>(
  produce: (signal: AbortSignal) => AsyncGenerator<T, void>,
): AbortableStream<T> {
  const stop = new AbortController();
  const source = produce(stop.signal);
  const stream: AbortableStream<T> = {
    next: () => source.next(),
    return: () => {
      stop.abort();
      return source.return();
    },
    throw: (error) => {
      stop.abort();
      return source.throw(error);
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
