import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { type ErrorCode, type FieldFault, LeadpulseError } from '../errors.js';
import type { Log } from '../log.js';

/** Codes that Apollo and graphql give to what is wrong with the request itself. */
const REQUEST_FAULT_CODES = new Set<unknown>([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
]);
const CAUSES_MAX = 5;
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more th\w+ \d+ tokens/;
/** `Variable "$input" got invalid value { ... } at "input.contact.email"; Expected ...`: the value may hold anything. */
const VARIABLE_FAULT =
  /^Variable "\$(\w+)" (?:got invalid value|has invalid value) [\s\S]*?(?: at "([^"]+)")?; ([^;]*)$/;
const VARIABLE_MISSING = /^Variable "\$(\w+)" of (?:required|non-null) type "[^"]+" (.+)$/;

/** PostgreSQL and network errors that pass by themselves: connection lost or refused, shutting down, too many connections. */
const UNAVAILABLE_CODES =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08\w{3}|57P0[123]|53300|55P03)$/;
const UNAVAILABLE_MESSAGES =
  /^(?:timeout exceeded when trying to connect|Connection terminated|Connection ended)/;

/**
 * What a client is told of an error: faults it caused or can act on with their code; of everything else the request id and
 * nothing more, with the cause in the log. The one place where errors leave the process, for HTTP and WebSocket alike.
 * @param error what graphql, Apollo or a resolver raised.
 */
export function maskError(error: unknown, requestId: string, log: Log): GraphQLFormattedError {
  const place = error instanceof GraphQLError ? { locations: error.locations, path: error.path } : {};
  const known = findKnown(error);
  if (known) {
    const { code, message, details } = known;
    return { message, ...place, extensions: { code, ...details } };
  }
  if (isUnavailable(error)) {
    log.warn({ err: causeOf(error), requestId }, 'a request failed because the database cannot be reached');
    const message = 'The service cannot reach its database at the moment; try again in a few seconds.';
    return { message, ...place, extensions: { code: 'UNAVAILABLE' satisfies ErrorCode, requestId } };
  }
  log.error({ err: causeOf(error), requestId }, 'a request failed');
  const message = `Something went wrong on our side; the log has the cause under request id ${requestId}.`;
  return { message, ...place, extensions: { code: 'INTERNAL', requestId } };
}

/** The fault of the caller behind the error, or null. */
function findKnown(error: unknown): LeadpulseError | null {
  let cause: unknown = error;
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof GraphQLError; depth += 1)
    cause = cause.originalError;
  if (cause instanceof LeadpulseError) return cause;
  return error instanceof GraphQLError && isRequestFault(error) ? requestFault(error) : null;
}

function isRequestFault(error: GraphQLError): boolean {
  if (REQUEST_FAULT_CODES.has(error.extensions.code)) return true;
  if (error.nodes?.length === 1 && error.nodes[0]?.kind === Kind.VARIABLE_DEFINITION) return true;
  // A variable that is missing inside a literal shows only when the field is executed.
  if (error.originalError instanceof GraphQLError) return error.message.startsWith('Argument "');
  // graphql's own complaints about a document or its variables come without a path.
  return error.originalError === undefined && error.path === undefined && error.extensions.code === undefined;
}

function requestFault(error: GraphQLError): LeadpulseError {
  const { message } = error;
  if (TOO_MANY_TOKENS.test(message)) {
    return new LeadpulseError(
      'TOO_COMPLEX',
      'The document is too long; send values as variables instead of writing them into it.',
    );
  }
  const field = variableFault(message);
  if (!field) return new LeadpulseError('BAD_USER_INPUT', message);
  return new LeadpulseError('BAD_USER_INPUT', `${field.path}: ${field.message}`, { fields: [field] });
}

/** Where a variable is wrong, as a path with dots, and what is wrong with it. */
function variableFault(message: string): FieldFault | null {
  const missing = VARIABLE_MISSING.exec(message);
  if (missing?.[1] && missing[2]) return { path: missing[1], message: missing[2] };
  const invalid = VARIABLE_FAULT.exec(message);
  if (!invalid?.[1] || !invalid[3]) return null;
  const path = (invalid[2] ?? invalid[1]).replace(/\[(\d+)\]/g, '.$1');
  return { path, message: invalid[3] };
}

function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? error.originalError : error;
}

/** True for errors of the database or the network that pass by themselves. */
export function isUnavailable(error: unknown): boolean {
  let cause: unknown = error;
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof Error; depth += 1) {
    const code: unknown = (cause as { code?: unknown }).code;
    if (typeof code === 'string' && UNAVAILABLE_CODES.test(code)) return true;
    if (UNAVAILABLE_MESSAGES.test(cause.message)) return true;
    cause = cause instanceof GraphQLError ? cause.originalError : cause.cause;
  }
  return false;
}
