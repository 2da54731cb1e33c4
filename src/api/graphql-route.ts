import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { LeadpulseError } from '../errors.js';
import { requestIds } from './apollo.js';
import type { ApiContext } from './context.js';
import { isUnavailable, maskError } from './mask-error.js';
import type { OperationRequest, PreparedOperations } from './prepared-operations.js';
import { RequestContext } from './request-context.js';
import type { Services } from './services.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const STATUS_BY_CODE: Record<string, number> = { UNAUTHENTICATED: 401, UNAVAILABLE: 503 };

/**
 * What answers `/graphql`: known documents are executed at once, everything else goes through Apollo.
 * @param apollo started.
 */
export function createGraphqlRoute(
  services: Services,
  apollo: ApolloServer<ApiContext>,
  prepared: PreparedOperations,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const contextOf = async (request: FastifyRequest): Promise<RequestContext> => {
    const viewer = await services.access.authenticate(request.headers.authorization);
    return new RequestContext(services, viewer, request.id);
  };
  return async (request, reply) => {
    const operation = readOperation(request);
    const found = operation && prepared.find(operation.query, operation.operationName);
    if (!operation || !found) {
      return requestIds.run(request.id, () =>
        answerThroughApollo(apollo, request, reply, () => contextOf(request)),
      );
    }
    let context: RequestContext;
    try {
      context = await contextOf(request);
    } catch (error) {
      const masked = maskError(error, request.id, services.log);
      return reply
        .code(statusOf(masked.extensions?.code))
        .header('content-type', JSON_TYPE)
        .send(JSON.stringify({ errors: [masked] }));
    }
    const answer = await prepared.run(found, operation, context);
    return reply.code(answer.status).header('content-type', JSON_TYPE).send(answer.body);
  };
}

/** The request, when it is one that prepared operations answer just as Apollo would; null leaves it to Apollo. */
function readOperation(request: FastifyRequest): OperationRequest | null {
  const { body, headers } = request;
  if (request.method !== 'POST' || !headers['content-type']?.startsWith('application/json')) return null;
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
  reply: FastifyReply,
  contextOf: () => Promise<ApiContext>,
): Promise<FastifyReply> {
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: apolloRequestOf(request),
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

function statusOf(code: unknown): number {
  return (typeof code === 'string' && STATUS_BY_CODE[code]) || 500;
}

function apolloRequestOf(request: FastifyRequest): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const start = request.url.indexOf('?');
  return {
    method: request.method.toUpperCase(),
    headers,
    search: start < 0 ? '' : request.url.slice(start),
    body: request.body,
  };
}
