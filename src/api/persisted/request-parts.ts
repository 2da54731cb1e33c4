import type { FastifyRequest } from 'fastify';
import { isJsonObject, type JsonObject, type JsonValue } from '../../scoring/json-value.js';
import type { PersistedOperations } from './persisted-operations.js';

/** Where a request to the API has its operation: a POST in its body, a GET in the query part of its address. */
export interface RequestParts {
  body: unknown;
  /** Begins with `?`, or is empty. */
  search: string;
}

/** The parts of a request as it came. */
export function partsOf({ body, url }: FastifyRequest): RequestParts {
  const start = url.indexOf('?');
  return { body, search: start < 0 ? '' : url.slice(start) };
}

/** Whether the operation of a request is to be looked up; what cannot be read at all is left to whoever answers it. */
export function isPersisted(persisted: PersistedOperations, method: string, parts: RequestParts): boolean {
  return persisted.concerns(method === 'GET' ? extensionsOf(parts.search) : bodyOf(parts)?.extensions);
}

/**
 * The request with the text of its operation, as if it had been sent in full.
 * @throws LeadpulseError as `PersistedOperations.textOf`.
 */
export function withText(persisted: PersistedOperations, method: string, parts: RequestParts): RequestParts {
  return method === 'GET' ? withTextInAddress(persisted, parts) : withTextInBody(persisted, parts);
}

function withTextInBody(persisted: PersistedOperations, parts: RequestParts): RequestParts {
  const body = bodyOf(parts);
  // Neither lists nor other media are answered; Apollo says so.
  if (!body || (body.query != null && typeof body.query !== 'string')) return { ...parts, body: undefined };
  const { query, extensions, ...rest } = body;
  const others = withoutReference(extensions);
  const text = persisted.textOf(query ?? '', extensions);
  return { ...parts, body: { ...rest, query: text, ...(others ? { extensions: others } : {}) } };
}

function withTextInAddress(persisted: PersistedOperations, parts: RequestParts): RequestParts {
  const given = new URLSearchParams(parts.search);
  const extensions = extensionsOf(parts.search);
  given.set('query', persisted.textOf(given.get('query') ?? '', extensions));
  const others = withoutReference(extensions);
  if (others) given.set('extensions', JSON.stringify(others));
  else given.delete('extensions');
  return { ...parts, search: `?${given}` };
}

function bodyOf({ body }: RequestParts): JsonObject | null {
  return isJsonObject(body) ? body : null;
}

function extensionsOf(search: string): JsonValue {
  const text = new URLSearchParams(search).get('extensions');
  if (text === null || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withoutReference(extensions: JsonValue | undefined): JsonObject | null {
  if (!isJsonObject(extensions)) return null;
  const { persistedQuery: _reference, ...others } = extensions;
  return Object.keys(others).length > 0 ? others : null;
}
