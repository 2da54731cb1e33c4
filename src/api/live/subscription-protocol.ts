import { randomUUID } from 'node:crypto';
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import {
  type ConnectionInitMessage,
  type Context,
  makeServer,
  type Server,
  type SubscribePayload,
} from 'graphql-ws';
import type { Viewer } from '../../access/viewer.js';
import { LeadpulseError } from '../../errors.js';
import type { Log } from '../../log.js';
import type { ApiContext } from '../context.js';
import { maskError } from '../mask-error.js';
import { RequestContext } from '../request-context.js';
import type { Services } from '../services.js';
import type { AbortableStream } from './abortable-stream.js';
import { EventContext } from './event-context.js';
import { EventLoaders } from './event-loaders.js';
import { executeSubscription, type SubscriptionArgs } from './execute-subscription.js';
import { CLOSE_CODES, type LiveLimits } from './live-limits.js';
import type { LiveSocket } from './live-socket.js';
import { asGraphQLError, SubscriptionPreparer } from './subscription-preparer.js';

/** What the protocol needs to know about one socket. */
export interface SocketState {
  socket: LiveSocket;
  /** Set once the client has presented a key that works. */
  viewer: Viewer | null;
  /** Called with the `Authorization` value that was accepted. */
  onAccepted(authorization: string): void;
}

type SocketContext = Context<ConnectionInitMessage['payload'], SocketState>;

/** The graphql-transport-ws protocol for this API: keys at the start, subscriptions alone, bounds, and masked errors. */
export function createSubscriptionProtocol(
  schema: GraphQLSchema,
  services: Services,
  limits: LiveLimits,
): Server<SocketState> {
  const eventLoaders = new EventLoaders(services);
  const preparer = new SubscriptionPreparer(schema);
  return makeServer<ConnectionInitMessage['payload'], SocketState>({
    connectionInitWaitTimeout: limits.initMsMax,
    onConnect: (ctx) => acceptKey(ctx, services),
    onSubscribe: (ctx, _id, payload) => prepare(ctx, preparer, services, limits, payload),
    subscribe: async (args) => {
      const contextOf = (base: ApiContext, event: unknown) => new EventContext(base, event, eventLoaders);
      const result = await executeSubscription(args as SubscriptionArgs, contextOf);
      return Symbol.asyncIterator in result ? result : refused(result);
    },
    onNext: (_ctx, _id, _payload, args, result) => maskResult(result, args.contextValue as ApiContext),
    // Errors that end a subscription have no context of their own.
    onError: (_ctx, _id, _payload, errors) => maskAll(unwrapRefused(errors), randomUUID(), services.log),
  });
}

/** Decides about a new client by `connectionParams.authorization`; closes the socket with the code that says why not. */
async function acceptKey(ctx: SocketContext, services: Services): Promise<boolean> {
  const { socket } = ctx.extra;
  const authorization = ctx.connectionParams?.authorization;
  if (typeof authorization !== 'string') {
    socket.close(CLOSE_CODES.unauthorized, 'Send connectionParams.authorization: "Bearer <API key>"');
    return false;
  }
  try {
    ctx.extra.viewer = await services.access.authenticate(authorization);
  } catch (error) {
    if (error instanceof LeadpulseError && error.code === 'UNAUTHENTICATED') {
      socket.close(CLOSE_CODES.forbidden, 'Forbidden');
    } else {
      services.log.error({ err: error }, 'could not check the key of a socket');
      socket.close(CLOSE_CODES.tryAgainLater, 'Try again later');
    }
    return false;
  }
  ctx.extra.onAccepted(authorization);
  return true;
}

function prepare(
  ctx: SocketContext,
  preparer: SubscriptionPreparer,
  services: Services,
  limits: LiveLimits,
  payload: SubscribePayload,
): SubscriptionArgs | readonly GraphQLError[] {
  const { viewer } = ctx.extra;
  if (!viewer) throw new Error('a socket subscribed before it was accepted');
  // The one that asks is counted already.
  if (Object.keys(ctx.subscriptions).length > limits.subscriptionsPerSocketMax) {
    const message = `One socket carries at most ${limits.subscriptionsPerSocketMax} subscriptions; end one, or open another socket.`;
    return [asGraphQLError(new LeadpulseError('RATE_LIMITED', message))];
  }
  return preparer.prepare(payload, new RequestContext(services, viewer, randomUUID()));
}

function maskResult(result: ExecutionResult, { requestId, services }: ApiContext): FormattedExecutionResult {
  const { errors, ...rest } = result;
  return errors ? { ...rest, errors: maskAll(errors, requestId, services.log) } : rest;
}

function maskAll(errors: readonly GraphQLError[], requestId: string, log: Log): GraphQLFormattedError[] {
  return errors.map((error) => maskError(error, requestId, log));
}

/** Carries the errors of a subscription that never began to where errors are sent: graphql-ws would send them as an event. */
class SubscriptionRefused extends Error {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super('the subscription did not begin');
    this.errors = errors;
  }
}

function refused({ errors = [] }: ExecutionResult): AbortableStream<ExecutionResult> {
  const end = async (): Promise<IteratorResult<ExecutionResult>> => ({ done: true, value: undefined });
  const stream: AbortableStream<ExecutionResult> = {
    next: () => Promise.reject(new SubscriptionRefused(errors)),
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

function unwrapRefused(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  return errors.flatMap((error) =>
    error.originalError instanceof SubscriptionRefused ? error.originalError.errors : [error],
  );
}
