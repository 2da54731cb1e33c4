import { type ExecutionResult, execute } from 'graphql';
import type { ApiContext } from '../../context.js';
import { maskError } from '../../mask-error.js';
import { EventContext } from '../event-context.js';
import type { EventLoaders } from '../event-loaders.js';
import { batchesOf, type Frame, type FrameBatch } from './frame.js';
import type { FrameCache } from './frame-cache.js';
import type { SubscriptionArgs } from './subscription-args.js';

/** One event before it is executed. */
export interface LiveEvent {
  /** Tells the event from every other one of its group that may look different. */
  key: string;
  /** What the subscription's root field is resolved from. */
  root: unknown;
  position: bigint;
}

/** Some events in order, and where they lie in their stream. */
export interface EventStretch {
  events: readonly LiveEvent[];
  /** Where a subscriber stands that has had none of them. */
  from: bigint;
  /** Where one stands that has had all of them, and was spared what its filter leaves out. */
  position: bigint;
  /** The newest thing that was looked at: those who execute events up to the same one share what is read. */
  anchor: object | null;
}

/** What frame makers of one process share. */
export interface FrameMaking {
  cache: FrameCache;
  loaders: EventLoaders;
}

let makers = 0;

/** Executes the operation of one group of equal subscriptions, once for each event. */
export class FrameMaker {
  readonly #args: SubscriptionArgs;
  readonly #making: FrameMaking;
  readonly #prefix: string;

  constructor(args: SubscriptionArgs, making: FrameMaking) {
    this.#args = args;
    this.#making = making;
    makers += 1;
    this.#prefix = `${makers}/`;
  }

  /** Executes events, and divides the frames into batches. */
  async batches({ events, from, position, anchor }: EventStretch): Promise<FrameBatch[]> {
    const contextValue = this.context(anchor);
    const frames = await Promise.all(
      events.map((event) =>
        this.#making.cache.get(this.#prefix + event.key, () => this.make(event, contextValue)),
      ),
    );
    return batchesOf(frames, from, position);
  }

  /** A context whose loaders are those of `anchor`, or its own when there is none. */
  context(anchor: object | null): ApiContext {
    return new EventContext(this.#args.contextValue, anchor, this.#making.loaders);
  }

  /** The frame of one event. A fault of a field is part of it, as in any answer. */
  async make(event: Omit<LiveEvent, 'key'>, contextValue: ApiContext): Promise<Frame> {
    const result = await execute({ ...this.#args, rootValue: event.root, contextValue });
    return { payload: JSON.stringify(this.#masked(result)), position: event.position };
  }

  #masked({ errors, data }: ExecutionResult) {
    if (!errors) return { data };
    const { requestId, services } = this.#args.contextValue;
    return { data, errors: errors.map((error) => maskError(error, requestId, services.log)) };
  }
}
