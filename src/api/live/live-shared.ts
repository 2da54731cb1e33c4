import type { GraphQLSchema } from 'graphql';
import type { PersistedOperations } from '../persisted/persisted-operations.js';
import type { Services } from '../services.js';
import { LiveOperations } from './fan-out/live-operations.js';
import type { SubscriptionArgs } from './fan-out/subscription-args.js';
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
  operations: LiveOperations;
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
  const operations = new LiveOperations(services);
  return {
    services,
    limits,
    quota,
    keys: new KeyWatch((authorization) => access.authenticate(authorization), limits.keyCheckMs, log),
    preparer: new SubscriptionPreparer(schema, persisted, config.introspection),
    operations,
    begin: (args) => quota.subscribe(args.contextValue.viewer, () => operations.open(args)),
  };
}
