import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
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
import { maskError } from '../mask-error.js';
import { RequestContext } from '../request-context.js';
import type { Services } from '../services.js';
import type { AbortableStream } from './abortable-stream.js';
import type { SubscriptionArgs } from './fan-out/subscription-args.js';
import { CLOSE_CODES } from './live-limits.js';
import type { LiveShared } from './live-shared.js';
import type { LiveSocket } from './live-socket.js';
import { socketStream } from './socket-stream.js';
import { asGraphQLError } from './subscription-preparer.js';

/** What the protocol needs to know about one socket. */
export interface SocketState {
  socket: LiveSocket;
  /** Set once the client has presented a key that works. */
  viewer: Viewer | null;
  /**
   * Called when a key was accepted, with its `Authorization` value.
   * @param subscriptions counts those under way on the socket.
   * @returns false when the socket was closed all the same.
   */
  onAccepted(authorization: string, viewer: Viewer, subscriptions: () => number): boolean;
}

type SocketContext = Context<ConnectionInitMessage['payload'], SocketState>;

/** The graphql-transport-ws protocol for this API: keys at the start, subscriptions alone, bounds, and masked errors. */
export function createSubscriptionProtocol(live: LiveShared): Server<SocketState> {
  const { services, limits } = live;
  return makeServer<ConnectionInitMessage['payload'], SocketState>({
    connectionInitWaitTimeout: limits.initMsMax,
    onConnect: (ctx) => acceptKey(ctx, services),
    onSubscribe: (ctx, _id, payload) => prepare(ctx, live, payload),
    // Begun below, where the socket is known.
    subscribe: () => ({}),
    onOperation: async (ctx, id, _payload, args) => {
      const begun = await live.begin(args as SubscriptionArgs);
      if ('errors' in begun) return refused(begun.errors);
      return socketStream(begun, ctx.extra.socket, id);
    },
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
    const viewer = await services.access.authenticate(authorization);
    ctx.extra.viewer = viewer;
    return ctx.extra.onAccepted(authorization, viewer, () => Object.keys(ctx.subscriptions).length);
  } catch (error) {
    if (error instanceof LeadpulseError && error.code === 'UNAUTHENTICATED') {
      socket.close(CLOSE_CODES.forbidden, 'Forbidden');
    } else {
      services.log.error({ err: error }, 'could not check the key of a socket');
      socket.close(CLOSE_CODES.tryAgainLater, 'Try again later');
    }
    return false;
  }
}

function prepare(
  ctx: SocketContext,
  { preparer, services, limits }: LiveShared,
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

function refused(errors: readonly GraphQLError[]): AbortableStream<never> {
  const end = async (): Promise<IteratorResult<never>> => ({ done: true, value: undefined });
  const stream: AbortableStream<never> = {
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
