import type { GraphQLSchema } from 'graphql';
import type { ApiContext } from '../context.js';
import type { PersistedOperations } from '../persisted/persisted-operations.js';
import type { Services } from '../services.js';
import { EventContext } from './event-context.js';
import { EventLoaders } from './event-loaders.js';
import { executeSubscription, type SubscriptionArgs } from './execute-subscription.js';
import { KeyWatch } from './key-watch.js';
import { type LiveLimits, liveLimitsOf } from './live-limits.js';
import { type Begun, LiveQuota } from './live-quota.js';
import { SubscriptionPreparer } from './subscription-preparer.js';

/** What the live connections of one process have in common, whether they are sockets or event streams. */
export interface LiveShared {
  services: Services;
  limits: LiveLimits;
  quota: LiveQuota;
  /** Ends connections whose key works no more. */
  keys: KeyWatch;
  preparer: SubscriptionPreparer;
  /** Begins a prepared subscription, when its key and the process have a place left for it. */
  begin(args: SubscriptionArgs): Promise<Begun>;
}

/** What live connections are made of. */
export interface LiveParts {
  schema: GraphQLSchema;
  services: Services;
  persisted: PersistedOperations;
  /** Bounds other than those of the configuration. */
  changed: Partial<LiveLimits>;
}

/** What the live connections of a new process have in common. */
export function createLiveShared({ schema, services, persisted, changed }: LiveParts): LiveShared {
  const { config, access, log } = services;
  const limits = { ...liveLimitsOf(config), ...changed };
  const quota = new LiveQuota(limits);
  const eventLoaders = new EventLoaders(services);
  const contextOf = (base: ApiContext, event: unknown) => new EventContext(base, event, eventLoaders);
  return {
    services,
    limits,
    quota,
    keys: new KeyWatch((authorization) => access.authenticate(authorization), limits.keyCheckMs, log),
    preparer: new SubscriptionPreparer(schema, persisted, config.introspection),
    begin: (args) => quota.subscribe(args.contextValue.viewer, () => executeSubscription(args, contextOf)),
  };
}
