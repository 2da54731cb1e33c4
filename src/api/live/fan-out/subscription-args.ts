import type { ExecutionArgs } from 'graphql';
import type { ApiContext } from '../../context.js';

/** What a subscription is executed with. */
export type SubscriptionArgs = ExecutionArgs & { contextValue: ApiContext };
