import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { ApiContext } from '../context.js';
import type { AbortableStream } from './abortable-stream.js';

/** The arguments of a subscription of this API. */
export type SubscriptionArgs = ExecutionArgs & { contextValue: ApiContext };

/**
 * `subscribe` of graphql-js with a context of its own for every event: loaders that outlive an event show stale rows.
 * @param contextOf makes the context of one event.
 * @returns the events, or the answer with errors when there is nothing to subscribe to.
 */
export async function executeSubscription(
  args: SubscriptionArgs,
  contextOf: (base: ApiContext, event: unknown) => ApiContext,
): Promise<AbortableStream<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const map = async (step: IteratorResult<unknown>): Promise<IteratorResult<ExecutionResult>> => {
    if (step.done) return { done: true, value: undefined };
    const contextValue = contextOf(args.contextValue, step.value);
    return { done: false, value: await execute({ ...args, rootValue: step.value, contextValue }) };
  };
  const results: AbortableStream<ExecutionResult> = {
    next: async () => map(await events.next()),
    return: async () => {
      await events.return?.();
      return { done: true, value: undefined };
    },
    throw: async (error) => {
      await events.throw?.(error);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
