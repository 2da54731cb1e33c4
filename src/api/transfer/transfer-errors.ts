import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../errors.js';
import { maskError } from '../mask-error.js';
import type { Services } from '../services.js';

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
  UNAVAILABLE: 503,
};
const SERVER_FAULT = 500;

/** Answers with a fault in the shape of GraphQL's errors, and the HTTP status that goes with its code. */
export function answerFault(
  { log }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const masked = maskError(error, request.id, log);
  const code = masked.extensions?.code;
  const known = Object.entries(STATUS_BY_CODE).find(([name]) => name === code);
  // What is left of a body is not read: the connection cannot be used for another request.
  if (!request.raw.complete) reply.header('connection', 'close');
  return reply
    .code(known?.[1] ?? SERVER_FAULT)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [masked] }));
}
