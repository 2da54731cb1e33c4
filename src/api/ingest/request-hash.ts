import { hash } from 'node:crypto';

/** What is not part of the content of a request. */
const LEFT_OUT = 'idempotencyKey';

/**
 * SHA-256 of a mutation's input as sent, by which the same idempotency key with other content is told. Objects are written in
 * the order of their keys, instants in UTC, so that neither matters.
 * @param kind of the mutation: a key belongs to one kind.
 * @param input as graphql coerced it; `idempotencyKey` itself is left out.
 * @param defaults fields that graphql fills in when they are absent: at these values they count as absent.
 */
export function requestHash(kind: string, input: object, defaults: Record<string, unknown> = {}): Uint8Array {
  const sent = Object.entries(input).filter(([key, value]) => key !== LEFT_OUT && defaults[key] !== value);
  return hash('sha256', `${kind}\n${canonical(Object.fromEntries(sent))}`, 'buffer');
}

function canonical(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join()}}`;
}
