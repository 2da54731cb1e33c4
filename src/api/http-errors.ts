import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { type ErrorCode, LeadpulseError } from '../errors.js';
import { maskError } from './mask-error.js';
import type { Services } from './services.js';

const SERVER_FAULT = 500;
/** Of requests that are not begun; what an operation that ran met has 200 and its own errors. */
const STATUS_BY_CODE: Record<ErrorCode, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  IDEMPOTENCY_MISMATCH: 409,
  CURSOR_EXPIRED: 410,
  RATE_LIMITED: 429,
  TOO_COMPLEX: 413,
  // What clients are expected to meet and go on from; Apollo answers so too.
  PERSISTED_QUERY_NOT_FOUND: 200,
  PERSISTED_QUERY_NOT_SUPPORTED: 200,
  PERSISTED_QUERY_NOT_IN_LIST: 400,
  UNAVAILABLE: 503,
};

/** What is wrong before GraphQL sees a request (too large, no JSON, no such page) is answered in the shape of its errors. */
export function addHttpErrors(app: FastifyInstance, { config, log }: Services): void {
  const words: Record<string, string> = {
    FST_ERR_CTP_BODY_TOO_LARGE: `The request is larger than ${config.maxBodyBytes} bytes; send it in parts.`,
    FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Send the request with `Content-Type: application/json`.',
    FST_ERR_CTP_INVALID_JSON_BODY: 'The body is no valid JSON.',
    FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; send JSON with a `query`.',
  };
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? SERVER_FAULT;
    const fault =
      status < SERVER_FAULT
        ? new LeadpulseError('BAD_USER_INPUT', words[error.code] ?? error.message)
        : error;
    return answer(reply, status, maskError(fault, request.id, log));
  });
  app.setNotFoundHandler((request, reply) => {
    const fault = new LeadpulseError('NOT_FOUND', 'There is nothing here; the API is at /graphql.');
    return answer(reply, 404, maskError(fault, request.id, log));
  });
}

/** The HTTP status of a request that was not begun because of an error of this code. */
export function statusOf(code: unknown): number {
  const known = Object.entries(STATUS_BY_CODE).find(([name]) => name === code);
  return known?.[1] ?? SERVER_FAULT;
}

/** Answers a request that was not begun, with the status that the error's code has. */
export function answerError(reply: FastifyReply, masked: GraphQLFormattedError): FastifyReply {
  return answer(reply, statusOf(masked.extensions?.code), masked);
}

function answer(reply: FastifyReply, status: number, error: object): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [error] }));
}
