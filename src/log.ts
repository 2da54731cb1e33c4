import { type DestinationStream, destination, type Logger, pino } from 'pino';

/** The structured log of the service: `log.info({ fields }, 'message')`. */
export type Log = Logger;

/** Levels of `LOG_LEVEL`, most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Standard error: standard output belongs to what the server tells a person when it has started. */
const STDERR = 2;
const REDACTED = '[redacted]';
const STACK_CHARS_MAX = 8_000;
const CAUSES_MAX = 5;

/** Fields that hold secrets or personal data; none of them is written, however it came into a log call. */
const PRIVATE_FIELDS = [
  'authorization',
  'cookie',
  'apiKey',
  'key',
  'password',
  'secret',
  'token',
  'email',
  'externalId',
  'anonymousId',
  'firstName',
  'lastName',
  'jobTitle',
  'company',
  'properties',
  'attributes',
  'variables',
  'parameters',
  'detail',
  'body',
];

/** A field is looked for on the logged object itself and up to this many objects further in. */
const PRIVATE_DEPTH = 2;

/**
 * The log: one JSON line an entry, instants in ISO 8601, on standard error. Secrets and personal data are left out: fields
 * by name, errors by keeping only what cannot hold a value that a caller sent.
 * @param level the least important level that is written.
 * @param output where the lines go; standard error when absent.
 */
export function createLog(level: LogLevel, output: DestinationStream = destination(STDERR)): Log {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: privatePaths(), censor: REDACTED },
      serializers: { err: describeError, error: describeError, req: describeRequest },
    },
    output,
  );
}

function privatePaths(): string[] {
  const prefixes = Array.from({ length: PRIVATE_DEPTH + 1 }, (_, depth) => '*.'.repeat(depth));
  return prefixes.flatMap((prefix) => PRIVATE_FIELDS.map((field) => prefix + field));
}

/** What the log keeps of an error. */
export interface LoggedError {
  type: string;
  message: string;
  code?: string;
  constraint?: string;
  table?: string;
  stack?: string;
  cause?: LoggedError;
}

/**
 * What the log keeps of an error. Drivers hang the statement's parameters and the offending row on theirs, and PostgreSQL
 * quotes the value in messages of class 22: none of that is kept, and addresses of people are cut out of the text.
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: maskText(String(error)) };
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown };
  const dataError = typeof code === 'string' && /^22.{3}$/.test(code);
  const clean = (text: string) => (dataError ? maskText(text).replace(/"[^"]*"/g, '"…"') : maskText(text));
  const described: LoggedError = { type: error.name, message: clean(error.message) };
  if (typeof code === 'string') described.code = code;
  if (typeof constraint === 'string') described.constraint = constraint;
  if (typeof table === 'string') described.table = table;
  if (error.stack) described.stack = clean(error.stack).slice(0, STACK_CHARS_MAX);
  if (error.cause !== undefined && depth < CAUSES_MAX)
    described.cause = describeError(error.cause, depth + 1);
  return described;
}

function maskText(text: string): string {
  return text.replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '[email]');
}

/** Of a request only the method and the path: addresses and query strings can name people. */
function describeRequest(request: { method?: string; url?: string }): { method?: string; path?: string } {
  return { method: request.method, path: request.url?.split('?', 1)[0] };
}
