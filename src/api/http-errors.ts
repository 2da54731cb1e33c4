import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { LeadpulseError } from '../errors.js';
import { maskError } from './mask-error.js';
import type { Services } from './services.js';

const SERVER_FAULT = 500;

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

function answer(reply: FastifyReply, status: number, error: object): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [error] }));
}
