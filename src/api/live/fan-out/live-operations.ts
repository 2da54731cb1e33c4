import { createSourceEventStream, type GraphQLError } from 'graphql';
import type { Services } from '../../services.js';
import { EventLoaders } from '../event-loaders.js';
import { ChangeGroup } from './change-group.js';
import type { LiveSubscription } from './frame.js';
import { FrameCache } from './frame-cache.js';
import { FrameMaker, type FrameMaking } from './frame-maker.js';
import { GroupRegistry } from './group-registry.js';
import { PositionedSource } from './positioned-source.js';
import { QueryGroup } from './query-group.js';
import { QuerySource } from './query-source.js';
import { mentions, sharingKey } from './sharing-key.js';
import { SoloSubscription } from './solo-subscription.js';
import type { SubscriptionArgs } from './subscription-args.js';

/** The field by which events of a slow consumer differ from those of others. */
const SKIPPED_FIELD = 'skipped';

/** The answer to a subscription that does not begin. */
export interface RefusedSubscription {
  errors: readonly GraphQLError[];
}

/**
 * Begins the subscriptions of one process, whatever transport they come by. Equal ones (same operation, variables, tenant and
 * rights) join a group, which executes each event once for all of them.
 */
export class LiveOperations {
  readonly #making: FrameMaking;
  readonly #changes = new GroupRegistry<PositionedSource>();
  readonly #queries = new GroupRegistry<QuerySource>();

  constructor(services: Services) {
    this.#making = { cache: new FrameCache(), loaders: new EventLoaders(services) };
  }

  /** Groups of equal subscriptions that are open. */
  get groupCount(): number {
    return this.#changes.size + this.#queries.size;
  }

  /**
   * Checks rights and arguments and settles where the subscription begins.
   * @param args an operation that has passed validation and the limits.
   */
  async open(args: SubscriptionArgs): Promise<LiveSubscription | RefusedSubscription> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return { errors: source.errors ?? [] };
    const maker = new FrameMaker(args, this.#making);
    if (source instanceof PositionedSource) {
      const showsSkipped = mentions(args, SKIPPED_FIELD);
      return this.#changes.join(
        sharingKey(args),
        source,
        (onEnd) => new ChangeGroup({ source, maker, onEnd, showsSkipped }),
      );
    }
    if (source instanceof QuerySource) {
      return this.#queries.join(
        sharingKey(args),
        source,
        (onEnd) => new QueryGroup({ source, maker, onEnd }),
      );
    }
    return new SoloSubscription(source[Symbol.asyncIterator](), maker);
  }
}
