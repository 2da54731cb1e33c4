import type { FastifyRequest } from 'fastify';
import type { SubscribePayload } from 'graphql-ws';
import { badInput, LeadpulseError } from '../../errors.js';
import { isJsonObject } from '../../scoring/json-value.js';

const EVENTS = 'text/event-stream';
const JSON_TYPES = ['application/json', 'application/graphql-response+json'];

/** Whether a request to the API wants its answer as server-sent events; who takes JSON as well gets JSON. */
export function wantsEventStream({ method, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'POST') return false;
  const accepted = (headers.accept ?? '').split(',').map((type) => type.split(';', 1)[0]?.trim());
  return accepted.includes(EVENTS) && !JSON_TYPES.some((type) => accepted.includes(type));
}

/**
 * Reads what is subscribed to: the JSON body of a POST, the address of a GET. A `Last-Event-ID`, which clients send when they
 * connect again, goes into the variable `after`.
 * @param bytesMax of the body.
 * @throws LeadpulseError BAD_USER_INPUT.
 */
export function readEventStreamRequest(request: FastifyRequest, bytesMax: number): SubscribePayload {
  const given = request.method === 'GET' ? fromAddress(request.url) : fromBody(request.body, bytesMax);
  const { query = '', operationName = null, variables = null, extensions = null } = given;
  if (typeof query !== 'string') throw fault('query', 'Give the text of a subscription.');
  if (operationName !== null && typeof operationName !== 'string')
    throw fault('operationName', 'Give a text.');
  if (variables !== null && !isJsonObject(variables)) throw fault('variables', 'Give a JSON object.');
  if (extensions !== null && !isJsonObject(extensions)) throw fault('extensions', 'Give a JSON object.');
  const lastEventId = request.headers['last-event-id'];
  const resumed = typeof lastEventId === 'string' && lastEventId !== '' ? { after: lastEventId } : {};
  return { query, operationName, variables: { ...variables, ...resumed }, extensions };
}

function fromAddress(url: string): Record<string, unknown> {
  const start = url.indexOf('?');
  const given = new URLSearchParams(start < 0 ? '' : url.slice(start));
  return {
    query: given.get('query') ?? undefined,
    operationName: given.get('operationName'),
    variables: parsed('variables', given.get('variables')),
    extensions: parsed('extensions', given.get('extensions')),
  };
}

function parsed(path: string, text: string | null): unknown {
  if (text === null || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw fault(path, 'This is no JSON.');
  }
}

function fromBody(body: unknown, bytesMax: number): Record<string, unknown> {
  if (!isJsonObject(body)) throw fault('body', 'Send a JSON object with a `query`.');
  if (Buffer.byteLength(JSON.stringify(body)) > bytesMax) {
    throw new LeadpulseError('BAD_USER_INPUT', `A subscription has at most ${bytesMax} bytes.`);
  }
  return body;
}

function fault(path: string, message: string): LeadpulseError {
  return badInput([{ path, message }]);
}
