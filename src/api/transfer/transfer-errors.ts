import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerError } from '../http-errors.js';
import { maskError } from '../mask-error.js';
import type { Services } from '../services.js';

/** Answers with a fault in the shape of GraphQL's errors, and the HTTP status that goes with its code. */
export function answerFault(
  { log }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const masked = maskError(error, request.id, log);
  // What is left of a body is not read: the connection cannot be used for another request.
  if (!request.raw.complete) reply.header('connection', 'close');
  return answerError(reply, masked);
}
