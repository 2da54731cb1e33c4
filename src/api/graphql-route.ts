import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { LeadpulseError } from '../errors.js';
import { requestIds } from './apollo.js';
import type { ApiContext } from './context.js';
import { answerError, statusOf } from './http-errors.js';
import { wantsEventStream } from './live/event-stream-request.js';
import type { EventStreamServer } from './live/event-stream-server.js';
import { isUnavailable, maskError } from './mask-error.js';
import type { PersistedOperations } from './persisted/persisted-operations.js';
import { isPersisted, partsOf, type RequestParts, withText } from './persisted/request-parts.js';
import type { OperationRequest, PreparedOperations } from './prepared-operations.js';
import { RequestContext } from './request-context.js';
import type { Services } from './services.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** What a request to `/graphql` may be answered by. */
export interface GraphqlRouteParts {
  services: Services;
  /** Started. */
  apollo: ApolloServer<ApiContext>;
  prepared: PreparedOperations;
  persisted: PersistedOperations;
  streams: EventStreamServer;
}

/** What answers `/graphql`: event streams, known documents, which are executed at once, and Apollo for everything else. */
export function createGraphqlRoute({
  services,
  apollo,
  prepared,
  persisted,
  streams,
}: GraphqlRouteParts): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const contextOf = async (request: FastifyRequest): Promise<RequestContext> => {
    const viewer = await services.access.authenticate(request.headers.authorization);
    return new RequestContext(services, viewer, request.id);
  };
  return async (request, reply) => {
    if (wantsEventStream(request)) return streams.answer(request, reply);
    let parts = partsOf(request);
    if (isPersisted(persisted, request.method, parts)) {
      try {
        // Only who has a key may fill the memory for texts, or learn what is on the list.
        await contextOf(request);
        parts = withText(persisted, request.method, parts);
      } catch (error) {
        // It may be found a moment later: nothing between may keep this answer.
        reply.header('cache-control', 'no-store');
        return answerError(reply, maskError(error, request.id, services.log));
      }
    }
    const operation = readOperation(request, parts.body);
    const found = operation && prepared.find(operation.query, operation.operationName);
    if (!operation || !found) {
      return requestIds.run(request.id, () =>
        answerThroughApollo(apollo, request, parts, reply, () => contextOf(request)),
      );
    }
    let context: RequestContext;
    try {
      context = await contextOf(request);
    } catch (error) {
      return answerError(reply, maskError(error, request.id, services.log));
    }
    const answer = await prepared.run(found, operation, context);
    return reply.code(answer.status).header('content-type', JSON_TYPE).send(answer.body);
  };
}

/** The request, when it is one that prepared operations answer just as Apollo would; null leaves it to Apollo. */
function readOperation({ method, headers }: FastifyRequest, body: unknown): OperationRequest | null {
  if (method !== 'POST' || !headers['content-type']?.startsWith('application/json')) return null;
  const { accept } = headers;
  if (accept !== undefined && !accept.startsWith('*/*') && !accept.startsWith('application/json'))
    return null;
  if (typeof body !== 'object' || body === null) return null;
  const { query, operationName, variables, extensions } = body as Record<string, unknown>;
  if (typeof query !== 'string' || extensions != null) return null;
  if (operationName != null && typeof operationName !== 'string') return null;
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) return null;
  return {
    query,
    operationName: operationName ?? undefined,
    variables: (variables ?? undefined) as Record<string, unknown> | undefined,
  };
}

async function answerThroughApollo(
  apollo: ApolloServer<ApiContext>,
  request: FastifyRequest,
  parts: RequestParts,
  reply: FastifyReply,
  contextOf: () => Promise<ApiContext>,
): Promise<FastifyReply> {
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: apolloRequestOf(request, parts),
    context: () => contextOf().catch(refuse),
  });
  for (const [name, value] of answer.headers) reply.header(name, value);
  reply.code(answer.status ?? 200);
  // The schema has neither @defer nor @stream: answers are complete.
  if (answer.body.kind !== 'complete') throw new Error('an answer in parts is not expected');
  return reply.send(answer.body.string);
}

/** Apollo takes the HTTP status from the error's extensions. */
function refuse(error: unknown): never {
  const known = error instanceof LeadpulseError;
  throw new GraphQLError(known ? error.message : 'The request could not be authenticated.', {
    originalError: error instanceof Error ? error : new Error(String(error)),
    extensions: { http: { status: statusOf(known ? error.code : isUnavailable(error) && 'UNAVAILABLE') } },
  });
}

function apolloRequestOf(request: FastifyRequest, parts: RequestParts): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return { method: request.method.toUpperCase(), headers, ...parts };
}
